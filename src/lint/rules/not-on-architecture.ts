/**
 * No call of a rule exists on the architectures of the profile: a list for one machine was used for another. Of a
 * profile without a list, which goes to any machine, those that lint looks at.
 * @module
 */
import { type ArchName, architectureByOciArch } from '../../abi/architectures.ts';
import { findArchitecture } from '../../abi/find-architecture.ts';
import { directSyscallNumber, isSyscallName, multiplexedCall } from '../../abi/syscall-numbers.ts';
import type { ProfileRule } from '../../oci/profile.ts';
import { listCalls } from '../ask/denied-calls.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const notOnArchitecture = builtinRule({
  id: 'not-on-architecture',
  group: 'breakage',
  level: 'warn',
  title: 'No call of a rule exists on the architectures of the profile',
  check: (context) => {
    const { listed, seen, covered: all } = coveredArchitectures(context);
    // Nothing is known of a profile that goes to any machine and was looked at on none.
    if (all.length === 0) return;
    for (const [index, rule] of context.profile.rules.entries()) {
      const names = rule.name === undefined ? rule.names : [...rule.names, rule.name];
      if (names.length === 0) continue;
      // A rule for another machine most likely names that machine's calls: the tables of the others are then not read.
      if ([seen, conditionArchitectures(rule), all].some((some) => hasAny(names, some))) continue;
      if (!names.every(isSyscallName)) continue;
      const [verb, noun] = names.length === 1 ? ['exists', 'call'] : ['exist', 'calls'];
      const pointer = context.pointerOf(index);
      if (!listed) {
        context.report({
          pointer,
          message: `the rule decides nothing on the hosts that lint looked at: ${listCalls(all)} ${all.length === 1 ? 'has' : 'have'} no ${listCalls(names)}`,
          hint: 'name the hosts that you mean with --arch, or remove the rule',
          level: 'note',
        });
        continue;
      }
      context.report({
        pointer,
        message: `the rule does nothing: ${listCalls(names)} ${verb} on no architecture of the profile`,
        hint: `name the ${noun} that these architectures have instead, or list the architecture that was meant`,
      });
    }
  },
});

/** Whether any of some calls exists on any of some architectures. */
function hasAny(names: readonly string[], some: readonly ArchName[]): boolean {
  return names.some((name) =>
    some.some(
      (arch) => directSyscallNumber(name, arch) !== undefined || multiplexedCall(name, arch) !== undefined,
    ),
  );
}

/** What the profile lists, for any host, and what it was looked at on. */
function coveredArchitectures({ profile, views }: LintContext): {
  readonly listed: boolean;
  /** Their tables of calls are read already. */
  readonly seen: readonly ArchName[];
  readonly covered: readonly ArchName[];
} {
  const mapped = (profile.archMap ?? []).flatMap((entry) => [entry.architecture, ...entry.subArchitectures]);
  const listed = [...(profile.architectures ?? []), ...mapped];
  const names = listed.flatMap((each) => architectureByOciArch(each)?.name ?? []);
  const seen = views.flatMap(({ policy }) => policy.architectures);
  return { listed: listed.length > 0, seen, covered: [...new Set([...names, ...seen])] };
}

/** A rule for another machine says so itself. */
function conditionArchitectures({ includes }: ProfileRule): readonly ArchName[] {
  return (includes?.arches ?? []).flatMap((each) => findArchitecture(each)?.name ?? []);
}
