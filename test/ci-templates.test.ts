/**
 * What other projects take from this repository for their CI: the steps of action.yml, run as the runner of GitHub runs
 * them, and the hooks for pre-commit.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot as findRoot } from '../tools/debian-cache.ts';

const projectRoot = findRoot();
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-ci-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly runs: {
    readonly steps: readonly {
      readonly id?: string;
      readonly run: string;
      readonly env?: Record<string, string>;
    }[];
  };
}

const action = parse(readFileSync(join(projectRoot, 'action.yml'), 'utf8')) as Action;

/** The step that lints, with inputs as a workflow gives them. */
function runLint(inputs: Readonly<Record<string, string>>) {
  const step = action.runs.steps.find(({ id }) => id === 'lint');
  const values = {
    ...Object.fromEntries(Object.entries(action.inputs).map(([key, row]) => [key, row.default])),
    ...inputs,
  };
  const fill = (text: string): string =>
    text.replace(/\$\{\{ (\S+) \}\}/g, (_, path: string) =>
      path === 'github.action_path' ? projectRoot : (values[path.replace('inputs.', '')] ?? ''),
    );
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  const env = Object.fromEntries(Object.entries(step?.env ?? {}).map(([key, value]) => [key, fill(value)]));
  // As the runner calls bash.
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? 'exit 99'],
    {
      cwd: join(folder, values['working-directory'] ?? '.'),
      env: { ...process.env, ...env, ...files },
      encoding: 'utf8',
    },
  );
  const read = (file: string) => readFileSync(file, 'utf8');
  return {
    status,
    stdout,
    stderr,
    output: read(files.GITHUB_OUTPUT),
    summary: read(files.GITHUB_STEP_SUMMARY),
  };
}

beforeAll(() => {
  mkdirSync(join(folder, 'my profiles'));
  writeFileSync(join(folder, 'my profiles', 'open.json'), '{"defaultAction": "SCMP_ACT_ALLOW"}\n');
  writeFileSync(join(folder, 'my profiles', 'other.json'), '{"name": "something else"}\n');
});

describe('action.yml', () => {
  it('annotates, counts and sums up, and --fail-on decides', () => {
    const lint = (failOn: string) =>
      runLint({ 'working-directory': 'my profiles', 'fail-on': failOn, 'sarif-file': 'out.sarif' });
    const { status, stdout, output, summary } = lint('warning');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::warning file=/);
    const warnings = stdout.match(/^::warning /gm)?.length ?? 0;
    const errors = stdout.match(/^::error /gm)?.length ?? 0;
    expect(output).toBe(`errors=${errors}\nwarnings=${warnings}\nnotes=0\n`);
    expect(summary).toContain('### oci-seccomp lint');
    expect(summary).toContain('| 1 | warning | the default action is ');
    const sarif = JSON.parse(readFileSync(join(folder, 'my profiles', 'out.sarif'), 'utf8'));
    expect(sarif.runs[0].results).toHaveLength(warnings + errors);
    rmSync(join(folder, 'my profiles', 'out.sarif'));
    expect(lint('never').status).toBe(0);
    rmSync(join(folder, 'my profiles', 'out.sarif'));
  });

  it('takes inputs as data', () => {
    const { status, stdout, stderr } = runLint({ files: '`id` $(id)', summary: 'false' });
    expect(status).not.toBe(0);
    expect(`${stdout}${stderr}`).not.toContain('uid=');
    expect(runLint({ files: 'x', 'fail-on': 'sometimes' }).status).toBe(2);
  });

  it('has an output for each line that it writes', () => {
    expect(Object.keys(action.outputs)).toEqual(['errors', 'warnings', 'notes']);
  });
});

describe('.pre-commit-hooks.yaml', () => {
  const hooks = parse(readFileSync(join(projectRoot, '.pre-commit-hooks.yaml'), 'utf8')) as readonly {
    readonly id: string;
    readonly entry: string;
    readonly files: string;
  }[];

  it('passes over files that hold no profile, and fails for a bad profile', () => {
    const bad = join(folder, 'bad.json');
    const helm = join(folder, 'values.yaml');
    writeFileSync(bad, '{"defaultAction": "SCMP_ACT_NOPE"}\n');
    writeFileSync(helm, 'image: web\n');
    const run = (entry: string, ...files: readonly string[]) => {
      const [, ...words] = entry.split(' ');
      return spawnSync(process.execPath, [join(projectRoot, 'dist/bin/main.cjs'), ...words, ...files]).status;
    };
    for (const { entry } of hooks) {
      expect(run(entry, helm, join(folder, 'my profiles', 'other.json'))).toBe(0);
      expect(run(entry, helm, bad)).toBe(1);
    }
  });

  it.each([
    ['seccomp.json', true],
    ['deploy/seccomp/web.json', true],
    ['deploy/web-seccomp.yaml', true],
    ['profiles/seccomp-web.yml', true],
    ['package.json', false],
    ['deploy/values.yaml', false],
  ])('%s: %s', (path, wanted) => {
    for (const { files } of hooks) expect(new RegExp(files).test(path)).toBe(wanted);
  });
});
