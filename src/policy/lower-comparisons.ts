/**
 * Comparisons of a rule as a runtime hands them on.
 * @module
 */
import { type Comparison, ociOperators, operatorByOciOperator, U64_MAX } from '../abi/operators.ts';
import type { LinuxSeccompArg } from '../oci/linux-seccomp.ts';
import type { LowerStep } from './lower-step.ts';
import { refusal } from './refusal.ts';
import { describeRuntime, type Runtime } from './runtimes.ts';

interface ComparisonContext {
  readonly runtime: Runtime;
  readonly steps: LowerStep[];
}

/** The comparisons of a rule as lists, each to be added as a rule: one list, or one for each comparison if an argument repeats. */
export function splitComparisons(
  args: readonly LinuxSeccompArg[],
  rule: number,
  context: ComparisonContext,
): readonly (readonly Comparison[])[] {
  const { comparisonsRead } = context.runtime.traits;
  const read = comparisonsRead === undefined ? args : args.slice(0, comparisonsRead);
  if (read.length < args.length) {
    const message = `read the first ${read.length} of ${args.length} comparisons; the others have no effect`;
    context.steps.push({ kind: 'comparisons-dropped', rule, message });
  }
  const comparisons = read.map((arg) => lowerComparison(arg, rule, context));
  if (!repeatsArgument(comparisons)) return [comparisons];
  const message =
    'an argument is compared twice: each comparison became its own rule (any one of them is enough)';
  context.steps.push({ kind: 'repeated-argument', rule, message });
  return comparisons.map((comparison) => [comparison]);
}

function repeatsArgument(comparisons: readonly Comparison[]): boolean {
  return new Set(comparisons.map(({ index }) => index)).size < comparisons.length;
}

function lowerComparison(arg: LinuxSeccompArg, rule: number, context: ComparisonContext): Comparison {
  const row = operatorByOciOperator(arg.op);
  if (row === undefined) {
    throw refusal(
      context,
      `does not know the operator '${arg.op}'`,
      rule,
      `use one of ${ociOperators.join(', ')}`,
    );
  }
  if (!Number.isInteger(arg.index) || arg.index < 0 || arg.index > 5) {
    throw refusal(context, `has no argument ${arg.index}: system calls have arguments 0..5`, rule);
  }
  const { index, value, valueTwo = 0n } = arg;
  for (const datum of [value, valueTwo]) {
    if (datum < 0n || datum > U64_MAX)
      throw refusal(context, `cannot compare with ${datum}: not a uint64`, rule);
  }
  if (row.operator !== 'maskedEq' || !context.runtime.traits.swapsMaskedEq) {
    return { index, op: row.operator, value, valueTwo };
  }
  const message = `${describeRuntime(context.runtime)} swaps mask and value of MASKED_EQ: it compares with mask ${valueTwo}`;
  context.steps.push({ kind: 'mask-swapped', rule, message });
  return { index, op: row.operator, value: valueTwo, valueTwo: value };
}
