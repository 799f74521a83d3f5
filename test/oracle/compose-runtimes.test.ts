/**
 * An intersection in the kernel: what a runtime installs for it is what the two filters do together that it installs for the
 * inputs, read back from live containers. And the way back: the filter of a live container, decompiled, is installed again as
 * the same filter.
 */
import { expect, it } from 'vitest';
import { decodeProgram } from '../../src/bpf/program.ts';
import { intersectProfiles, synthesizeProfile } from '../../src/compose/index.ts';
import { decidePrograms } from '../../src/decision/answer-call.ts';
import { type ArchDifference, findDifferences } from '../../src/decision/difference.ts';
import { createSpace } from '../../src/decision/space.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { installedRuntimes } from './libraries.ts';
import { describeWith } from './support/require.ts';
import { exactJson, installedFilters } from './support/runtime.ts';

const host = { arch: 'x86_64', kernel: { kernel: 6, major: 18 }, capabilities: ['CAP_SYS_CHROOT'] } as const;

function resolved(profile: Profile): LinuxSeccomp {
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  return seccomp;
}

const inputs = [builtinProfiles['docker-default'](), builtinProfiles['podman-default']()] as const;

describeWith(
  ['root', 'x86_64', 'busybox', 'cc', 'ptrace', 'runc', 'crun'],
  'the intersection of docker-default and podman-default (root, ptrace)',
  () => {
    const own = installedRuntimes().filter(({ origin }) => origin === 'system');
    it.each(own)('starts under $name, and does what both do together', (runtime) => {
      const installed = (profile: Profile) => {
        const { filters, error } = installedFilters(runtime, exactJson(resolved(profile)));
        expect(error).toBeUndefined();
        expect(filters).toHaveLength(1);
        return {
          program: decodeProgram(filters[0] ?? new Uint8Array(), 'little'),
          endian: 'little' as const,
        };
      };
      const space = createSpace();
      // The kernel takes the newest filter's errno: the first profile's.
      const both = decidePrograms(space, [installed(inputs[1]), installed(inputs[0])]);
      const found = decidePrograms(space, [installed(intersectProfiles(inputs).profile)]);
      const changes = findDifferences(space, both, found).flatMap((each) => each.changes);
      if (runtime.name === 'crun') expect(changes).toEqual([]);
      // runc's ENOSYS begins where the names of a profile end.
      else expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['different']));
    });
  },
);

const { syscalls: usual = [] } = resolved(inputs[0]);

/** Allows what a start needs, with ENOSYS for the rest as runc's stub has it, and two rules to find again. */
const allowList: LinuxSeccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['personality'], action: 'SCMP_ACT_ERRNO', errnoRet: 22 },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 16n, op: 'SCMP_CMP_NE' }] },
    ...usual
      .filter(({ action, args = [] }) => action === 'SCMP_ACT_ALLOW' && args.length === 0)
      .map(({ names, action }) => ({ names: names.filter((name) => name !== 'socket'), action })),
  ],
};

const denyList: LinuxSeccomp = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['bpf', 'kcmp'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
};

const said = (differences: readonly ArchDifference[]): readonly string[] =>
  differences.flatMap(({ arch, changes }) =>
    changes.flatMap(({ numbers }) => numbers.map(({ name, from }) => `${arch} ${name ?? from}`)),
  );

describeWith(
  ['root', 'x86_64', 'busybox', 'cc', 'ptrace', 'runc', 'crun'],
  'the filter of a live container, decompiled (root, ptrace)',
  () => {
    const own = installedRuntimes().filter(({ origin }) => origin === 'system');
    it.each(own)('is installed again by $name, but for what decompile says is lost', (runtime) => {
      const space = createSpace();
      const installed = (seccomp: LinuxSeccomp) => {
        const { filters, error } = installedFilters(runtime, exactJson(seccomp));
        expect(error).toBeUndefined();
        const [filter = new Uint8Array()] = filters;
        return decidePrograms(space, [{ program: decodeProgram(filter, 'little'), endian: 'little' }]);
      };
      const lostOf = (source: LinuxSeccomp): readonly string[] => {
        const before = installed(source);
        const { profile, lost } = synthesizeProfile(space, before, { allowStricter: true });
        const told = said(lost);
        const found = said(findDifferences(space, before, installed(resolved(profile))));
        expect(found.filter((each) => !told.includes(each))).toEqual([]);
        return told;
      };
      expect(lostOf(allowList)).toEqual([]);
      expect(lostOf(denyList)).toEqual([]);
      // libseccomp gives x32 no number for a call that it knows elsewhere, and a rule is for all architectures.
      for (const input of inputs) expect(lostOf(resolved(input)).length).toBeLessThan(20);
    });
  },
);
