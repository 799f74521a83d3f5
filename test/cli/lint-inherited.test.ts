/**
 * A vendored copy of an engine's default: `lint` passes it, says in one line what it left out, and each format does likewise.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { serializeProfile } from '../../src/oci/serialize.ts';
import { builtinProfile } from '../../src/pipeline/builtin-profile.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-inherited-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = serializeProfile(await builtinProfile('podman-default@5.8.2'));
const copy = join(folder, 'copy.json');
writeFileSync(copy, text);
/** A call of its own that is dangerous, in the longest list. */
const changed = join(folder, 'changed.json');
writeFileSync(changed, text.replace('"keyctl",', '"keyctl",\n        "io_uring_setup",'));

const lint = (...words: string[]) => ociSeccomp(['lint', '--no-config', ...words]);
const all = JSON.parse(lint(copy, '--inherited', '-f', 'json').stdout) as {
  files: { findings: unknown[] }[];
  totals: { errors: number };
};
const count = all.files[0]?.findings.length ?? 0;

describe('a copy of a default', () => {
  it('passes, and one line says what is left out and how to see it', () => {
    const { stdout, stderr, status } = lint(copy, '--fail-on', 'note', '--max-warnings', '0');
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toBe(
      `1 profile: no findings\n  ${count} findings are those of podman-default itself (5.8.2): --inherited shows them\n`,
    );
    expect(all.totals.errors).toBeGreaterThan(0);
    expect(lint(copy, '--inherited').status).toBe(1);
  });

  it('fails for what its author changed, and only that is shown', () => {
    const { stdout, status } = lint(changed, '--fail-on', 'warning', '-f', 'compact');
    expect(status).toBe(1);
    expect(
      stdout
        .trim()
        .split('\n')
        .filter((line) => !line.includes('io_uring')),
    ).toEqual([]);
  });

  it.each(['compact', 'github', 'junit', 'checkstyle', 'gitlab', 'rdjson'])(
    '%s leaves them out',
    (format) => {
      expect(lint(copy, '-f', format).stdout).not.toContain('dangerous-allowed');
      expect(lint(copy, '-f', format, '--inherited').stdout).toContain('dangerous-allowed');
    },
  );

  it('JSON, SARIF and Markdown say whose they are', () => {
    const files = ['json', 'sarif', 'markdown'].map((format) => join(folder, `report.${format}`));
    const reports = files.map((file) => `${file.split('.').pop()}=${file}`);
    lint(copy, ...reports.flatMap((each) => ['--report', each]));
    const [json = '', sarif = '', markdown = ''] = files.map((file) => readFileSync(file, 'utf8'));
    const {
      files: [only],
      totals,
    } = JSON.parse(json) as {
      files: { findings: unknown[]; inherited: { base: string }[] }[];
      totals: object;
    };
    expect(totals).toMatchObject({ errors: 0, inherited: count, bases: ['podman-default@5.8.2'] });
    expect([only?.findings, only?.inherited.length]).toEqual([[], count]);
    const {
      runs: [run],
    } = JSON.parse(sarif) as {
      runs: { results: { suppressions: { kind: string; status: string; justification: string }[] }[] }[];
    };
    expect(run?.results.length).toBe(count);
    for (const { suppressions } of run?.results ?? []) {
      expect(suppressions).toEqual([
        {
          kind: 'external',
          status: 'accepted',
          justification: 'podman-default@5.8.2 itself has this finding',
        },
      ]);
    }
    expect(markdown).toContain(`${count} findings are those of podman-default itself (5.8.2)`);
  });

  it('is not mended where nothing is shown', () => {
    expect(lint(copy, '--fix-dry-run').stdout).toBe('');
    expect(lint(copy, '--fix-dry-run', '--inherited').stdout).toContain('@@');
  });

  it('beside the default itself: who names that asks for its findings', () => {
    const { stdout } = lint('podman-default@5.8.2', copy, '-f', 'json');
    const { files } = JSON.parse(stdout) as { files: { findings: unknown[]; inherited: unknown[] }[] };
    expect(files.map(({ findings, inherited }) => [findings.length, inherited.length])).toEqual([
      [count, 0],
      [0, count],
    ]);
  });

  it('has the same answer in threads', () => {
    const [one, two] = ['1', '2'].map((jobs) => lint(copy, changed, '-f', 'json', '--jobs', jobs).stdout);
    expect(two).toBe(one);
  });
});
