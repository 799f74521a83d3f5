/**
 * Calls, outcomes and differences that callers want to compare or to print: each call checks what it is handed.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { Comparison } from '../abi/operators.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import {
  archName,
  maybe,
  seccompData,
  comparison as shapeOfComparison,
  takerFor,
  u64,
} from '../abi/value-shape.ts';
import type { ArgumentTest, Case } from './describe.ts';
import {
  type ArchDifference,
  type Change,
  hasRelation as uncheckedHasRelation,
  withRelations as uncheckedWithRelations,
} from './difference.ts';
import {
  formatCall as uncheckedFormatCall,
  formatComparison as uncheckedFormatComparison,
  formatOutcome as uncheckedFormatOutcome,
  formatTest as uncheckedFormatTest,
  formatTests as uncheckedFormatTests,
  formatValue as uncheckedFormatValue,
  type Words,
} from './format-call.ts';
import {
  argumentTest,
  change as shapeOfChange,
  differences as shapeOfDifferences,
  outcome as shapeOfOutcome,
  words as shapeOfWords,
  tests,
} from './outcome-shape.ts';
import { type Relation, compareOutcomes as uncheckedCompareOutcomes } from './relate.ts';
import type { Outcome } from './space.ts';
import { relations } from './space-shape.ts';

const maybeArch = maybe(archName);
const maybeWords = maybe(shapeOfWords);

/**
 * Writes a call: `x86_64 socket(AF_VSOCK (40), 0, 0)`. It shows as many arguments as the call has, and the instruction pointer if
 * it is not 0.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatCall(call: SeccompData): string {
  const take = takerFor('formatCall');
  return uncheckedFormatCall(take('call', seccompData, call));
}

/**
 * Writes a comparison: `arg0 == 40`, `arg1 & 0x7e020000 == 0`.
 *
 * @param words - how values are written; default: numbers without names
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatComparison(comparison: Comparison, words?: Words): string {
  const take = takerFor('formatComparison');
  return uncheckedFormatComparison(
    take('comparison', shapeOfComparison, comparison),
    take('words', maybeWords, words),
  );
}

/**
 * Writes an outcome: `ERRNO EPERM (1)`; of a conflict all actions.
 *
 * @param arch - of the call: some number errors differently; default: x86's, which most have
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatOutcome(outcome: Outcome, arch?: ArchName): string {
  const take = takerFor('formatOutcome');
  return uncheckedFormatOutcome(take('outcome', shapeOfOutcome, outcome), take('arch', maybeArch, arch));
}

/**
 * Writes a test: `arg0 == 0x28`, `arg0 >= 0x29`, `low half of arg1 one of 2..5, 8`; masks as `arg0 & 0xff == 1`.
 *
 * @param words - how values are written; default: numbers without names
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatTest(test: ArgumentTest, words?: Words): string {
  const take = takerFor('formatTest');
  return uncheckedFormatTest(take('test', argumentTest, test), take('words', maybeWords, words));
}

/**
 * Writes the tests of a case, joined by `and`; without any `always`.
 *
 * @param words - how values are written; default: numbers without names
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatTests(of: Pick<Case, 'tests'>, words?: Words): string {
  const take = takerFor('formatTests');
  return uncheckedFormatTests(take('of', tests, of), take('words', maybeWords, words));
}

/**
 * Writes a value of an argument: numbers below 4096 in decimal, others in hexadecimal.
 *
 * @param value - u64
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatValue(value: bigint): string {
  const take = takerFor('formatValue');
  return uncheckedFormatValue(take('value', u64, value));
}

/**
 * How the second outcome stands to the first: `equal` also if the second does one of the things that a conflict allows.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function compareOutcomes(first: Outcome, second: Outcome): Relation | 'equal' {
  const take = takerFor('compareOutcomes');
  return uncheckedCompareOutcomes(
    take('first', shapeOfOutcome, first),
    take('second', shapeOfOutcome, second),
  );
}

/**
 * Whether a change contains one of the relations, for some arguments.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function hasRelation(change: Change, wanted: readonly Relation[]): boolean {
  const take = takerFor('hasRelation');
  return uncheckedHasRelation(take('change', shapeOfChange, change), take('wanted', relations, wanted));
}

/**
 * Differences reduced to the changes that contain one of the relations.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function withRelations(
  differences: readonly ArchDifference[],
  wanted: readonly Relation[],
): readonly ArchDifference[] {
  const take = takerFor('withRelations');
  return uncheckedWithRelations(
    take('differences', shapeOfDifferences, differences),
    take('wanted', relations, wanted),
  );
}
