/** `hook config` and `hook wrapper` replace nothing that hooks are going to read: without it no container could start. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeWith } from '../oracle/support/require.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-hook-outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, value: object): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value), { mode: 0o600 });
  chmodSync(path, 0o600);
  return path;
};
mkdirSync(join(folder, 'profiles'), { mode: 0o700 });
const rules = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' }],
};
const profile = write('p.json', rules);
const offered = write('profiles/web.json', rules);
const named = write('named.json', rules);
const table = write('choices.json', { default: named, rows: [] });

const chosen = ['--profiles-dir', join(folder, 'profiles'), '--default', 'docker-default'];
const agent = ['--agent', join(folder, 'a.sock'), '--client'];
it.each([
  [['--for', 'oci', '--profile', profile, '-o', profile], profile],
  [['--for', 'oci', '--profile', profile, '-o', join(folder, 'profiles/../p.json')], profile],
  [['--for', 'oci', ...chosen, '-o', offered], offered],
  [
    ['--for', 'oci', '--profiles-dir', join(folder, 'profiles'), '--default', profile, '-o', profile],
    profile,
  ],
  [['--for', 'oci', '--choices', table, '-o', table], table],
  [['--for', 'oci', '--choices', table, '-o', named], named],
  [['--for', 'oci', '--profile', profile, ...agent, profile], profile],
])('%j', (words, kept) => {
  const before = readFileSync(kept, 'utf8');
  const { stdout, stderr, status } = ociSeccomp(['hook', 'config', ...words]);
  expect(stderr).toMatch(/error: the output would replace .*, which is read \[ERR_USAGE\]\n/);
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(readFileSync(kept, 'utf8')).toBe(before);
});

describeWith(['runc'], 'hook wrapper', () => {
  const runtime = spawnSync('sh', ['-c', 'command -v runc'], { encoding: 'utf8' }).stdout.trim();
  it.each([
    ['profile', (_: string) => profile],
    ['configuration', (configuration: string) => configuration],
  ] as const)('keeps its %s', (_, fileOf) => {
    const configuration = write('config.json', { runtime, profile, agent: join(folder, 'a.sock') });
    const kept = fileOf(configuration);
    const before = readFileSync(kept, 'utf8');
    const { stdout, stderr, status } = ociSeccomp([
      ...['hook', 'wrapper', '--config', configuration, '--client', kept],
    ]);
    expect(stderr).toContain(`error: the output would replace ${kept}, which is read [ERR_USAGE]\n`);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(readFileSync(kept, 'utf8')).toBe(before);
  });
});

it('goes to another file', () => {
  const other = join(folder, 'hooks.json');
  const { status, stderr } = ociSeccomp([
    'hook',
    'config',
    '--for',
    'oci',
    '--profile',
    profile,
    '-o',
    other,
  ]);
  expect({ status, stderr: stderr.includes('error') }).toEqual({ status: 0, stderr: false });
  expect(JSON.parse(readFileSync(other, 'utf8')).hooks).toBeDefined();
});
