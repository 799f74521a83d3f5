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
