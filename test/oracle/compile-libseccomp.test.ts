/**
 * Cross-compiling: for every architecture and every libseccomp, `compile` gives what direct C calls give.
 *
 * `libseccomp-build` makes the calls; the script comes from the runtimes' rules, written a second time in
 * `support/direct.ts`. runc's ENOSYS stub is taken off; its contents are the business of the runtime tests.
 */
import { allArchitectures, formatVersion, openLibrary } from 'oci-seccomp';
import { describe, expect, it } from 'vitest';
import { installedLibraries } from './libraries.ts';
import { buildDirectly, type Flavour, runScript, type TestSeccomp } from './support/direct.ts';
import { toHex } from './support/native.ts';
import { builtin, compileSeccomp, fromTest } from './support/ours.ts';
import { profiles } from './support/profiles.ts';
import { describeWith } from './support/require.ts';

const flavours = [
  ['plain', 'plain'],
  ['crun', 'crun'],
  ['runc@1.1', 'runc@1.1'],
  ['runc@1.2', 'runc@1.2'],
] as const satisfies readonly (readonly [string, Flavour])[];

function knows(library: string, arch: string): boolean {
  return runScript(library, `arch ${arch}\n`).returned[0] !== 'arch 0';
}

const versions = ['libseccomp 2.5.4', 'libseccomp 2.6.0', 'libseccomp 2.6.1'] as const;

describeWith(['x86_64', 'cc', 'built', ...versions], 'compile and direct C use of libseccomp agree', () => {
  for (const { version, path, origin } of installedLibraries()) {
    describe(`libseccomp ${version} (${origin})`, () => {
      it('is the library that was asked for', () => {
        expect(formatVersion(openLibrary(path).version)).toBe(version);
        expect(runScript(path, 'version\n').returned).toEqual([`version ${version}`]);
      });

      const archs = allArchitectures.filter(({ name }) => knows(path, name));
      it.each(archs.map(({ name }) => name))(
        '%s: the built-in profiles, plain and for crun',
        async (arch) => {
          for (const name of ['docker-default', 'podman-default'] as const) {
            const seccomp = builtin(name, arch);
            for (const runtime of ['plain', 'crun'] as const) {
              const ours = await compileSeccomp(seccomp, { runtime, library: path, arch });
              expect(toHex(ours)).toBe(toHex(buildDirectly(path, seccomp as TestSeccomp, runtime, arch)));
            }
          }
        },
      );

      it.each(archs.map(({ name }) => name))('%s: profiles of one architecture', async (arch) => {
        for (const [name, profile] of Object.entries(profiles)) {
          if (profile.architectures !== undefined) continue;
          const ours = await compileSeccomp(fromTest(profile), { runtime: 'plain', library: path, arch });
          expect(toHex(ours), name).toBe(toHex(buildDirectly(path, profile, 'plain', arch)));
        }
      });

      it.each(flavours)('x86_64, %s: every profile', async (runtime, flavour) => {
        for (const [name, profile] of Object.entries(profiles)) {
          const ours = await compileSeccomp(fromTest(profile), { runtime, library: path });
          expect(toHex(ours), name).toBe(toHex(buildDirectly(path, profile, flavour)));
        }
      });
    });
  }
});
