/**
 * What a hook does with a container, in order, with a supervisor that only notes what it is asked.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { OciSeccompError } from '../../src/errors.ts';
import { type AttachOptions, attachFilter } from '../../src/hook/attach-filter.ts';
import type { SuperviseRequest } from '../../src/hook/supervisor/supervisor-protocol.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-attach-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const bundle = join(folder, 'bundle');
const log = join(folder, 'log');
mkdirSync(bundle);

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const kill = file(
  'kill.json',
  '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["swapon"],"action":"SCMP_ACT_KILL_PROCESS"}]}',
);
const flagged = file(
  'flagged.json',
  '{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_TSYNC"],"syscalls":[{"names":["swapon"],"action":"SCMP_ACT_ERRNO"}]}',
);
const gated = file(
  'gated.json',
  '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"},{"names":["swapon"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}}]}',
);
const notify = (path: string): string =>
  `{"defaultAction":"SCMP_ACT_ALLOW",${path}"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}`;
const allow = file('allow.bpf', Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]));

const events: string[] = [];
const requests: SuperviseRequest[] = [];
const options: AttachOptions = {
  profile: kill,
  runtime: 'crun',
  noNewPrivs: 'auto',
  allowUnverified: false,
  log: { file: log },
};

function config(change: object = {}): void {
  const value = {
    process: { capabilities: { bounding: ['CAP_KILL'] } },
    annotations: { a: 'b' },
    linux: {},
    ...change,
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(value));
}

function attach(change: Partial<AttachOptions> = {}, state: object = {}, failing = '') {
  const given = {
    ociVersion: '1.0',
    id: 'web',
    status: 'created',
    pid: 4321,
    bundle,
    annotations: { a: 'b' },
    ...state,
  };
  const fail = (where: string): void => {
    events.push(where);
    if (failing === where) throw new OciSeccompError('ERR_HOOK', `${where} failed`);
  };
  return attachFilter(
    { ...options, ...change },
    {
      requireOwnFiles: () => fail('own'),
      readInput: () => Buffer.from(JSON.stringify(given)),
      requireProcess: () => {
        fail('check');
        return '99';
      },
      requireExec: () => fail('exec'),
      startSupervisor: () => {
        fail('start');
        return {
          pid: 1,
          attach: async (request) => {
            fail('attach');
            requests.push(request);
            return { threads: 1 };
          },
          abandon: async () => {
            events.push('abandon');
          },
        };
      },
      elapsed: () => 7,
    },
  );
}

const lastLine = (): string => readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '';

describe('a hook', () => {
  beforeEach(() => {
    events.length = 0;
    requests.length = 0;
    config();
  });

  it('hands nothing over that is not all its profile reads like, if strict', async () => {
    const typo = file(
      'typo.json',
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["swapoff","swapn"],"action":"SCMP_ACT_ERRNO"}]}',
    );
    await expect(attach({ profile: typo, strict: true })).rejects.toMatchObject({ code: 'ERR_CLAIM' });
    await expect(attach({ profile: allow, strict: true })).rejects.toMatchObject({ code: 'ERR_CLAIM' });
    expect(requests).toEqual([]);
    expect(lastLine()).toMatch(/refused: .*\[ERR_CLAIM\]/);
    await expect(attach({ profile: typo })).resolves.toMatchObject({
      claim: expect.stringMatching(/^proven for what .*\(swapn\) would have been denied and is allowed$/),
    });
    await expect(attach({ profile: kill, strict: true })).resolves.toMatchObject({ result: 'attached' });
  });

  it('checks, starts the supervisor, hands it the filter and logs that', async () => {
    await expect(attach()).resolves.toMatchObject({ result: 'attached', container: 'web', profile: kill });
    expect(events).toEqual(['own', 'check', 'exec', 'start', 'attach']);
    expect(requests).toMatchObject([
      {
        pid: 4321,
        startTime: '99',
        flags: 4,
        noNewPrivileges: 'auto',
        allowUnverified: false,
        containerId: 'web',
        log: { file: log },
      },
    ]);
    expect(lastLine()).toMatch(
      /container web: attached: profile="[^"]*kill\.json" sha256=[0-9a-f]{64} claim="proven: [^"]*" ms=7$/,
    );
  });

  it('hands on that a filter need not be read back', async () => {
    await attach({ allowUnverified: true });
    expect(requests).toMatchObject([{ allowUnverified: true }]);
    expect(lastLine()).toMatch(/ unverified=accepted ms=7$/);
  });

  it("takes a program as it is, and does not even look at the container's config.json", async () => {
    rmSync(join(bundle, 'config.json'));
    await attach({ profile: allow });
    expect(requests.map(({ program, flags }) => [Buffer.from(program), flags])).toEqual([
      [readFileSync(allow), 0],
    ]);
  });

  it('hands on flags, but TSYNC', async () => {
    await attach({ profile: flagged });
    expect(requests).toMatchObject([{ flags: 2 }]);
  });

  it("resolves for the container's capabilities", async () => {
    await attach({ profile: gated, runtime: 'plain' });
    config({ process: { capabilities: { bounding: ['CAP_SYS_ADMIN'] } } });
    await attach({ profile: gated, runtime: 'plain' });
    const [without, withAdmin] = requests.map(({ program }) => program.length);
    expect(withAdmin).toBeGreaterThan(without ?? 0);
  });

  it('names the listener, with the state', async () => {
    const profile = file(
      'notify.json',
      notify('"listenerPath":"/run/agent.sock","listenerMetadata":"meta",'),
    );
    await attach({ profile });
    const { listener } = requests[0] ?? {};
    expect(listener?.path).toBe('/run/agent.sock');
    expect(JSON.parse(listener?.message ?? '')).toMatchObject({
      metadata: 'meta',
      pid: 4321,
      state: { id: 'web', bundle },
    });
  });

  it('leaves a container alone where that is configured', async () => {
    const { profile: _, ...others } = options;
    const annotations = { 'run.oci.handler': 'wasm' };
    const unfiltered = { ociVersion: '1', id: 'x', status: 'created', pid: 9, bundle, annotations };
    const record = await attachFilter(
      { ...others, defaultProfile: 'none' },
      {
        requireOwnFiles: () => {},
        readInput: () => Buffer.from(JSON.stringify(unfiltered)),
        requireProcess: () => '1',
        requireExec: () => {
          throw new Error('who gets no filter may run as it likes');
        },
        startSupervisor: () => {
          throw new Error('there is nothing to supervise');
        },
        elapsed: () => 1,
      },
    );
    expect(record.result).toBe('unfiltered');
    expect(lastLine()).toMatch(/container x: unfiltered: ms=1$/);
  });

  it.each([
    ['a program that others can write', {}, {}, 'own', ['own'], 'own failed'],
    ['a state that is none', {}, { pid: 1 }, '', ['own'], '"pid"'],
    ['a foreign process', {}, {}, 'check', ['own', 'check'], 'check failed'],
    [
      'a container that may not choose',
      {},
      { annotations: { 'dev.oci-seccomp.profile': 'x' } },
      '',
      ['own', 'check'],
      'may not choose',
    ],
    ['a workload without an exec', {}, {}, 'exec', ['own', 'check', 'exec'], 'exec failed'],
    [
      'an annotation that selects a handler of crun',
      {},
      { annotations: { 'run.oci.handler': 'wasm' } },
      '',
      ['own', 'check'],
      'annotation run.oci.handler: "wasm"',
    ],
    [
      "an image's annotation that selects one",
      { profile: allow },
      { annotations: { 'module.wasm.image/variant': 'compat-smart' } },
      '',
      ['own', 'check'],
      'annotation module.wasm.image/variant: "compat-smart"',
    ],
    ['a missing profile', { profile: join(folder, 'none.json') }, {}, '', ['own', 'check'], 'no such file'],
    ['a supervisor that does not start', {}, {}, 'start', ['own', 'check', 'exec', 'start'], 'start failed'],
    [
      'a profile that is none',
      { profile: file('bad.json', '{"defaultAction":1}') },
      {},
      '',
      ['own', 'check', 'exec', 'start', 'abandon'],
      'is not a profile',
    ],
    [
      'seccomp off',
      { profile: file('off.json', '{}') },
      {},
      '',
      ['own', 'check', 'exec', 'start', 'abandon'],
      'seccomp is off',
    ],
    [
      'a listener without a place',
      { profile: file('lost.json', notify('')) },
      {},
      '',
      ['own', 'check', 'exec', 'start', 'abandon'],
      'no listenerPath',
    ],
    [
      'no libseccomp',
      { library: '/none/libseccomp.so.2' },
      {},
      '',
      ['own', 'check', 'exec', 'start', 'abandon'],
      '/none/libseccomp.so.2',
    ],
    [
      'a bundle without config.json',
      {},
      { bundle: folder },
      '',
      ['own', 'check', 'exec', 'start', 'abandon'],
      'config.json cannot be read',
    ],
    [
      'a supervisor that cannot attach',
      {},
      {},
      'attach',
      ['own', 'check', 'exec', 'start', 'attach', 'abandon'],
      'attach failed',
    ],
    [
      'a full disk',
      { log: { file: '/dev/full' } },
      {},
      '',
      ['own', 'check', 'exec', 'start', 'attach', 'abandon'],
      'cannot be written',
    ],
  ])('fails, ends its supervisor and says why: %s', async (_, change, state, failing, expected, message) => {
    await expect(attach(change, state, failing)).rejects.toThrow(message);
    expect(events).toEqual(expected);
    if (!('log' in change)) expect(lastLine()).toMatch(/ error container \S+: refused: .*reason="/);
  });

  it('does not take a handler that only the bundle names', async () => {
    config({ annotations: { a: 'b', 'run.oci.handler': 'own' } });
    await expect(attach()).rejects.toThrow('annotation run.oci.handler: "own"');
    expect(events).toEqual(['own', 'check', 'exec', 'start', 'abandon']);
  });

  it('does not take an annotation that the bundle has not', async () => {
    const profilesDir = join(folder, 'dir');
    mkdirSync(profilesDir, { recursive: true });
    writeFileSync(join(profilesDir, 'k.json'), readFileSync(kill));
    const { profile: _, ...others } = options;
    const state = Buffer.from(
      JSON.stringify({
        ociVersion: '1',
        id: 'x',
        status: 'created',
        pid: 9,
        bundle,
        annotations: { 'dev.oci-seccomp.profile': 'k.json' },
      }),
    );
    const world = {
      requireOwnFiles: () => {},
      readInput: () => state,
      requireProcess: () => '1',
      requireExec: () => {},
      startSupervisor: () => ({ pid: 1, attach: async () => ({ threads: 1 }), abandon: async () => {} }),
      elapsed: () => 1,
    };
    await expect(attachFilter({ ...others, profilesDir }, world)).rejects.toThrow(
      'disagree on the annotation',
    );
    config({ annotations: { 'dev.oci-seccomp.profile': 'k.json' } });
    await expect(attachFilter({ ...others, profilesDir }, world)).resolves.toMatchObject({
      result: 'attached',
    });
  });
});
