/** The runtime wrapper as Podman calls it: through conmon, with a clean environment, and with none for `delete`. */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { builtinProfiles, resolveProfile } from 'oci-seccomp';
import { capabilitySets } from 'oci-seccomp/abi';
import { parseKernelVersion } from 'oci-seccomp/oci';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { installedRuntimes } from './libraries.ts';
import { startAgent } from './support/agent.ts';
import { ociSeccomp } from './support/hook-bundle.ts';
import { compileSeccomp } from './support/ours.ts';
import { openPodman, type Podman } from './support/podman.ts';
import { describeWith } from './support/require.ts';
import { linkedLibrary } from './support/runtime.ts';
import { canonicalText } from './support/stub.ts';
import { openWrapper, type Wrapper } from './support/wrapper.ts';

describeWith(
  ['root', 'x86_64', 'podman', 'runc', 'busybox', 'cc', 'ptrace', 'built'],
  'podman --runtime, the wrapper',
  () => {
    let podman: Podman;
    let wrapper: Wrapper;
    beforeAll(() => {
      wrapper = openWrapper({ path: 'runc' });
      return () => wrapper.close();
    });
    beforeAll(() => {
      podman = openPodman(wrapper.path);
      return () => podman.close();
    });

    it.each([
      ['as it comes', [], capabilitySets.podman],
      ['without capabilities', ['--cap-drop=ALL'], capabilitySets.none],
      ['with one more', ['--cap-add=SYS_CHROOT,SYS_PTRACE'], [...capabilitySets.podman, 'CAP_SYS_PTRACE']],
      ['unconfined', ['--security-opt=seccomp=unconfined'], capabilitySets.podman],
    ] as const)('filters a container %s', async (_name, flags, capabilities) => {
      const kernel = parseKernelVersion(release()) ?? { kernel: 0, major: 0 };
      const host = { arch: 'x86_64', kernel, capabilities } as const;
      const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), host);
      if (seccomp === undefined) throw new Error('the profile turns seccomp off');
      const runc = installedRuntimes().find(({ name, origin }) => name === 'runc' && origin === 'system');
      const target = { runtime: `runc@${runc?.version}`, library: linkedLibrary('runc') };
      const ours = await compileSeccomp(seccomp, target);
      expect(podman.filters(...flags).map(canonicalText)).toEqual([canonicalText(ours)]);
      // `delete` found the wrapper's Node without PATH: the runtime has forgotten the container.
      expect(spawnSync('runc', ['list', '-q'], { encoding: 'utf8' }).stdout).not.toContain(podman.folder);
    });

    it('shows why a container does not start', () => {
      const flags = ['--annotation=dev.oci-seccomp.profile=../config.json'];
      expect(() => podman.filters(...flags)).toThrow(/a name that is not allowed in .*ERR_HOOK/);
    });

    it('lets an annotation choose', () => {
      const profile = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['swapon'], action: 'SCMP_ACT_ERRNO' }],
      };
      writeFileSync(join(wrapper.profilesDir, 'swapon.json'), JSON.stringify(profile));
      expect(readdirSync(wrapper.profilesDir)).toEqual(['swapon.json']);
      const [filter] = podman.filters('--annotation=dev.oci-seccomp.profile=swapon.json');
      expect((filter?.length ?? 0) / 8).toBeLessThan(20);
    });
  },
);

describeWith(
  ['root', 'x86_64', 'podman', 'runc', 'busybox', 'cc', 'ptrace', 'built'],
  'podman --runtime, the static wrapper',
  () => {
    it('gives a container the filter that the wrapper in Node gives it, and none without the agent', async () => {
      // Whatever fails, what was opened before it is closed.
      const wrapper = openWrapper({ path: 'runc' });
      onTestFinished(() => wrapper.close());
      const agent = await startAgent('--spare', '1');
      onTestFinished(() => agent.remove());
      const client = join(agent.folder, 'wrapper');
      const options = ['--agent', agent.socket, '--config', join(wrapper.folder, 'config.json')];
      expect(ociSeccomp('hook', 'wrapper', '--client', client, ...options)).toMatchObject({ status: 0 });
      const byNode = openPodman(wrapper.path);
      onTestFinished(() => byNode.close());
      const byClient = openPodman(client);
      onTestFinished(() => byClient.close());

      const filters = byClient.filters('--cap-add=SYS_PTRACE').map(canonicalText);
      expect(filters).toEqual(byNode.filters('--cap-add=SYS_PTRACE').map(canonicalText));
      expect(filters).toHaveLength(1);
      expect(agent.log()).toContain('wrapper="written"');
      const refused = '--annotation=dev.oci-seccomp.profile=../config.json';
      expect(() => byClient.filters(refused)).toThrow(/a name that is not allowed in .*ERR_HOOK/);
      await agent.end();
      expect(() => byClient.filters()).toThrow(/the agent of oci-seccomp cannot be reached/);
    });
  },
);
