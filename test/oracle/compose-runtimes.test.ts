/**
 * An intersection in the kernel: what a runtime installs for it is what the two filters do together that it installs for the
 * inputs, read back from live containers.
 */
import { expect, it } from 'vitest';
import { decodeProgram } from '../../src/bpf/program.ts';
import { intersectProfiles } from '../../src/compose/index.ts';
import { decidePrograms } from '../../src/decision/answer-call.ts';
import { findDifferences } from '../../src/decision/difference.ts';
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
