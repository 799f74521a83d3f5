/**
 * Checks on comparisons of arguments.
 * @module
 */
import { operatorByOciOperator, U64_MAX } from '../../abi/operators.ts';
import { type ObjectView, objectsOf, textOf } from '../object-view.ts';
import { type CheckContext, on, onKey } from './check.ts';
import { checkInteger, cut } from './check-numbers.ts';
import { isSameAsDefault } from './check-rules.ts';

/** Arguments a system call has. */
const ARGS = 6;

/** Runs all checks of this file. */
export function checkArgs(context: CheckContext): void {
  for (const rule of context.rules) {
    const args = objectsOf(rule, 'args', context.dialect);
    const seen = new Set<bigint>();
    const isSkipped = isSameAsDefault(rule, context);
    for (const [i, arg] of args.entries()) {
      checkIndex(arg, { i, seen, isSkipped }, context);
      checkValues(arg, context);
    }
    const seventh = args[ARGS];
    if (seventh === undefined) continue;
    const message = `the rule has ${args.length} comparisons; crun reads only the first ${ARGS}`;
    context.report({ code: 'too-many-args', ...on(seventh), message });
  }
}

interface InRule {
  readonly i: number;
  /** Indices of the comparisons before. */
  readonly seen: Set<bigint>;
  /** Tried on runc 1.1.5 and crun 1.8.1: of a rule that equals the default they look at no comparison. */
  readonly isSkipped: boolean;
}

function checkIndex(arg: ObjectView, { i, seen, isSkipped }: InRule, context: CheckContext): void {
  const field = arg.fields.get('index');
  const index = field === undefined ? 0n : checkInteger(arg, 'index', 'index-out-of-range', context);
  if (index === undefined) return;
  if (index >= ARGS) {
    const message = `a system call has the arguments 0 to 5, not ${cut(String(index))}`;
    // crun never looks at a seventh comparison.
    const rejectedBy = isSkipped ? [] : i < ARGS ? undefined : (['runc', 'youki'] as const);
    context.report({ code: 'index-out-of-range', ...on(field ?? arg), message, rejectedBy });
    return;
  }
  if (seen.has(index)) {
    const message = `argument ${index} is compared twice: the rule now matches if any one of its comparisons holds, not only if all do`;
    const hint = 'write a rule for each comparison, or one comparison with SCMP_CMP_MASKED_EQ';
    context.report({ code: 'repeated-index', ...on(field ?? arg), message, hint });
  }
  seen.add(index);
}

function checkValues(arg: ObjectView, context: CheckContext): void {
  const value = checkU64(arg, 'value', context);
  const valueTwo = checkU64(arg, 'valueTwo', context);
  const operator = operatorByOciOperator(textOf(arg, 'op')?.value ?? '');
  if (operator === undefined || value === undefined) return;
  if (operator.operator !== 'maskedEq') {
    if (valueTwo === undefined || valueTwo === 0n) return;
    const message = `${operator.ociOperator} compares with "value" alone; "valueTwo" is ignored`;
    context.report({ code: 'value-two-ignored', ...onKey(arg, 'valueTwo'), message });
  } else if (value === 0n) {
    const hint = '"value" is the mask, and "valueTwo" is what the masked argument must equal';
    const message = 'the mask is 0: the comparison always holds';
    context.report({ code: 'mask-zero', ...onKey(arg, 'value'), message, hint });
  } else if (valueTwo !== undefined && (valueTwo & ~value) !== 0n) {
    const dropped = `0x${(valueTwo & ~value & U64_MAX).toString(16)}`;
    const message = `the bits ${dropped} of "valueTwo" are outside the mask and are dropped`;
    const hint = '"value" is the mask, and "valueTwo" is what the masked argument must equal';
    context.report({ code: 'value-outside-mask', ...onKey(arg, 'valueTwo'), message, hint });
  }
}

/** @returns 0 for an absent key, as every decoder takes it */
function checkU64(arg: ObjectView, key: 'value' | 'valueTwo', context: CheckContext): bigint | undefined {
  const field = arg.fields.get(key);
  if (field === undefined) return 0n;
  const value = checkInteger(arg, key, 'value-out-of-range', context);
  if (value === undefined || value <= U64_MAX) return value;
  const message = `${cut(String(value))} does not fit into 64 bits`;
  context.report({ code: 'value-out-of-range', ...on(field), message });
  return undefined;
}
