/**
 * Filters for a big-endian machine, compiled on this one: their return words are repaired (src/compile/foreign-returns.ts).
 * The same libseccomp run on that machine, by emulation, exports the same bytes.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { builtinProfiles } from 'oci-seccomp';
import { encodeProgram } from 'oci-seccomp/bpf';
import { type CompiledFilter, compilePolicy, librarySyscallTable } from 'oci-seccomp/compile';
import { openLibrary } from 'oci-seccomp/libseccomp';
import { lowerProfile, type Policy } from 'oci-seccomp/policy';
import { expect, it } from 'vitest';
import { findUnpacked } from '../../tools/debian-cache.ts';
import { randomSet } from '../../tools/defects/random-sets.ts';
import { policyOf, scriptOf, setOf } from '../../tools/defects/rule-set.ts';
import { emulatedRoot, libraryByVersion } from './libraries.ts';
import { toHex } from './support/native.ts';
import { resolved } from './support/ours.ts';
import { describeWith } from './support/require.ts';

/** Debian 12's, here and there. */
const version = '2.5.4';

/** What libseccomp exports for each policy on an s390x machine, hexadecimal digits. */
function exportThere(policies: readonly Policy[]): readonly string[] {
  const root = emulatedRoot('s390x') ?? '';
  const library = findUnpacked(root, 'libseccomp.so.2') ?? '';
  const script = `${import.meta.dirname}/support/libseccomp-build.py`;
  const input = policies.map((policy) => scriptOf(setOf(policy), 's390x')).join('');
  const args = ['-L', root, join(root, 'usr/bin/python3.11'), script, library];
  const { status, stdout, stderr } = spawnSync('qemu-s390x-static', args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`libseccomp-build.py: ${stderr}`);
  return stdout.trimEnd().split('\n');
}

function hexOf({ program, endian }: CompiledFilter): string {
  return toHex(encodeProgram(program, endian));
}

describeWith(
  ['built', 'x86_64', 'libseccomp 2.5.4', 'libseccomp on s390x', 'qemu-s390x-static'],
  'a filter for s390x',
  () => {
    const library = libraryByVersion(version)?.path ?? '';
    const table = librarySyscallTable(openLibrary(library));

    it.each(['docker-default', 'podman-default'] as const)('%s: the bytes of that machine', async (name) => {
      const seccomp = resolved(builtinProfiles[name](), 's390x');
      for (const runtime of ['plain', 'runc']) {
        // The stub is not libseccomp's.
        const lowered = lowerProfile(seccomp, { runtime, arch: 's390x', table }).policy;
        const policy: Policy = { ...lowered, enosysStub: undefined };
        const here = hexOf(await compilePolicy(policy, { library, allowUnproven: true }));
        expect([here]).toEqual(exportThere([policy]));
        expect(here.length / 16).toBeGreaterThan(600);
      }
    });

    it('200 random rule sets of one comparison a rule: the bytes of that machine', async () => {
      const policies = Array.from({ length: 200 }, (_, i) => {
        const set = randomSet(390, i, { architectures: i % 2 === 0 ? ['s390x'] : ['s390x', 's390'] });
        const rules = set.rules.map((rule, at) => ({
          ...rule,
          syscall: ['getppid', 'getuid', 'getgid', 'read'][at] ?? 'read',
        }));
        return policyOf({ ...set, rules }, table);
      });
      const here: string[] = [];
      for (const policy of policies)
        here.push(hexOf(await compilePolicy(policy, { library, allowUnproven: true })));
      expect(here).toEqual(exportThere(policies));
      expect(new Set(here).size).toBeGreaterThan(150);
    });
  },
);
