/**
 * `init` in projects of several kinds, and what it writes: read as it will be read, and run as it will be run.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gitlabTemplate } from '../../src/cli/init/ci-files.ts';
import { PACKAGE_VERSION } from '../../src/cli/version.ts';
import { ociSeccomp, program, root } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-init-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const profile = '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}\n';
const podman = '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EPERM", "syscalls": []}\n';
const kubernetes =
  'apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nmetadata: {name: web}\nspec: {defaultAction: SCMP_ACT_ALLOW}\n';

let count = 0;
function project(files: Readonly<Record<string, string>>): string {
  count += 1;
  const at = join(folder, `project-${count}`);
  mkdirSync(at);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(at, file, '..'), { recursive: true });
    writeFileSync(join(at, file), text);
  }
  return at;
}

const init = (cwd: string, ...words: string[]) => ociSeccomp(['init', ...words], { cwd });
const config = (at: string) =>
  JSON.parse(readFileSync(join(at, 'oci-seccomp.config.json'), 'utf8')) as Record<string, unknown>;

describe('init', () => {
  it('leaves no file where one of them cannot be written whole', () => {
    const at = project({ 'a.json': profile });
    // The kernel refuses what is longer than this limit with EFBIG, as it does ENOSPC: here the second file.
    const script = 'trap "" XFSZ; ulimit -f 1; exec "$0" "$@"';
    const words = ['-c', script, process.execPath, program, 'init', at, '--ci', 'gitlab'];
    const { status, stderr } = spawnSync('sh', words, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([3, expect.stringMatching(/cannot write .*longer than the limit/)]);
    expect(readdirSync(at, { recursive: true }).filter((name) => `${name}`.includes('.y'))).toEqual([]);
    expect(readdirSync(at)).not.toContain('oci-seccomp.config.json');
  });

  it.each([
    ['a profile for Docker', { 'a.json': profile }, 'recommended', ['runc'], ['.']],
    [
      'profiles for Podman',
      { 'p/a.json': podman, 'p/b.json': podman },
      'recommended',
      ['runc', 'crun'],
      ['p/'],
    ],
    ['manifests alone', { 'k8s/a.yaml': kubernetes }, 'kubernetes', undefined, ['k8s/']],
    [
      'manifests and others',
      { 'k8s/a.yaml': kubernetes, 'p/a.json': profile },
      'recommended',
      ['runc'],
      ['k8s/', 'p/'],
    ],
    ['no profile', { 'package.json': '{"name": "x"}' }, 'recommended', ['runc'], ['.']],
    ['a folder that a shell takes apart', { 'my $(id)/a.json': profile }, 'recommended', ['runc'], ['.']],
  ] as const)('of %s writes what lint takes', (_, files, preset, runtimes, targets) => {
    const at = project(files);
    const { status, stdout, stderr } = init(at, '--json');
    expect([status, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ preset, targets, written: ['oci-seccomp.config.json'] });
    const { $schema, ...rest } = config(at);
    expect(rest).toEqual({ preset, ...(runtimes === undefined ? {} : { runtimes }) });
    expect($schema).toMatch(/^https:.*lint-config/);
    // A configuration that cannot be used ends with 2.
    expect(ociSeccomp(['lint', '-'], { cwd: at, input: profile }).status).not.toBe(2);
  });

  it('counts profiles with errors, as lint does, and passes over what is none', () => {
    const at = project({
      'p/comma.json': profile.replace('[]', '[],'),
      'p/action.json': profile.replace('ALLOW', 'ALOW'),
      'p/good.json': profile,
      'package.json': '{"name": "x",}',
    });
    expect(init(at, '--json').stdout.match(/"broken": \w+/g)).toEqual([
      '"broken": true',
      '"broken": true',
      '"broken": false',
    ]);
    rmSync(join(at, 'oci-seccomp.config.json'));
    expect(init(at).stdout).toMatch(/^found 3 profiles: 3 oci \(2 with errors\)\n/);
    expect(ociSeccomp(['lint', '.'], { cwd: at }).stderr).toMatch(/^3 profiles: /m);
  });

  it('writes a job only where CI looks: at the top, as git says it', () => {
    const at = project({ 'services/web/p/a.json': profile, 'plain/.git/x': '' });
    const git = (cwd: string, ...words: string[]) =>
      spawnSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...words], {
        cwd,
        encoding: 'utf8',
      });
    const top = (cwd: string) => git(cwd, 'rev-parse', '--show-toplevel').stdout.trim();
    const below = join(at, 'services/web');
    expect([top(below), init(below, '--ci', 'github').status]).toEqual(['', 0]);
    rmSync(join(below, '.github'), { recursive: true });
    git(at, 'init', '-q');
    git(at, 'commit', '-q', '--allow-empty', '-m', 'x');
    git(at, 'worktree', 'add', '-q', 'other');
    symlinkSync(below, join(folder, 'link'));
    for (const each of [below, join(at, 'plain'), join(folder, 'link')]) {
      expect(top(each)).toBe(at);
      const { status, stderr } = init(each, '--ci', 'pre-commit');
      expect([status, stderr]).toEqual([2, expect.stringContaining(`is inside the repository ${at}: `)]);
      expect(existsSync(join(each, '.pre-commit-config.yaml'))).toBe(false);
    }
    for (const each of [at, join(at, 'other')]) {
      expect([top(each), init(each, '--ci', 'gitlab').status]).toEqual([each, 0]);
    }
  });

  it('names the schema of an installed package', () => {
    const at = project({ 'node_modules/oci-seccomp/schemas/lint-config.schema.json': '{}' });
    init(at);
    expect(config(at).$schema).toBe('./node_modules/oci-seccomp/schemas/lint-config.schema.json');
  });

  it('says what it found, what it wrote and what comes next', () => {
    const at = project({ 'p/a.json': profile });
    const { stdout } = ociSeccomp(['init', at, '--ci', 'github', '--ci', 'github'], { cwd: folder });
    expect(stdout).toBe(`found 1 profile: 1 oci
wrote oci-seccomp.config.json: preset recommended, for runc
wrote .github/workflows/seccomp.yml
next:
    cd ${at}
    oci-seccomp lint p/
  if there is more than you can mend now, keep what is there as a baseline, and let only new findings fail:
    oci-seccomp lint p/ --baseline seccomp-baseline.json --update-baseline
  with a baseline, add --baseline seccomp-baseline.json to the lint command of the job (GitLab: OCI_SECCOMP_OPTIONS)
  then commit the files
`);
  });

  it.each([
    ['oci-seccomp.config.json', []],
    ['.github/workflows/seccomp.yml', ['--ci', 'github']],
    ['seccomp.gitlab-ci.yml', ['--ci', 'gitlab']],
  ] as const)('writes nothing where %s is there', (file, words) => {
    const at = project({ [file]: 'mine' });
    const { status, stdout, stderr } = init(at, ...words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${file} is there already: nothing was written`);
    expect(readFileSync(join(at, file), 'utf8')).toBe('mine');
    expect(readdirSync(at)).toHaveLength(1);
  });

  it('keeps a configuration where only a job is asked for', () => {
    const at = project({ 'p/a.json': profile });
    init(at);
    writeFileSync(join(at, 'oci-seccomp.config.json'), '{"preset": "strict"}');
    expect(init(at).stderr).toContain('--ci github, gitlab or pre-commit adds a job and keeps it');
    expect(init(at, '--ci', 'github', '--preset', 'strict').status).toBe(2);
    const { status, stdout } = init(at, '--ci', 'github');
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /oci-seccomp.config.json is there and stays as it is\nwrote .github\/workflows\/seccomp.yml\nnext:/,
      ) as string,
    ]);
    expect(config(at)).toEqual({ preset: 'strict' });
    const { preset, kept } = JSON.parse(init(at, '--ci', 'gitlab', '--json').stdout) as Record<
      string,
      unknown
    >;
    expect([preset, kept]).toEqual([undefined, ['oci-seccomp.config.json']]);
  });

  it('follows no link that stands where it writes', () => {
    const at = project({});
    symlinkSync(join(folder, 'elsewhere.json'), join(at, 'oci-seccomp.config.json'));
    expect(init(at).status).toBe(2);
    expect(existsSync(join(folder, 'elsewhere.json'))).toBe(false);
  });

  it.each([
    ['gitlab', '.gitlab-ci.yml', 'include:'],
    ['pre-commit', '.pre-commit-config.yaml', 'repos:'],
  ])('--ci %s leaves a %s that is there as it is, and prints what to add', (place, file, line) => {
    const at = project({ [file]: 'mine' });
    const { status, stdout } = init(at, '--ci', place);
    expect(status).toBe(0);
    expect(stdout).toContain(`${file} is there and stays as it is; add to it:\n    ${line}`);
    expect(readFileSync(join(at, file), 'utf8')).toBe('mine');
  });
});

/** A folder with an npx that runs this build in place of the package that is asked for. */
function tools(): string {
  const at = join(folder, 'tools');
  mkdirSync(at, { recursive: true });
  writeFileSync(
    join(at, 'npx'),
    `#!/bin/sh\n[ "$1 $2" = "--yes oci-seccomp@${PACKAGE_VERSION}" ] || exit 99\nshift 2\nexec ${process.execPath} ${program} "$@"\n`,
  );
  chmodSync(join(at, 'npx'), 0o755);
  return at;
}

function runShell(shell: readonly string[], script: string, cwd: string, env: Record<string, string> = {}) {
  const [command = 'sh', ...words] = shell;
  return spawnSync(command, [...words, '-c', script], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: [tools(), process.env.PATH].join(delimiter), ...env },
  });
}

describe('the workflow for GitHub', () => {
  it('is one, and its command annotates and sums up', () => {
    const at = project({ 'p/a.json': profile.replace('"syscalls"', '"sycalls"') });
    init(at, '--ci', 'github');
    const workflow = parse(readFileSync(join(at, '.github/workflows/seccomp.yml'), 'utf8')) as {
      jobs: { lint: { steps: { run?: string; uses?: string }[] } };
      permissions: object;
    };
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const script = workflow.jobs.lint.steps.find(({ run }) => run !== undefined)?.run ?? 'exit 98';
    const summary = join(at, 'summary.md');
    const { status, stdout } = runShell(['bash', '-e'], script, at, { GITHUB_STEP_SUMMARY: summary });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=p\/a\.json,line=1/m);
    expect(readFileSync(summary, 'utf8')).toContain('### oci-seccomp lint');
  });
});

interface Job {
  readonly variables: Record<string, string>;
  readonly script: readonly string[];
  readonly artifacts: { readonly when: string; readonly reports: Record<string, string> };
}

describe('the template for GitLab', () => {
  const file = join(root, 'templates/seccomp.gitlab-ci.yml');
  const { 'oci-seccomp-lint': job } = parse(readFileSync(file, 'utf8')) as { 'oci-seccomp-lint': Job };

  it('is what init writes', () => {
    expect(readFileSync(file, 'utf8')).toBe(
      gitlabTemplate({ targets: ['.'], tool: `oci-seccomp@${PACKAGE_VERSION}` }),
    );
    const at = project({ 'k8s/a.yaml': kubernetes, 'p/a.json': profile });
    init(at, '--ci', 'gitlab');
    const written = parse(readFileSync(join(at, 'seccomp.gitlab-ci.yml'), 'utf8')) as Record<string, Job>;
    expect(written['oci-seccomp-lint']?.variables.OCI_SECCOMP_FILES).toBe('k8s/ p/');
    const { include } = parse(readFileSync(join(at, '.gitlab-ci.yml'), 'utf8')) as {
      include: { local: string }[];
    };
    expect(include.map(({ local }) => existsSync(join(at, local)))).toEqual([true]);
  });

  it('has only keys that jobs have', () => {
    const known = ['stage', 'image', 'variables', 'script', 'artifacts'];
    expect(Object.keys(job).filter((key) => !known.includes(key))).toEqual([]);
    expect(Object.values(job.variables).every((value) => typeof value === 'string')).toBe(true);
  });

  it.each([
    [{}, 1],
    [{ OCI_SECCOMP_FAIL_ON: 'never' }, 0],
    [{ OCI_SECCOMP_OPTIONS: '--rule unknown-key=off', OCI_SECCOMP_FILES: 'p q' }, 0],
    [{ OCI_SECCOMP_FILES: '$(touch ran) p' }, 3],
  ])('runs its lines with %j: exit code %i, and both reports', (variables, expected) => {
    const at = project({
      'p/a.json': profile.replace('"syscalls"', '"sycalls"'),
      'q/b.json': profile,
    });
    const env = { ...job.variables, ...variables };
    // The runner joins the lines and lets sh stop at the first that fails.
    const { status } = runShell(['sh', '-e'], job.script.join('\n'), at, env);
    expect(status).toBe(expected);
    expect(existsSync(join(at, 'ran'))).toBe(false);
    const [quality = '', junit = ''] = Object.values(job.artifacts.reports).map((report) =>
      readFileSync(join(at, report), 'utf8'),
    );
    expect(Array.isArray(JSON.parse(quality))).toBe(true);
    expect(junit).toContain('<testsuites');
  });
});

describe('the hook for pre-commit', () => {
  it('passes over other files and fails for a bad profile', () => {
    const at = project({ 'a.json': '{"defaultAction": "SCMP_ACT_NOPE"}', 'b.json': '{"name": "x"}' });
    init(at, '--ci', 'pre-commit');
    const { repos } = parse(readFileSync(join(at, '.pre-commit-config.yaml'), 'utf8')) as {
      repos: { hooks: { entry: string; additional_dependencies: string[] }[] }[];
    };
    const hook = repos[0]?.hooks[0];
    expect(hook?.additional_dependencies).toEqual([`oci-seccomp@${PACKAGE_VERSION}`]);
    const words = hook?.entry.split(' ').slice(1) ?? [];
    expect(ociSeccomp([...words, 'a.json', 'b.json'], { cwd: at }).status).toBe(1);
    expect(ociSeccomp([...words, 'b.json'], { cwd: at }).status).toBe(0);
  });
});
