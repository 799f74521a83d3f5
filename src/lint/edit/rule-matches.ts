/**
 * Whether the comparisons of a rule can hold.
 * @module
 */
import { type Comparison, operatorByOciOperator } from '../../abi/operators.ts';
import type { ProfileArg, ProfileRule } from '../../oci/profile.ts';

/**
 * Whether a rule's comparisons can hold for a call with the given values. If a rule compares an argument twice, runtimes
 * ask for one of its comparisons, not for all.
 */
export function mayMatch({ args = [] }: ProfileRule, given: readonly Comparison[]): boolean {
  if (args.length === 0) return true;
  const isPossible = (own: ProfileArg): boolean =>
    given.every(({ index, value }) => own.index !== index || holds(own, value));
  const isRepeated = new Set(args.map(({ index }) => index)).size < args.length;
  return isRepeated ? args.some(isPossible) : args.every(isPossible);
}

function holds({ op, value, valueTwo = 0n }: ProfileArg, given: bigint): boolean {
  switch (operatorByOciOperator(op)?.operator) {
    case 'ne':
      return given !== value;
    case 'lt':
      return given < value;
    case 'le':
      return given <= value;
    case 'eq':
      return given === value;
    case 'ge':
      return given >= value;
    case 'gt':
      return given > value;
    case 'maskedEq':
      return (given & value) === (valueTwo & value);
    default:
      return true;
  }
}
