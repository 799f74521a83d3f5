/**
 * Containers whose hook has a store: what the kernel says under the filter, also if somebody has written the store who
 * knows its form.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { rowsFor } from '../support/samples.ts';
import { eventually, type HookedRuntime, leftBehind, makeHooked } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-store-containers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** EDOM: no kernel gives it for mkdir. */
const EDOM = 33;
const profile = join(folder, 'deny-mkdir.json');
const deny = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: EDOM };
writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [deny] }));

const args = [
  '/bin/busybox',
  'sh',
  '-c',
  'busybox mkdir /tmp/x 2>&1; busybox grep Seccomp: /proc/self/status',
];
const FILTERED = "mkdir: can't create directory '/tmp/x': Numerical argument out of domain\nSeccomp:\t2\n";
/** RET ALLOW, RET USER_NOTIF, RET ERRNO(33), a jump that leads out of the program, and half an instruction. */
const programs: Readonly<Record<string, string>> = {
  'that allows all': '060000000000ff7f',
  'that asks a listener': '060000000000c07f',
  'that denies all': '0600000021000500',
  'that the kernel refuses': '0500000009000000',
  'that is no program': '06000000',
};

/** A line of 22 bytes, and two hashes. */
const HEAD = 152;

/** An entry with every hash right: what the form says of a program is not what makes it true. */
function forge(entry: string, program: Buffer): Buffer {
  const text = readFileSync(entry, 'latin1');
  const [first = '', , name = ''] = text.split('\n');
  const body = Buffer.concat([Buffer.from(`${name}\n`), program]);
  return Buffer.concat([Buffer.from(`${first}\n${createHash('sha256').update(body).digest('hex')}\n`), body]);
}

const runtimes: readonly HookedRuntime[] = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
];

describeWith(['root', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built'], 'a hook with a store', () => {
  afterAll(() => expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]));

  const start = (runtime: HookedRuntime, store: string) => {
    const hooked = makeHooked(runtime, { args, hook: ['--profile', profile, '--store', store] });
    try {
      const { output } = hooked.call('run', 'ID');
      return { output, log: hooked.logText() };
    } finally {
      hooked.remove();
    }
  };

  it.each(runtimes)('of $name keeps a program and uses it', (runtime) => {
    const store = join(folder, `own-${runtime.name}`);
    const found = [start(runtime, store), start(runtime, store)];
    expect(found.map(({ output }) => output)).toEqual([FILTERED, FILTERED]);
    expect(found.map(({ log }) => /store="([^"]*)"/.exec(log)?.[1])).toEqual(['kept', 'used']);
    const hashes = found.map(({ log }) => /sha256=(\w+)/.exec(log)?.[1]);
    expect(hashes[0]).toBe(hashes[1]);
    for (const { log } of found) expect(log).toContain('claim="proven: for every call');
  });

  const cases = Object.entries(programs);
  for (const runtime of runtimes) {
    it.each(rowsFor(runtime.name, cases))(`of ${runtime.name} passes over a forged program %s`, (_, hex) => {
      const store = join(folder, `forged-${runtime.name}-${hex}`);
      start(runtime, store);
      const [name = ''] = readdirSync(store);
      const right = readFileSync(join(store, name));
      const forged = forge(join(store, name), Buffer.from(hex, 'hex'));
      // The forger knows the form.
      expect(forge(join(store, name), right.subarray(HEAD))).toEqual(right);
      writeFileSync(join(store, name), forged);
      const { output, log } = start(runtime, store);
      expect(output).toBe(FILTERED);
      expect(log).toMatch(
        /store="kept \([0-9a-f]{64}\.program: it (?:does not do what|is not a program|cannot be used|returns what no rule)/,
      );
      expect(readFileSync(join(store, name))).toEqual(right);
    });
  }

  it('starts no container where others can write the store', () => {
    const store = join(folder, 'open');
    const [runtime] = runtimes as [HookedRuntime, ...HookedRuntime[]];
    start(runtime, store);
    const hooked = makeHooked(runtime, { args, hook: ['--profile', profile, '--store', store] });
    try {
      chmodSync(store, 0o770);
      const { output, status } = hooked.call('run', 'ID');
      expect(status).not.toBe(0);
      expect(output).not.toContain('Seccomp');
      expect(hooked.logText()).toMatch(/refused: .*others can write .*ERR_STORE/);
    } finally {
      hooked.remove();
    }
  });
});

describeWith(['root', 'built'], 'hook precreate with a store', () => {
  const input = '{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"linux":{}}';
  const words = ['hook', 'precreate', '--profile', profile, '--store', join(folder, 'precreate')];

  it('hands crun the program that was kept', () => {
    const both = [1, 2].map(() => ociSeccomp([...words, '--runtime', 'crun', '--crun-bpf'], { input }));
    expect(both[0]?.stdout).toContain('run.oci.seccomp_bpf_data');
    expect(both[1]).toEqual(both[0]);
    expect(readdirSync(join(folder, 'precreate'))).toHaveLength(1);
  });

  it.each([
    ['run', '--profile', profile, '--backend', 'libseccomp', '--store', folder, '--', 'true'],
    [...words, '--crun-bpf', '--backend', 'libseccomp'],
    ['hook', 'createRuntime', ...words.slice(2), '--backend', 'libseccomp'],
    ['hook', 'config', ...words.slice(2), '--backend', 'libseccomp'],
  ])('refuses one for libseccomp: %s %s', (...command) => {
    const { stderr, status } = ociSeccomp(command, { input });
    expect(status).toBe(2);
    expect(stderr).toMatch(/--store .*ERR_USAGE/);
  });

  it.each([[words], [[...words.map((word) => word.replace('precreate', 'config')), '--stage', 'precreate']]])(
    'refuses one where the runtime compiles: %j',
    (command) => {
      const { stderr, status } = ociSeccomp(command, { input });
      expect(status).toBe(2);
      expect(stderr).toContain('--store has no use here');
    },
  );
});
