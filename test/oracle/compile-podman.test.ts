/** What Podman’s containers really run under is what `compile` makes of the same profile. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { builtinProfiles, type Profile, resolveProfile } from 'oci-seccomp';
import { capabilitySets } from 'oci-seccomp/abi';
import { parseKernelVersion, serializeProfile } from 'oci-seccomp/oci';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installedRuntimes } from './libraries.ts';
import { compileSeccomp, readText } from './support/ours.ts';
import { openPodman, type Podman } from './support/podman.ts';
import { describeWith } from './support/require.ts';
import { linkedLibrary } from './support/runtime.ts';
import { canonicalText } from './support/stub.ts';

const systemProfile = '/usr/share/containers/seccomp.json';

async function expectFilter(
  filters: readonly Uint8Array[],
  profile: Profile,
  caps: readonly string[],
): Promise<void> {
  const kernel = parseKernelVersion(release()) ?? { kernel: 0, major: 0 };
  const { seccomp } = resolveProfile(profile, { arch: 'x86_64', kernel, capabilities: caps });
  if (seccomp === undefined) throw new Error('the profile turns seccomp off');
  const version = installedRuntimes().find(
    ({ name, origin }) => name === 'runc' && origin === 'system',
  )?.version;
  const ours = await compileSeccomp(seccomp, { runtime: `runc@${version}`, library: linkedLibrary('runc') });
  expect(filters.map(canonicalText)).toEqual([canonicalText(ours)]);
}

describeWith(
  ['root', 'x86_64', 'podman', 'runc', 'busybox', 'cc', 'ptrace', 'built'],
  'podman installs',
  () => {
    let podman: Podman;
    beforeAll(() => {
      podman = openPodman();
    });
    afterAll(() => podman.close());

    it.skipIf(!existsSync(systemProfile) && process.env.OCI_SECCOMP_REQUIRE_ALL !== '1')(
      `its default profile ${systemProfile} (needs apt-get install golang-github-containers-common)`,
      async () => {
        const profile = readText(readFileSync(systemProfile, 'utf8'), systemProfile);
        await expectFilter(podman.filters(), profile, capabilitySets.podman);
      },
    );

    it.each([
      ['no flags', [], capabilitySets.podman],
      ['all capabilities', ['--cap-add=ALL'], capabilitySets.all],
      ['no capabilities', ['--cap-drop=ALL'], capabilitySets.none],
    ] as const)('podman-default, %s', async (_name, flags, caps) => {
      const file = join(podman.folder, 'profile.json');
      const profile = builtinProfiles['podman-default']();
      // A file may say which schema it has.
      const schema = '"$schema": "https://example.org/podman.schema.json",';
      writeFileSync(file, serializeProfile(profile).replace('{', `{ ${schema}`));
      await expectFilter(podman.filters(...flags, `--security-opt=seccomp=${file}`), profile, caps);
    });
  },
);
