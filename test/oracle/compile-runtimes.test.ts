/**
 * The promise: what `compile` makes is byte for byte what runc and crun install, for every binary found here.
 *
 * In runc the order of the ENOSYS stub's sections is random (a Go map); it is the only thing allowed to differ.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { LinuxSeccomp } from 'oci-seccomp/oci';
import { describe, expect, it } from 'vitest';
import { fetchedLibraries, installedRuntimes, type RuntimeBinary } from './libraries.ts';
import { toHex } from './support/native.ts';
import { builtin, compileSeccomp, fromTest, readText, resolved, type Target } from './support/ours.ts';
import { denying, profiles } from './support/profiles.ts';
import { describeWith } from './support/require.ts';
import { exactJson, handedPrograms, installedFilters, linkedLibrary } from './support/runtime.ts';
import { canonicalText, splitStub } from './support/stub.ts';

const podmanFile = '/usr/share/containers/seccomp.json';

function targetOf({ name, version, path }: RuntimeBinary, library = linkedLibrary(path)): Target {
  return { runtime: name === 'runc' ? `runc@${version}` : name, library };
}

/** Text that is equal for equal programs; runc's has the sections of the stub sorted. */
function comparable(runtime: RuntimeBinary, program: Uint8Array): string {
  return runtime.name === 'runc' ? canonicalText(program) : toHex(program);
}

async function expectInstalled(
  runtime: RuntimeBinary,
  seccomp: LinuxSeccomp,
  library?: string,
): Promise<void> {
  const { filters, error } = installedFilters(
    runtime,
    exactJson(seccomp),
    library === undefined ? {} : { library },
  );
  expect(error).toBeUndefined();
  expect(filters).toHaveLength(1);
  const ours = await compileSeccomp(seccomp, targetOf(runtime, library));
  const [theirs = new Uint8Array()] = filters;
  expect(ours.length).toBe(theirs.length);
  expect(comparable(runtime, ours)).toBe(comparable(runtime, theirs));
}

/** @returns what the runtime handed over */
async function expectHanded(runtime: RuntimeBinary, seccomp: LinuxSeccomp): Promise<Uint8Array> {
  const { calls, output } = handedPrograms(runtime, exactJson(seccomp), { firstOnly: true });
  expect(calls, output).toHaveLength(1);
  const ours = await compileSeccomp(seccomp, targetOf(runtime));
  const theirs = calls[0]?.program ?? new Uint8Array();
  expect(comparable(runtime, ours)).toBe(comparable(runtime, theirs));
  return theirs;
}

const libraries = fetchedLibraries();
const needs = ['root', 'x86_64', 'busybox', 'cc', 'ptrace', 'built'] as const;

describeWith(
  [...needs, 'runc', 'crun', 'fetched runc', 'fetched crun', 'libseccomp 2.6.1'],
  'compile',
  () => {
    for (const runtime of installedRuntimes()) {
      describe(`${runtime.name} ${runtime.version} (${runtime.origin}) installs`, () => {
        it.each(['docker-default', 'podman-default'] as const)('%s', async (name) => {
          await expectInstalled(runtime, builtin(name));
        });

        it.skipIf(!existsSync(podmanFile) && process.env.OCI_SECCOMP_REQUIRE_ALL !== '1')(
          `${podmanFile} (needs apt-get install golang-github-containers-common)`,
          async () => {
            await expectInstalled(runtime, resolved(readText(readFileSync(podmanFile, 'utf8'), podmanFile)));
          },
        );

        // helpers.test.ts holds what is handed over against what the kernel then has; no container has to come up for it.
        it.each(Object.entries(profiles))('%s', async (_name, profile) => {
          await expectHanded(runtime, fromTest(profile));
        });

        // crun has no stub, so the default action changes nothing but the last instruction: one is enough.
        const rows = Object.entries(denying).filter(
          ([name]) => runtime.name === 'runc' || name.startsWith('ERRNO'),
        );
        it.each(rows)('denying: %s', async (_name, profile) => {
          const program = await expectHanded(runtime, fromTest(profile));
          if (runtime.name === 'runc') expect(splitStub(program).hasStub).toBe(true);
        });
      });
    }

    describe('this machine’s runtimes, each library bound over their own', () => {
      const own = installedRuntimes().filter(({ origin }) => origin === 'system');
      const rows = own.flatMap((runtime) => libraries.map((library) => ({ runtime, library })));
      it.each(rows)(
        '$runtime.name $runtime.version, libseccomp $library.version',
        async ({ runtime, library }) => {
          for (const name of ['docker-default', 'podman-default'] as const)
            await expectInstalled(runtime, builtin(name), library.path);
        },
      );
    });
  },
);
