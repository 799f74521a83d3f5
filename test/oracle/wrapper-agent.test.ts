/**
 * The runtime wrapper's request to the agent, from a client in Node: what the agent writes into a config.json is what the
 * wrapper in Node writes, and it refuses what that refuses.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askAgent } from '../../src/hook/agent/agent-client.ts';
import { type AgentAnswer, RUNTIME_CALL } from '../../src/hook/agent/agent-protocol.ts';
import { MAX_CONNECTIONS } from '../../src/hook/agent/serve-agent.ts';
import { mappedFiles } from '../../src/kernel/process-maps.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { startAgent, type TestAgent } from './support/agent.ts';
import { describeWith } from './support/require.ts';
import {
  type Bundle,
  type BundleOptions,
  makeBundle,
  openWrapper,
  programPath,
  type Wrapper,
} from './support/wrapper.ts';

const own = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }] };
const annotation = 'dev.oci-seccomp.profile';

describeWith(
  ['root', 'x86_64', 'busybox', 'ptrace', 'built', 'runc', 'crun'],
  'the agent, asked by a runtime wrapper',
  () => {
    let agent: TestAgent;
    let wrapper: Wrapper;
    const bundles: Bundle[] = [];
    const bundle = (options: BundleOptions = {}): Bundle => {
      const made = makeBundle({ args: ['true'], ...options });
      bundles.push(made);
      return made;
    };
    const configure: Wrapper['configure'] = (keys) =>
      wrapper.configure({
        ...{
          runtime: programPath({ path: 'runc' }),
          profile: 'docker-default',
          profilesDir: wrapper.profilesDir,
        },
        ...{
          whenPresent: undefined,
          unconfined: undefined,
          as: undefined,
          library: undefined,
          behavesAs: undefined,
          strict: undefined,
          backend: undefined,
          agent: undefined,
        },
        ...keys,
      });
    beforeAll(async () => {
      agent = await startAgent('--spare', '1');
      wrapper = openWrapper({ path: 'runc' });
      writeFileSync(join(wrapper.profilesDir, 'own.json'), JSON.stringify(own));
    });
    afterAll(async () => {
      await agent.remove();
      wrapper.close();
      for (const each of bundles) each.close();
    });

    const ask = (words: readonly string[], runtime = programPath({ path: 'runc' })): Promise<AgentAnswer> => {
      const args = [RUNTIME_CALL, join(wrapper.folder, 'config.json'), runtime, ...words];
      return askAgent(agent.socket, { args, state: new Uint8Array() });
    };

    it.each<[string, string, Record<string, string>, BundleOptions]>([
      ['a built-in profile', 'runc', {}, { capabilities: ['CAP_CHOWN'] }],
      ['a profile of an annotation', 'runc', {}, { annotations: { [annotation]: 'own.json' } }],
      ['a filter that is replaced', 'crun', {}, { seccomp: own }],
      ['a filter that is kept', 'crun', { whenPresent: 'keep' }, { seccomp: own }],
      ['none that is left', 'runc', { unconfined: 'leave' }, {}],
      ['a program for crun', 'crun', { as: 'bpf' }, { seccomp: own }],
      ['a program that libseccomp makes', 'crun', { as: 'bpf', backend: 'libseccomp' }, {}],
    ])('writes for %s what the wrapper writes', async (_name, name, keys, options) => {
      const runtime = programPath({ path: name });
      configure({ runtime, ...keys });
      const [byWrapper, byAgent] = [bundle(options), bundle(options)];
      const started = byWrapper.call(wrapper.path, 'run', byWrapper.id);
      expect(started).toMatchObject({ status: 0 });
      const before = statSync(join(byAgent.folder, 'config.json'));
      const words = ['--root', '/run/x', 'create', '--bundle', byAgent.folder, 'x'];
      expect(await ask(words, runtime)).toEqual({ code: 0, text: '' });
      expect(byAgent.configText()).toBe(byWrapper.configText());
      configure({ runtime, ...keys, agent: agent.socket });
      const byClient = bundle(options);
      const made = ['written', 'kept'].map((result) => `requests_total{result="${result}"}`);
      const asked = (): number => made.reduce((sum, name) => sum + agent.metric(name), 0);
      const askedBefore = asked();
      expect(byClient.call(wrapper.path, 'run', byClient.id)).toEqual(started);
      expect([byClient.configText(), asked() - askedBefore]).toEqual([byWrapper.configText(), 1]);
      const { mode, uid, gid } = statSync(join(byAgent.folder, 'config.json'));
      expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });
      expect(readdirSync(byAgent.folder).filter((each) => each.endsWith('.tmp'))).toEqual([]);
    });

    it('makes a filter once for the same profile and capabilities', async () => {
      configure({});
      const hits = agent.metric('memory_hits_total');
      // No other test of this agent has these.
      const capabilities = ['CAP_SYSLOG', 'CAP_SYS_NICE'];
      const made = [capabilities, capabilities, ['CAP_SYSLOG']].map((each) => bundle({ capabilities: each }));
      const texts: string[] = [];
      for (const each of made) {
        expect(await ask(['create', '-b', each.folder, 'x'])).toMatchObject({ code: 0 });
        texts.push(each.configText());
      }
      expect(agent.metric('memory_hits_total') - hits).toBe(1);
      expect(texts[1]).toBe(texts[0]);
      expect(texts[2]).not.toBe(texts[0]);
    });

    it('makes a filter anew for everything that it depends on', async () => {
      const [own, same] = [join(wrapper.folder, 'kept.json'), join(wrapper.folder, 'same.json')];
      const library = join(wrapper.folder, 'libseccomp.so.2');
      openLibrary();
      const original = mappedFiles('self')?.find((file) => file.includes('/libseccomp.so')) ?? '';
      const install = (): void => copyFileSync(original, library);
      install();
      for (const file of [own, same]) writeFileSync(file, '{"defaultAction":"SCMP_ACT_ALLOW"}');
      const base = { runtime: programPath({ path: 'crun' }), as: 'bpf', profile: own };
      const isRemembered = async (keys: Record<string, string | boolean>): Promise<boolean> => {
        configure({ ...base, ...keys });
        const hits = agent.metric('memory_hits_total');
        const { text } = await ask(['run', '-b', bundle().folder, 'x'], base.runtime);
        expect(text).toBe('');
        return agent.metric('memory_hits_total') > hits;
      };
      const variants = [
        ...[{}, { strict: true }, { backend: 'libseccomp' }, { library }, { as: 'oci' }],
        ...[{ as: 'oci', behavesAs: 'runc@1.1.5' }, { profile: same }],
      ];
      for (const keys of variants) expect([keys, await isRemembered(keys)]).toEqual([keys, false]);
      for (const keys of variants) expect([keys, await isRemembered(keys)]).toEqual([keys, true]);
      install();
      expect(await isRemembered({ library })).toBe(false);
      writeFileSync(own, '{"defaultAction":"SCMP_ACT_LOG"}');
      expect(await isRemembered({})).toBe(false);
    });

    it('leaves calls alone that make no container', async () => {
      configure({});
      const made = bundle();
      const before = made.configText();
      expect(await ask(['--root', '/run/x', 'delete', 'create'])).toEqual({ code: 0, text: '' });
      expect(await ask(['state', 'run'])).toEqual({ code: 0, text: '' });
      expect(made.configText()).toBe(before);
    });

    it.each<[string, () => readonly string[], Record<string, string | undefined>, RegExp]>([
      ['a bundle that is not there', () => ['run', '-b', '/nonexistent', 'x'], {}, /no such file/],
      [
        'an own filter',
        () => ['run', '-b', bundle({ seccomp: own }).folder, 'x'],
        { whenPresent: 'refuse' },
        /of its own/,
      ],
      [
        'a missing profile',
        () => ['run', '-b', bundle().folder, 'x'],
        { profile: '/nonexistent/p' },
        /no such file/,
      ],
      [
        'a broken configuration',
        () => ['run', '-b', bundle().folder, 'x'],
        { as: 'x' },
        /is not a configuration/,
      ],
      [
        'another runtime',
        () => ['run', '-b', bundle().folder, 'x'],
        { runtime: '/usr/bin/crun' },
        /was written for the runtime/,
      ],
      ['a raw program for runc', () => ['run', '-b', bundle().folder, 'x'], { as: 'bpf' }, /only crun/],
      ['a failing proof', () => ['run', '-b', bundle().folder, 'x'], { profile: 'miscompiled' }, /ERR_PROOF/],
    ])('refuses %s, and says why as a runtime does', async (_name, words, keys, reason) => {
      const miscompiled = join(wrapper.folder, 'miscompiled.json');
      writeFileSync(miscompiled, readFileSync('fixtures/cli/miscompiled.json'));
      configure(keys.profile === 'miscompiled' ? { profile: miscompiled } : keys);
      const { code, text } = await ask(['--log', '/run/log.json', '--log-format=json', ...words()]);
      expect(code).toBe(1);
      const [told = '', entry = ''] = text.split('\0');
      expect(told).toMatch(/^oci-seccomp-runtime: .*\n$/s);
      expect(told).toMatch(reason);
      expect(JSON.parse(entry)).toMatchObject({ level: 'error', msg: expect.stringMatching(reason) });
    });

    it('keeps the wrapper in Node from making a container, with the words that the wrapper has itself', () => {
      const log = join(wrapper.folder, 'log.json');
      const run = (agentSocket: string | undefined) => {
        configure({ whenPresent: 'refuse', agent: agentSocket });
        const made = bundle({ seccomp: own });
        const words = ['--log', log, '--log-format', 'json', 'run', made.id] as const;
        const { status, stdout, stderr } = made.call(wrapper.path, ...words);
        const entry: unknown = JSON.parse(readFileSync(log, 'utf8'));
        rmSync(log);
        const plain = (text: string): string => text.replaceAll(made.folder, 'BUNDLE');
        return { status, stdout, stderr: plain(stderr), msg: plain((entry as { msg: string }).msg) };
      };
      const byAgent = run(agent.socket);
      expect(byAgent).toEqual(run(undefined));
      expect(byAgent).toMatchObject({ status: 1, stderr: expect.stringContaining('of its own') });
      const gone = run('/run/oci-seccomp-no-agent.sock');
      expect(gone).toMatchObject({ status: 1, msg: expect.stringContaining('does not run') });
    });

    it('tells a wrapper in Node, and its log, that it is too busy', async () => {
      const log = join(wrapper.folder, 'log.json');
      configure({ agent: agent.socket });
      const idle = Array.from({ length: MAX_CONNECTIONS }, () => connect(agent.socket));
      try {
        await Promise.all(idle.map((socket) => once(socket, 'connect')));
        const made = bundle();
        const words = ['--log', log, '--log-format', 'json', 'run', made.id] as const;
        const { status, stderr } = made.call(wrapper.path, ...words);
        const told = /^oci-seccomp-runtime: error: the agent has \d+ clients/;
        expect([status, stderr]).toEqual([1, expect.stringMatching(told)]);
        expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({
          level: 'error',
          msg: expect.stringMatching(told),
        });
        expect(made.configText()).not.toContain('"seccomp"');
      } finally {
        for (const socket of idle) socket.destroy();
        rmSync(log, { force: true });
      }
    });

    // As text, a path that is not UTF-8 names another one, which has U+FFFD in its place.
    const toBundle =
      'bad=$(printf "b\\377") decoy=$(printf "b\\357\\277\\275"); mkdir "$bad" "$decoy"; cp config.json "$decoy"; mv config.json rootfs "$bad"; ln -s "$bad" link';
    it.each([
      ['an option', 'set -- "$@" -b "$bad" x'],
      ['the working folder', 'cd "$bad"; set -- "$@" x'],
      ['a link', 'set -- "$@" -b "$PWD/link" x'],
    ])('starts no bundle that %s names in bytes that are no UTF-8, and changes none', (_name, last) => {
      for (const socket of [undefined, agent.socket]) {
        configure({ agent: socket });
        const made = bundle({ args: ['echo', 'started'] });
        const { status, stdout, stderr } = made.callAfter(`${toBundle}\n${last}`, wrapper.path, 'run');
        expect([status, stdout, stderr]).toEqual([
          1,
          '',
          expect.stringMatching(/^oci-seccomp-runtime: error: .*\[ERR_/),
        ]);
        const configs = spawnSync('sh', ['-c', 'cat b*/config.json'], {
          cwd: made.folder,
          encoding: 'utf8',
        }).stdout;
        expect(configs.match(/"ociVersion"/g)?.length).toBe(2);
        expect(configs).not.toContain('"seccomp"');
      }
    });

    it('refuses a call that it cannot read for certain', async () => {
      configure({});
      const { code, text } = await ask(['--new', 'state', 'run', 'x']);
      expect(code).toBe(1);
      // Where the log is cannot be told either.
      expect(text).toMatch(/may have an option --new.*\n\0$/s);
    });

    it('follows links to the file that the runtime reads, and replaces that', async () => {
      configure({});
      const [real, decoy] = [bundle(), bundle()];
      mkdirSync(join(real.folder, 'deep'));
      symlinkSync(join(real.folder, 'deep'), join(decoy.folder, 'link'));
      expect(await ask(['run', '-b', `${decoy.folder}/link/..`, 'x'])).toMatchObject({ code: 0 });
      expect(real.configText()).toContain('"seccomp"');
      expect(decoy.configText()).not.toContain('"seccomp"');
      rmSync(join(decoy.folder, 'config.json'));
      symlinkSync(join(real.folder, 'config.json'), join(decoy.folder, 'config.json'));
      expect(await ask(['run', '-b', decoy.folder, 'x'])).toMatchObject({ code: 0 });
      expect(
        readdirSync(decoy.folder, { withFileTypes: true })
          .find(({ name }) => name === 'config.json')
          ?.isSymbolicLink(),
      ).toBe(true);
    });
  },
);
