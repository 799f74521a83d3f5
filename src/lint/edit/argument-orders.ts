/**
 * The arguments of a call as rules compare them. Those of clone are in another order on s390: one rule for all architectures would
 * compare the flags on some, and a pointer on others.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { argumentsOn, cloneFlagsIndex } from '../../abi/clone-arguments.ts';
import { isFlagSet, type KnownArgument } from '../../abi/flag-sets.ts';
import { type Comparison, U64_MAX } from '../../abi/operators.ts';
import { conditionOf } from '../../compose/argument-rules.ts';
import type { EditedCall } from '../../compose/edited-call.ts';
import { flagCondition } from '../../decision/flag-condition.ts';
import { and, type Node, type Space } from '../../decision/space.ts';
import type { ProfileRule, RuleConditions } from '../../oci/profile.ts';

/** An order of arguments, and the condition of a rule that is for the architectures with this order alone. */
export interface ArgumentOrder {
  readonly args: readonly KnownArgument[];
  /** Absent: all architectures have this order. */
  readonly only?: { readonly key: 'includes' | 'excludes'; readonly arches: readonly string[] };
}

const swapped: readonly string[] = allArchitectures
  .filter(({ name }) => cloneFlagsIndex(name) === 1)
  .flatMap(({ goArch }) => goArch ?? []);

/** The orders that a call's arguments have on hosts. */
export function ordersOf(call: EditedCall, archs: readonly ArchName[]): readonly ArgumentOrder[] {
  const args = (arch: ArchName): readonly KnownArgument[] => argumentsOn(call, call.arch ?? 'x86_64', arch);
  const isSwapped = (arch: ArchName): boolean => cloneFlagsIndex(arch) === 1;
  if (call.syscall !== 'clone' || !archs.some(isSwapped)) return [{ args: args('x86_64') }];
  if (archs.every(isSwapped)) return [{ args: args('s390x') }];
  return [
    { args: args('x86_64'), only: { key: 'excludes', arches: swapped } },
    { args: args('s390x'), only: { key: 'includes', arches: swapped } },
  ];
}

/** Whether a rule can be used where the arguments are in this order, as far as its conditions name architectures. */
export function isForOrder({ includes, excludes }: ProfileRule, { only }: ArgumentOrder): boolean {
  if (only === undefined) return true;
  const named = includes?.arches ?? [];
  const isNamed = (arch: string): boolean => only.arches.includes(arch);
  if (only.key === 'excludes') return named.length === 0 || !named.every(isNamed);
  return (
    (named.length === 0 || named.some(isNamed)) &&
    !only.arches.every((arch) => excludes?.arches?.includes(arch) === true)
  );
}

/** The conditions of a rule, and that it is for the architectures of this order. */
export function forOrder(
  { includes, excludes }: Pick<ProfileRule, 'includes' | 'excludes'>,
  { only }: ArgumentOrder,
): { readonly includes?: RuleConditions; readonly excludes?: RuleConditions } {
  const conditions = {
    ...(includes === undefined ? {} : { includes }),
    ...(excludes === undefined ? {} : { excludes }),
  };
  if (only === undefined) return conditions;
  const { key, arches } = only;
  const named = includes?.arches ?? [];
  if (named.length > 0) {
    const own = named.filter((arch) => arches.includes(arch) === (key === 'includes'));
    return { ...conditions, includes: { ...includes, arches: own } };
  }
  const all = [...new Set([...(conditions[key]?.arches ?? []), ...arches])];
  return { ...conditions, [key]: { ...conditions[key], arches: all } };
}

/** The condition that a call has these arguments. @param mask - the bits of exact values that count */
export function conditionOfArguments(space: Space, args: readonly KnownArgument[], mask = U64_MAX): Node {
  const exact = args.flatMap((value, index): readonly Comparison[] =>
    value === undefined || isFlagSet(value) ? [] : [{ index, op: 'maskedEq', value: mask, valueTwo: value }],
  );
  return args.reduce<Node>(
    (sum, value, index) => (isFlagSet(value) ? and(space, sum, flagCondition(space, index, value)) : sum),
    conditionOf(space, exact),
  );
}
