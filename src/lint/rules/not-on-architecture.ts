/**
 * A rule none of whose calls exists on the architectures of the profile: a list for one machine that went to another.
 * @module
 */
import { type ArchName, architectureByOciArch, findArchitecture } from '../../abi/architectures.ts';
import { allSyscallNames, directSyscallNumber, multiplexedCall } from '../../abi/syscalls.ts';
import type { ProfileRule } from '../../oci/profile.ts';
import { listCalls } from '../ask/denied-calls.ts';
import type { LintContext } from '../engine/context.ts';
import { builtinRule } from '../engine/rule.ts';

export const notOnArchitecture = builtinRule({
  id: 'not-on-architecture',
  group: 'breakage',
  level: 'warn',
  title: 'No call of a rule exists on the architectures of the profile',
  check: (context) => {
    const all = coveredArchitectures(context);
    // A profile without a list goes to any machine.
    if (all === undefined) return;
    const known = new Set(allSyscallNames());
    for (const [index, rule] of context.profile.rules.entries()) {
      const names = [...rule.names, ...(rule.name === undefined ? [] : [rule.name])];
      if (names.length === 0 || names.some((name) => !known.has(name))) continue;
      const architectures = [...all, ...conditionArchitectures(rule)];
      if (names.some((name) => architectures.some((arch) => hasCall(name, arch)))) continue;
      const [verb, noun] = names.length === 1 ? ['exists', 'call'] : ['exist', 'calls'];
      context.report({
        pointer: context.pointerOf(index),
        message: `the rule does nothing: ${listCalls(names)} ${verb} on no architecture of the profile`,
        hint: `name the ${noun} that these architectures have instead, or list the architecture that was meant`,
      });
    }
  },
});

function hasCall(name: string, arch: ArchName): boolean {
  return directSyscallNumber(name, arch) !== undefined || multiplexedCall(name, arch) !== undefined;
}

/** What the profile lists, for any host, and what it was looked at on; `undefined`: it lists none. */
function coveredArchitectures({ profile, views }: LintContext): readonly ArchName[] | undefined {
  const mapped = (profile.archMap ?? []).flatMap((entry) => [entry.architecture, ...entry.subArchitectures]);
  const listed = [...(profile.architectures ?? []), ...mapped];
  if (listed.length === 0) return undefined;
  const names = listed.flatMap((each) => architectureByOciArch(each)?.name ?? []);
  return [...new Set([...names, ...views.flatMap(({ policy }) => policy.architectures)])];
}

/** A rule for another machine says so itself. */
function conditionArchitectures({ includes }: ProfileRule): readonly ArchName[] {
  return (includes?.arches ?? []).flatMap((each) => findArchitecture(each)?.name ?? []);
}
