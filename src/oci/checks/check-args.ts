/**
 * Checks on comparisons of arguments.
 * @module
 */
import { canHoldTogether, isFlagTest, isSwapped, oneAlwaysHolds } from '../../abi/comparison-sets.ts';
import { type Comparison, operatorByOciOperator, U64_MAX } from '../../abi/operators.ts';
import { precedenceOf } from '../../abi/return-word.ts';
import { runtimesThat } from '../../consumers.ts';
import { integerOf, type Located, type ObjectView, objectsOf, textOf } from '../object-view.ts';
import { actionOf, type CheckContext, on, onKey } from './check-context.ts';
import { checkInteger, cut } from './check-numbers.ts';
import { isSameAsDefault } from './check-rules.ts';

/** Arguments a system call has. */
const ARGS = 6;

/** Runs all checks of this file. */
export function checkArgs(context: CheckContext): void {
  for (const rule of context.rules) {
    const args = objectsOf(rule, 'args', context.dialect);
    const isSkipped = isSameAsDefault(rule, context);
    for (const [i, arg] of args.entries()) {
      checkIndex(arg, { i, isSkipped }, context);
      checkValues(arg, context);
    }
    if (!isSkipped) checkRepeated(rule, args, context);
    const seventh = args[ARGS];
    if (seventh === undefined) continue;
    const message = `the rule has ${args.length} comparisons; crun reads only the first ${ARGS}`;
    context.report({ code: 'too-many-args', ...on(seventh), message });
  }
}

interface InRule {
  readonly i: number;
  /** The rule equals the default: runtimes look at none of its comparisons (tried on runc 1.1.5 and crun 1.8.1). */
  readonly isSkipped: boolean;
}

function checkIndex(arg: ObjectView, { i, isSkipped }: InRule, context: CheckContext): void {
  const field = arg.fields.get('index');
  const index = field === undefined ? 0n : checkInteger(arg, 'index', 'index-out-of-range', context);
  if (index === undefined) return;
  if (index >= ARGS) {
    const message = `a system call has the arguments 0 to 5, not ${cut(String(index))}`;
    // crun never looks at a seventh comparison.
    const readAll = () => runtimesThat((traits) => traits.comparisonsRead === undefined);
    const rejectedBy = isSkipped ? [] : i < ARGS ? undefined : readAll();
    context.report({ code: 'index-out-of-range', ...on(field ?? arg), message, rejectedBy });
  }
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
    return;
  }
  checkMask(arg, { op: 'maskedEq', value, valueTwo: valueTwo ?? 0n }, context);
}

function checkMask(
  arg: ObjectView,
  { value, valueTwo, op }: Pick<Comparison, 'op' | 'value' | 'valueTwo'>,
  context: CheckContext,
): void {
  const [mask, wanted] = partNames(context);
  const parts = `${mask} is the mask, and ${wanted} is what the masked argument must equal`;
  if (isSwapped({ op, value, valueTwo })) {
    const message = `mask and value are swapped: ${mask} ${hex(value)} is the mask, ${wanted} ${hex(valueTwo)} is what the masked argument must equal`;
    const hint =
      context.dialect === 'lxc'
        ? 'write [INDEX,VALUE,&=,MASK], with the mask last'
        : `swap the two: "value": ${valueTwo}, "valueTwo": ${value}`;
    const at = arg.fields.get('value') ?? arg;
    context.report({ code: 'mask-swapped', ...on(at), message, hint, rejectedBy: [] });
  } else if (value === 0n) {
    const message = 'the mask is 0: the comparison always holds';
    context.report({ code: 'mask-zero', ...onKey(arg, 'value'), message, hint: parts });
  } else if ((valueTwo & ~value) !== 0n) {
    const dropped = hex(valueTwo & ~value & U64_MAX);
    const message = `the bits ${dropped} of ${wanted} are outside the mask and are dropped`;
    context.report({ code: 'value-outside-mask', ...onKey(arg, 'valueTwo'), message, hint: parts });
  }
}

/** What the author calls the two numbers of a masked comparison. */
function partNames({ dialect }: CheckContext): readonly [mask: string, wanted: string] {
  return dialect === 'lxc' ? ['the last number', 'the second number'] : ['"value"', '"valueTwo"'];
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

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** A comparison as far as it can be read, with the place of its index. */
interface Indexed extends Pick<Comparison, 'op' | 'value' | 'valueTwo'> {
  readonly index: bigint;
  readonly at: Located;
}

/**
 * If one argument is compared twice, runtimes make a rule of each comparison, and any of them is enough. Comparisons that
 * exclude each other (`arg0 == 1`, `arg0 == 2`) were meant so; others were probably meant to hold together.
 */
function checkRepeated(rule: ObjectView, args: readonly ObjectView[], context: CheckContext): void {
  const indexed = args.flatMap(readComparison);
  // What cannot be read has a problem of its own.
  if (indexed.length < args.length) return;
  const second = indexed.find(({ index }, i) => indexed.slice(0, i).some((each) => each.index === index));
  if (second === undefined || !areMeantTogether(indexed, isOpening(rule, context))) return;
  const message = `argument ${second.index} is compared twice: the rule matches if any one of its comparisons holds, not only if all do`;
  const hint =
    'write a rule for each value or range that you mean, or one comparison with SCMP_CMP_MASKED_EQ for several flags';
  context.report({ code: 'repeated-index', ...on(second.at), message, hint, rejectedBy: [] });
}

function readComparison(arg: ObjectView): readonly Indexed[] {
  const op = operatorByOciOperator(textOf(arg, 'op')?.value ?? '')?.operator;
  const [index, value, valueTwo] = (['index', 'value', 'valueTwo'] as const).map((key) =>
    arg.fields.has(key) ? integerOf(arg, key) : 0n,
  );
  if (op === undefined || index === undefined || value === undefined || valueTwo === undefined) return [];
  if (index < 0n || index >= ARGS || [value, valueTwo].some((each) => each < 0n || each > U64_MAX)) return [];
  return [{ op, index, value, valueTwo, at: arg.fields.get('index') ?? arg }];
}

function areMeantTogether(comparisons: readonly Indexed[], opening: boolean): boolean {
  const [first] = comparisons;
  if (comparisons.some(({ index }) => index !== first?.index)) return true;
  if (!canHoldTogether(comparisons)) return false;
  return oneAlwaysHolds(comparisons) || (opening && comparisons.every(isFlagTest));
}

/** Whether the rule lets through calls that are otherwise denied. */
function isOpening(rule: ObjectView, { profile }: CheckContext): boolean {
  const [own, other] = [actionOf(rule, 'action'), actionOf(profile, 'defaultAction')];
  return own !== undefined && other !== undefined && precedenceOf(own.word) > precedenceOf(other.word);
}
