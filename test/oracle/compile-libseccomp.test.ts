/**
 * Cross-compiling: for every architecture and every libseccomp, `compile` gives what direct C calls give.
 *
 * `libseccomp-build` makes the calls; the script comes from the runtimes' rules, written a second time in
 * `support/direct.ts`. runc's ENOSYS stub is taken off; its contents are the business of the runtime tests.
 */
import { allArchitectures } from 'oci-seccomp/abi';
import { formatVersion, openLibrary } from 'oci-seccomp/libseccomp';
import { describe, expect, it } from 'vitest';
import { installedLibraries } from './libraries.ts';
import {
  buildAllDirectly,
  type DirectBuild,
  type Flavour,
  runScript,
  type TestSeccomp,
} from './support/direct.ts';
import { toHex } from './support/native.ts';
import { builtin, compileSeccomp, fromTest, type Target } from './support/ours.ts';
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

/**
 * A big-endian program from C with its `ret` instructions as ours has them, where they differ in byte order alone: made on
 * this little-endian machine, libseccomp has turned some of them once too often. What it makes on a big-endian one is
 * compared in foreign-returns.test.ts.
 */
function withReturnsOf(ours: Uint8Array, theirs: Uint8Array): Uint8Array {
  const RET_K = 0x06;
  const repaired = Uint8Array.from(theirs);
  for (let at = 0; at + 8 <= repaired.length; at += 8) {
    const word = ours.slice(at + 4, at + 8);
    const turned = theirs.slice(at + 4, at + 8).reverse();
    if (theirs[at + 1] === RET_K && toHex(word) === toHex(turned)) repaired.set(word, at + 4);
  }
  return repaired;
}

/** Compares what `compile` makes of each profile with what direct calls make of it, all of them in one process. */
async function expectSame(
  library: string,
  rows: readonly (readonly [string, TestSeccomp])[],
  directly: Omit<DirectBuild, 'seccomp'>,
  target: Omit<Target, 'library'>,
): Promise<void> {
  const built = buildAllDirectly(
    library,
    rows.map(([, seccomp]) => ({ seccomp, ...directly })),
  );
  for (const [i, [name, profile]] of rows.entries()) {
    const ours = await compileSeccomp(fromTest(profile), { ...target, library });
    expect(toHex(ours), name).toBe(toHex(built[i] ?? new Uint8Array()));
  }
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
      it.each(archs.map(({ name, endian }) => [name, endian] as const))(
        '%s: the built-in profiles, plain and for crun',
        async (arch, endian) => {
          const builds = (['docker-default', 'podman-default'] as const).flatMap((name) =>
            (['plain', 'crun'] as const).map((flavour) => ({ name, seccomp: builtin(name, arch), flavour })),
          );
          const built = buildAllDirectly(
            path,
            builds.map(({ seccomp, flavour }) => ({
              seccomp: seccomp as TestSeccomp,
              flavour,
              native: arch,
            })),
          );
          for (const [i, { name, seccomp, flavour }] of builds.entries()) {
            const ours = await compileSeccomp(seccomp, { runtime: flavour, library: path, arch });
            const theirs = built[i] ?? new Uint8Array();
            const comparable = endian === 'little' ? theirs : withReturnsOf(ours, theirs);
            expect(toHex(ours), `${name} ${flavour}`).toBe(toHex(comparable));
          }
        },
      );

      it.each(archs.map(({ name }) => name))('%s: profiles of one architecture', async (arch) => {
        const ofOne = Object.entries(profiles).filter(([, { architectures }]) => architectures === undefined);
        await expectSame(path, ofOne, { flavour: 'plain', native: arch }, { runtime: 'plain', arch });
      });

      it.each(flavours)('x86_64, %s: every profile', async (runtime, flavour) => {
        await expectSame(path, Object.entries(profiles), { flavour }, { runtime });
      });
    });
  }
});
