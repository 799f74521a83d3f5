/**
 * The call that an edit is about, and the arguments for which it is.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { argumentsOn } from '../abi/clone-arguments.ts';
import { isFlagSet, type KnownArgument } from '../abi/flag-sets.ts';
import { U32_MAX, U64_MAX } from '../abi/operators.ts';
import { testComparison } from '../decision/condition-diagrams.ts';
import { flagCondition } from '../decision/flag-condition.ts';
import { and, type Node, type Space, TRUE } from '../decision/space.ts';

/** A call, by the arguments that count; `undefined` or missing: any value. */
export interface EditedCall {
  /** Its name. */
  readonly syscall: string;
  /** By index, u64 or flags. */
  readonly args: readonly KnownArgument[];
  /** In whose order the arguments are: on s390 and s390x, the flags of clone come second. Absent: all others'. */
  readonly arch?: ArchName | undefined;
  /** By index, the bits of the arguments that count; `undefined` or missing: all. */
  readonly masks?: readonly (bigint | undefined)[] | undefined;
}

/** The given arguments, as an architecture compares them. */
export function givenOn(space: Space, call: EditedCall, arch: ArchName): Node {
  const { masks = [] } = call;
  const { bits } = architectures[arch];
  const all = bits === 32 ? U32_MAX : U64_MAX;
  const conditions = argumentsOn(call, call.arch ?? 'x86_64', arch).flatMap(
    (value, index): readonly Node[] => {
      if (value === undefined) return [];
      if (isFlagSet(value)) return [flagCondition(space, index, value)];
      const mask = (masks[index] ?? all) & all;
      return [testComparison(space, { index, op: 'maskedEq', value: mask, valueTwo: value & mask }, bits)];
    },
  );
  return conditions.reduce((sum, each) => and(space, sum, each), TRUE);
}

export function hasGiven({ args }: EditedCall): boolean {
  return args.some((value) => value !== undefined);
}

/** The call with any upper half of its arguments. */
export function lowerHalves({ masks = [], ...call }: EditedCall): EditedCall {
  return { ...call, masks: Array.from({ length: 6 }, (_, index) => (masks[index] ?? U32_MAX) & U32_MAX) };
}
