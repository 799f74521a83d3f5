/**
 * Profiles that pods name: linted as files of their own, each once; and what a configuration says of nodes.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-workloads-'));
const profile = join(folder, 'nodes/team/web.json');
const misspelt =
  '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["mkdri"], "action": "SCMP_ACT_ALLOW"}]}';
const container = (name: string, path: string) =>
  `  - {name: ${name}, securityContext: {seccompProfile: {type: Localhost, localhostProfile: ${path}}}}`;
const pod = (name: string, ...containers: readonly string[]) =>
  [
    'apiVersion: v1',
    'kind: Pod',
    `metadata: {name: ${name}}`,
    'spec:',
    '  containers:',
    ...containers,
    '',
  ].join('\n');

beforeAll(() => {
  mkdirSync(join(folder, 'nodes/team'), { recursive: true });
  writeFileSync(profile, misspelt);
  writeFileSync(
    join(folder, 'pods.yaml'),
    `${pod('one', container('a', 'team/web.json'), '  - {name: b}')}---\n${pod('two', container('c', 'team/web.json'), container('d', 'team/none.json'))}`,
  );
  writeFileSync(
    join(folder, 'oci-seccomp.config.json'),
    '{"profilesDir": "nodes", "overrides": [{"files": ["pods.yaml"], "seccompDefault": true}]}',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lint(...words: readonly string[]): { readonly text: string } {
  const { stdout, stderr } = ociSeccomp(['lint', '--format', 'compact', '--no-libseccomp', ...words]);
  return { text: stdout + stderr };
}

/** How often a rule found something in the profile of the nodes. */
function found(text: string, rule: string): number {
  return text.split('\n').filter((line) => line.includes('web.json:') && line.includes(rule)).length;
}

describe('profiles that pods name', () => {
  const pods = join(folder, 'pods.yaml');

  it('are linted once, with the folder of the option', () => {
    const { text } = lint(pods, '--no-config', '--profiles-dir', join(folder, 'nodes'));
    expect(found(text, 'unknown-syscall')).toBe(1);
    expect(text).toContain('there is no profile "team/none.json" in the given folder');
    expect(text).toContain('container "b" names no seccomp profile');
  });

  it('are linted once if they are named beside the pods', () => {
    const { text } = lint(profile, pods, '--no-config', '--profiles-dir', join(folder, 'nodes'));
    expect(found(text, 'unknown-syscall')).toBe(1);
  });

  it('are linted once if pods of several files name them', () => {
    const others = ['first.yaml', 'second.yaml'].map((name) => join(folder, name));
    for (const other of others) writeFileSync(other, pod('p', container('a', 'team/web.json')));
    const options = ['--no-config', '--profiles-dir', join(folder, 'nodes')];
    expect(found(lint(...others, ...options).text, 'unknown-syscall')).toBe(1);
    expect(found(lint(...others, pods, ...options, '--jobs', '2').text, 'unknown-syscall')).toBe(1);
  });

  it('are found by the configuration, which says seccompDefault too', () => {
    const { text } = lint(pods);
    expect(found(text, 'unknown-syscall')).toBe(1);
    expect(text).toContain('there is no profile "team/none.json" in the given folder');
    expect(text).not.toContain('names no seccomp profile');
  });

  it('are not linted without a folder', () => {
    const { text } = lint(pods, '--no-config');
    expect(found(text, 'unknown-syscall')).toBe(0);
  });

  it('are not changed by --fix', () => {
    writeFileSync(profile, misspelt.replace('["mkdri"]', '["mkdir", "mkdir"]'));
    const before = readFileSync(profile, 'utf8');
    lint(pods, '--fix');
    expect(readFileSync(profile, 'utf8')).toBe(before);
    writeFileSync(profile, misspelt);
  });

  it('a folder that is not there is an error of the configuration', () => {
    const bad = join(folder, 'bad.json');
    writeFileSync(bad, '{"profilesDir": "nowhere"}');
    const { status, stderr } = ociSeccomp(['lint', pods, '--config', bad]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/bad\.json:1:17: error: there is no folder .*nowhere/);
  });
});

describe('an item of a list', () => {
  const list = (...items: readonly object[]) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 1);
  const badPod = (type: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: type },
    spec: { containers: [{ name: 'a', securityContext: { seccompProfile: { type } } }] },
  });
  const texts = { 'p.json': '{"defaultAction": "SCMP_ACT_ALLOW", "sysscalls": []}' };
  const profile = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: texts };
  const nested = { apiVersion: 'v1', kind: 'PodList', items: [badPod('two')] };
  const file = join(folder, 'list.json');

  interface Place {
    readonly pointer: string;
    readonly line: number;
  }
  /** What a pointer leads to, by another way than ours. */
  const follow = (pointer: string): unknown =>
    pointer
      .split('/')
      .slice(1)
      .reduce(
        (value, key) => (value as Record<string, unknown>)[key],
        JSON.parse(readFileSync(file, 'utf8')),
      );

  it('has its place in the pointers of lint and validate, but not what a ConfigMap has as a text', () => {
    writeFileSync(file, list(badPod('one'), nested, profile));
    for (const [command, key] of [
      ['lint', 'findings'],
      ['validate', 'problems'],
    ] as const) {
      const { stdout } = ociSeccomp([
        command,
        file,
        '--json',
        ...(command === 'lint' ? ['--no-config'] : []),
      ]);
      const files = JSON.parse(stdout).files as Record<string, readonly Place[]>[];
      const places = files.flatMap((each) => each[key] ?? []);
      const found = places.filter(({ pointer }) => pointer.startsWith('/items/'));
      expect(found.map(({ pointer }) => follow(pointer))).toEqual(['one', 'two']);
      expect(places.map(({ pointer }) => pointer)).toContain('/sysscalls');
    }
  });

  it('has fingerprints of its own text', () => {
    const prints = (...items: readonly object[]) => {
      writeFileSync(file, list(...items));
      const [report] = JSON.parse(ociSeccomp(['lint', file, '--json', '--no-config']).stdout).files;
      return (report.findings as { readonly fingerprint: string }[]).map(({ fingerprint }) => fingerprint);
    };
    const [one] = prints(badPod('one'));
    const [two] = prints(badPod('two'));
    expect(one).not.toBe(two);
    expect(prints(badPod('one'), badPod('two'))).toEqual([one, two]);
    expect(prints(badPod('two'), badPod('one'))).toEqual([two, one]);
  });
});
