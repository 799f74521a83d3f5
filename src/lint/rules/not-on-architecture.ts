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
    const { listed, covered: all } = coveredArchitectures(context);
    // Nothing is known of a profile that goes to any machine and was looked at on none.
    if (all.length === 0) return;
    for (const [index, rule] of context.profile.rules.entries()) {
      const names = [...rule.names, ...(rule.name === undefined ? [] : [rule.name])];
      if (names.length === 0) continue;
      // A rule for another machine most likely names that machine's calls: the tables of the others are then not read.
      const architectures = new Set([...conditionArchitectures(rule), ...all]);
      if (names.some((name) => hasCallOnAny(name, architectures))) continue;
      if (!names.every(isSyscallName)) continue;
      const [verb, noun] = names.length === 1 ? ['exists', 'call'] : ['exist', 'calls'];
      const pointer = context.pointerOf(index);
      if (!listed) {
        context.report({
          pointer,
          message: `the rule decides nothing on the hosts that lint looked at: ${listCalls(all)} ${all.length === 1 ? 'has' : 'have'} no ${listCalls(names)}`,
          hint: 'name the hosts that you mean with --arch; for these remove the rule',
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

function hasCallOnAny(name: string, architectures: Iterable<ArchName>): boolean {
  for (const arch of architectures) {
    if (directSyscallNumber(name, arch) !== undefined || multiplexedCall(name, arch) !== undefined)
      return true;
  }
  return false;
}

/** What the profile lists, for any host, and what it was looked at on. */
function coveredArchitectures({ profile, views }: LintContext): {
  readonly listed: boolean;
  readonly covered: readonly ArchName[];
} {
  const mapped = (profile.archMap ?? []).flatMap((entry) => [entry.architecture, ...entry.subArchitectures]);
  const listed = [...(profile.architectures ?? []), ...mapped];
  const names = listed.flatMap((each) => architectureByOciArch(each)?.name ?? []);
  const covered = [...new Set([...names, ...views.flatMap(({ policy }) => policy.architectures)])];
  return { listed: listed.length > 0, covered };
}

/** A rule for another machine says so itself. */
function conditionArchitectures({ includes }: ProfileRule): readonly ArchName[] {
  return (includes?.arches ?? []).flatMap((each) => findArchitecture(each)?.name ?? []);
}
