/**
 * Tables of choices, with what runc, crun and Podman really tell of a container.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAgent, type TestAgent } from './support/agent.ts';
import { type HookedRuntime, makeHooked, ociSeccomp } from './support/hook-bundle.ts';
import { openPodman, type Podman } from './support/podman.ts';
import { describeWith } from './support/require.ts';

const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
const DENIED = 'Numerical argument out of domain';
const makesFolder = ['/bin/busybox', 'mkdir', '/tmp/x'];
const runtimes = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
] as const satisfies readonly HookedRuntime[];

describeWith(
  ['root', 'runc', 'crun', 'podman', 'busybox', 'cc', 'ptrace', 'built'],
  'a table of choices',
  () => {
    let folder = '';
    let agent: TestAgent;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-choices-'));
      writeFileSync(
        join(folder, 'deny.json'),
        JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }),
      );
      agent = await startAgent();
    });
    afterAll(async () => {
      await agent?.remove();
      rmSync(folder, { recursive: true, force: true });
    });
    const table = (name: string, content: object): string => {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, JSON.stringify(content));
      return file;
    };
    const byTeam = () => {
      const deny = join(folder, 'deny.json');
      return table('team', {
        trustedAnnotations: ['team'],
        rows: [
          { name: 'open', annotations: { team: 'trusted*' }, profile: 'none' },
          { name: 'closed', annotations: { team: '*' }, profile: deny },
        ],
      });
    };

    it.each(
      runtimes.flatMap((runtime) => [
        [runtime.name, runtime, false] as const,
        [`${runtime.name} with the agent`, runtime, true] as const,
      ]),
    )('decides by an annotation: %s', async (_, runtime, withAgent) => {
      const hook = ['--choices', byTeam(), ...(withAgent ? ['--agent', agent.socket] : [])];
      const outcome = async (annotations: Record<string, string>) => {
        const bundle = makeHooked(runtime, { capabilities: [], args: makesFolder, hook, annotations });
        try {
          const printed = await bundle.start();
          return { printed, log: bundle.logText() };
        } finally {
          bundle.remove();
        }
      };
      const open = await outcome({ team: 'trusted' });
      expect(open).toEqual({ printed: '', log: expect.stringContaining('unfiltered: row="open"') });
      const closed = await outcome({ team: 'other' });
      expect(closed.printed).toContain(DENIED);
      expect(closed.log).toContain('attached: row="closed"');
      const none = await outcome({});
      expect(none.printed).not.toContain(DENIED);
      expect(none.log).toContain('no row of');
    });

    it('is not deceived by an annotation whose key has an equals sign, which runc shows as another', async () => {
      const hook = ['--choices', byTeam()];
      const annotations = { 'team=trusted': '' };
      const bundle = makeHooked(runtimes[0], { capabilities: [], args: makesFolder, hook, annotations });
      try {
        await bundle.start();
        expect(bundle.logText()).toContain('state and config.json disagree on the annotation team');
      } finally {
        bundle.remove();
      }
    });

    it('that others can write lets no container start', () => {
      const file = table('open', { rows: [], default: 'none' });
      const { status } = ociSeccomp('hook', 'check', '--choices', file);
      expect(status).toBe(0);
      const open = join(folder, 'folder');
      mkdirSync(open, { mode: 0o777 });
      const other = join(open, 'choices.json');
      writeFileSync(other, readFileSync(file), { mode: 0o666 });
      chmodSync(other, 0o666);
      expect(ociSeccomp('hook', 'check', '--choices', other)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('others can write'),
      });
    });

    it("knows the image of Podman's containers from its storage, whatever annotations say", () => {
      const podman: Podman = openPodman();
      try {
        const file = table('image', {
          imageFrom: ['podman', 'containerd'],
          rows: [{ name: 'box', image: 'localhost/oracle-busybox', profile: join(folder, 'deny.json') }],
          default: 'none',
        });
        const hooks = join(podman.folder, 'hooks');
        const log = join(podman.folder, 'hook.log');
        const config = ['hook', 'config', '--choices', file, '--log', log];
        expect(ociSeccomp(...config, '-o', join(hooks, 'oci-seccomp.json'))).toMatchObject({ status: 0 });
        expect(podman.run(hooks, [], makesFolder).stderr).toContain(DENIED);
        expect(readFileSync(log, 'utf8')).toContain('attached: row="box"');
        const forged = '--annotation=io.kubernetes.cri.image-name=evil';
        expect(podman.run(hooks, [forged], makesFolder).status).not.toBe(0);
        expect(readFileSync(log, 'utf8')).toContain('podman and containerd say two names');
        // At precreate nobody tells the bundle.
        expect(ociSeccomp(...config, '--stage', 'precreate')).toMatchObject({ status: 0 });
        const alone = table('alone', {
          imageFrom: ['podman'],
          rows: [{ name: 'box', image: 'x', profile: 'none' }],
        });
        expect(ociSeccomp('hook', 'config', '--choices', alone, '--stage', 'precreate')).toMatchObject({
          status: 2,
          stderr: expect.stringContaining('which Podman does not tell a precreate hook'),
        });
      } finally {
        podman.close();
      }
    });
  },
);
