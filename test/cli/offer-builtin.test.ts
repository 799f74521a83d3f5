/**
 * Where `compile` fails because of libseccomp, it says how to ask for the builtin compiler, if that makes a proven program.
 */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ociSeccomp } from './run.ts';

const INSTRUCTION_SIZE = 8;
const NO_LIBRARY = '/nonexistent/libseccomp.so.2';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-offer-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A profile that allows ioctl for each of many requests. @returns its path */
function requests(count: number, request: (n: number) => number): string {
  const rule = (n: number) => {
    const args = [{ index: 1, value: request(n), op: 'SCMP_CMP_EQ' }];
    return { names: ['ioctl'], action: 'SCMP_ACT_ALLOW', args };
  };
  const syscalls = Array.from({ length: count }, (_, n) => rule(n));
  const path = join(folder, `${count}-${request(1)}.json`);
  writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }));
  return path;
}

/** A profile with a name that nobody knows: its filter is not all that it reads like. @returns its path */
function weak(): string {
  const path = join(folder, 'weak.json');
  const syscalls = [{ names: ['mkdir', 'no_such_call'], action: 'SCMP_ACT_ERRNO' }];
  writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }));
  return path;
}

/** A profile with many masks, whose meaning takes millions of steps. @returns its path */
function masks(count: number): string {
  const path = join(folder, `masks-${count}.json`);
  let state = 1;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const mask = (index: number) => {
    const value = below(2 ** 31);
    return { index, value, valueTwo: value & below(2 ** 31), op: 'SCMP_CMP_MASKED_EQ' };
  };
  const syscalls = Array.from({ length: count }, () => ({
    names: ['prctl'],
    action: 'SCMP_ACT_ALLOW',
    args: [mask(0), mask(1)],
  }));
  writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }));
  return path;
}

describe('an offer of the builtin compiler', () => {
  const rows: readonly (readonly [string, () => readonly string[], number, Record<string, string>])[] = [
    ['ERR_PROOF', () => ['fixtures/cli/miscompiled.json', '-r', 'crun'], 1, {}],
    ['ERR_LIBSECCOMP_TIMEOUT', () => ['fixtures/cli/endless.json', '--timeout', '0.5'], 2, {}],
    ['ERR_LIBSECCOMP', () => ['fixtures/cli/contradiction.json'], 2, {}],
    ['ERR_LIBSECCOMP_MISSING', () => ['docker-default'], 3, { OCI_SECCOMP_LIBRARY: NO_LIBRARY }],
    ['ERR_BPF_INVALID', () => [requests(4100, (n) => n)], 2, {}],
    ['ERR_LIBSECCOMP_MISSING', () => [weak()], 3, { OCI_SECCOMP_LIBRARY: NO_LIBRARY }],
  ];

  it.each(rows)('%s: what it promises is so, and nothing else was written', (code, words, exit, env) => {
    const [path, compile] = [join(folder, `${code}.bpf`), ['compile', ...words()]];
    const failed = ociSeccomp([...compile, '-o', path], { env });
    expect(failed).toMatchObject({ status: exit, stdout: '', stderr: expect.stringContaining(`[${code}]`) });
    expect(existsSync(path)).toBe(false);
    const runtime = compile.includes('crun') ? 'crun' : 'runc';
    const offer =
      /compile with --backend builtin(?: and without (\S+))?: that program \((\d+) instructions\) is not the one that (\w+) would install; (proven.*)$/m;
    const [, without, instructions, named, claim] = offer.exec(failed.stderr) ?? [];
    expect(named).toBe(runtime);
    const kept = without === undefined ? compile : compile.slice(0, compile.indexOf(without));
    const followed = ociSeccomp([...kept, '--backend', 'builtin', '-o', path], { env });
    expect(followed).toMatchObject({ status: 0, stderr: expect.stringContaining(`\n  ${claim}\n`) });
    expect(statSync(path).size / INSTRUCTION_SIZE).toBe(Number(instructions));
    rmSync(path);
  });

  it('says that a --library that cannot be used has to go', () => {
    const { stderr } = ociSeccomp(['compile', 'docker-default', '--library', NO_LIBRARY]);
    expect(stderr).toContain('compile with --backend builtin and without --library: ');
  });

  it.each([
    ['which is too long there too', () => [requests(4100, (n) => (n * 2_654_435_761) % 2 ** 32)], 2],
    ['of which pseudo filter code is asked', () => ['fixtures/cli/contradiction.json', '-f', 'pfc'], 2],
    ['that --strict refuses there too', () => [weak(), '--strict', '--library', NO_LIBRARY], 3],
  ] as const)('is not made for a profile %s', (_, words, exit) => {
    const { stderr, status } = ociSeccomp(['compile', ...words()]);
    expect({ status, stderr }).toEqual({ status: exit, stderr: expect.stringMatching(/^error: /) });
    expect(stderr).not.toContain('builtin');
  });

  it('is tried with fewer steps than whoever asks for that compiler gets', () => {
    const path = join(folder, 'masks.bpf');
    const offered = (count: number): boolean =>
      ociSeccomp(['compile', masks(count), '-o', path], {
        env: { OCI_SECCOMP_LIBRARY: NO_LIBRARY },
      }).stderr.includes('compile with --backend builtin');
    expect([offered(20), offered(160)]).toEqual([true, false]);
    const asked = ociSeccomp(['compile', masks(160), '--backend', 'builtin', '-o', path]);
    expect(asked).toMatchObject({ status: 0, stderr: expect.stringContaining('  proven: ') });
  });
});

/** Where these commands compare with what libseccomp builds, they can do without it. The hint is followed as it is printed. */
it.each([
  [['explain', 'docker-default', 'mount'], 0],
  [['explain', 'docker-default'], 0],
  [['diff', 'docker-default', 'docker-default'], 0],
  [['subset', 'docker-default', 'docker-default'], 0],
  [['verify', 'docker-default', '@'], 0],
] as const)('%j without libseccomp names --table, and that works', (words, status) => {
  const program = join(folder, 'docker.bpf');
  ociSeccomp(['compile', 'docker-default', '--backend', 'builtin', '-q', '-o', program]);
  const env = { OCI_SECCOMP_LIBRARY: NO_LIBRARY };
  const command = words.map((word) => (word === '@' ? program : word));
  const failed = ociSeccomp(command, { env });
  expect(failed).toMatchObject({ status: 3, stdout: '' });
  const [, option = '', release = ''] = /hint: with (--table) ([\d.]+), /.exec(failed.stderr) ?? [];
  expect(ociSeccomp([...command, option, release], { env })).toMatchObject({ status });
  const named = ociSeccomp([...command, '--library', NO_LIBRARY]);
  expect(named.status).toBe(3);
  expect(named.stderr).not.toContain('--table');
});

it('audit, which has no --table, does not name it', () => {
  const words = ['audit', 'fixtures/audit/audit.log', '--profile', 'docker-default'];
  const { status, stderr } = ociSeccomp(words, { env: { OCI_SECCOMP_LIBRARY: NO_LIBRARY } });
  expect(status).toBe(3);
  expect(stderr).not.toContain('--table');
});
