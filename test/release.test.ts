/**
 * What a release is checked for: the version everywhere, the changelog, the tag's signature; and the workflow that does so.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-release-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
const workflow = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')) as {
  on: { push: { tags: string[] } };
  permissions: object;
  jobs: { publish: { permissions: Record<string, string>; environment: string; steps: readonly Step[] } };
};
const { publish } = workflow.jobs;

let count = 0;
/** A project that can be released as 1.2.3, with changes. */
function project(changes: Readonly<Record<string, (text: string) => string>> = {}): string {
  count += 1;
  const at = join(folder, `p${count}`);
  const files: Record<string, string> = {
    'package.json': '{"version": "1.2.3"}',
    'package-lock.json': '{"version": "1.2.3"}',
    'src/cli/version.ts': "export const PACKAGE_VERSION = '1.2.3';\n",
    'templates/seccomp.gitlab-ci.yml': 'x: oci-seccomp@1.2.3\n',
    'CHANGELOG.md':
      '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n\n- A change.\n\n## [1.2.2] - 2026-01-01\n\n- One.\n',
    LICENSE: 'licence\n',
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(at, file, '..'), { recursive: true });
    writeFileSync(join(at, file), changes[file]?.(text) ?? text);
  }
  return at;
}

function check(tag: string, at: string) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'tools/check-release.mjs'), tag, at], {
    encoding: 'utf8',
  });
  return [status, stdout.trim()];
}

describe('check-release', () => {
  it('has nothing against a release that is ready', () => {
    expect(check('v1.2.3', project())).toEqual([0, '']);
  });

  const replace = (from: string, to: string) => (text: string) => text.replace(from, to);
  it.each<[string, Record<string, (text: string) => string>, RegExp]>([
    [
      'a version of package.json',
      { 'package.json': replace('1.2.3', '1.2.4') },
      /^package.json has version 1.2.4/,
    ],
    ['a version of the lock', { 'package-lock.json': replace('1.2.3', '1.2.2') }, /^package-lock.json has/],
    [
      'a version of the program',
      { 'src/cli/version.ts': replace('1.2.3', '1.2.2') },
      /^src\/cli\/version.ts has/,
    ],
    [
      'a version of the template',
      { 'templates/seccomp.gitlab-ci.yml': replace('1.2.3', '1') },
      /^templates.* takes/,
    ],
    ['no heading', { 'CHANGELOG.md': replace('[1.2.3]', '[1.2.1]') }, /has no heading \[1\.2\.3\]/],
    ['no day', { 'CHANGELOG.md': replace(' - 2026-01-02', '') }, /has no day/],
    ['no change', { 'CHANGELOG.md': replace('- A change.', '') }, /names no change/],
    [
      'a change without a release',
      { 'CHANGELOG.md': replace('[Unreleased]\n', '[Unreleased]\n\n- More.\n') },
      /belong to/,
    ],
    [
      'an older release above',
      { 'CHANGELOG.md': replace('## [1.2.3]', '## [1.2.4] - 2026-01-03\n\n- x\n\n## [1.2.3]') },
      /stands below 1\.2\.4/,
    ],
  ])('refuses %s', (_, changes, reason) => {
    const [status, reasons] = check('v1.2.3', project(changes));
    expect(status).toBe(1);
    expect(reasons).toMatch(reason);
  });

  it.each(['1.2.3', 'v1.2', 'v1.2.3;id', ''])('refuses the tag "%s"', (tag) => {
    expect(check(tag, project())[0]).toBe(1);
  });

  it('finds one version in this project', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    // The changelog gets its heading with the release.
    const [, reasons = ''] = check(`v${version}`, root) as [number, string];
    expect(reasons.split('\n').filter((each) => each !== '' && !/CHANGELOG|Unreleased/.test(each))).toEqual(
      [],
    );
  });
});

describe('CHANGELOG.md', () => {
  it('is by release, the newest first', () => {
    const headings = [...readFileSync(join(root, 'CHANGELOG.md'), 'utf8').matchAll(/^## (.*)$/gm)].map(
      ([, heading = '']) => heading,
    );
    const [first = '', ...others] = headings;
    expect(headings.length).toBeGreaterThan(0);
    for (const heading of first === '[Unreleased]' ? others : headings) {
      expect(heading).toMatch(/^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/);
    }
    const days = others.map((heading) => heading.slice(-10));
    expect(days).toEqual(days.toSorted().reverse());
  });
});

describe('the workflow', () => {
  it('runs for tags alone, with no more rights than it needs', () => {
    expect(workflow.on).toEqual({ push: { tags: ['v*'] } });
    expect(workflow.permissions).toEqual({});
    expect(publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(publish.environment).toBe('npm');
  });

  it('pins actions, hands the tag over as data, and publishes last with provenance', () => {
    for (const { uses } of publish.steps) if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    for (const { run = '' } of publish.steps) expect(run).not.toContain('${{');
    const runs = publish.steps.map(({ run = '' }) => run);
    expect(runs.findIndex((run) => run.includes('npm publish'))).toBe(runs.length - 1);
    expect(runs.at(-1)).toContain('--provenance');
    expect(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')).not.toMatch(/secrets\.|TOKEN/);
  });

  it('tests files that are there', () => {
    const files = publish.steps.flatMap(({ run = '' }) => run.match(/(?:test|tools)\/[\w./-]+/g) ?? []);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(() => readFileSync(join(root, file)), file).not.toThrow();
  });

  it('takes a tag that somebody who may has signed, and no other', () => {
    const at = join(folder, 'git');
    mkdirSync(join(at, '.github'), { recursive: true });
    const key = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    const env = {
      ...process.env,
      HOME: folder,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
    };
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words], {
        cwd: at,
        env,
        stdio: 'pipe',
      });
    git('init', '-q');
    git('commit', '-q', '--allow-empty', '-m', 'x');
    const sign = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key}.pub`];
    git(...sign, 'tag', '-s', 'v1.0.0', '-m', 'signed');
    git('tag', '-a', 'v1.0.1', '-m', 'not signed');
    git('tag', 'v1.0.2');
    const step = publish.steps.find(({ run = '' }) => run.includes('verify-tag'));
    const run = (tag: string): number | null =>
      spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? 'exit 0'], {
        cwd: at,
        env: { ...env, TAG: tag },
      }).status;
    // Nobody may yet.
    cpSync(join(root, '.github/allowed_signers'), join(at, '.github/allowed_signers'));
    expect(run('v1.0.0')).not.toBe(0);
    const [, kind, text] = /^(\S+) (\S+)/.exec(readFileSync(`${key}.pub`, 'utf8')) ?? [];
    writeFileSync(join(at, '.github/allowed_signers'), `a@example.org ${kind} ${text}\n`);
    expect(['v1.0.0', 'v1.0.1', 'v1.0.2', 'v9'].map((tag) => run(tag) === 0)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
