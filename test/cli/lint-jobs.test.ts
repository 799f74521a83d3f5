/**
 * `lint --jobs`: the number of threads changes nothing in what is written, and no file is lost with a thread.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isThorough } from '../support/samples.ts';
import { ociSeccomp, root } from './run.ts';

const COUNT = 100;
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-jobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Small profiles with a finding each, of its own text; every fourth is a copy. */
function profile(i: number): string {
  const name = `no_such_call_${i % 4 === 3 ? i - 1 : i}`;
  return `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["read","${name}"],"action":"SCMP_ACT_ALLOW"}]}\n`;
}

const nameOf = (i: number): string => `many/${String(i).padStart(3, '0')}.json`;

beforeAll(() => {
  mkdirSync(join(folder, 'many'));
  for (let i = 0; i < COUNT; i += 1) writeFileSync(join(folder, nameOf(i)), profile(i));
  writeFileSync(join(folder, nameOf(7)), '{');
  writeFileSync(join(folder, nameOf(9)), readFileSync(join(root, 'fixtures/cli/mistakes.json')));
});

function lint(jobs: number, format: string, env: Readonly<Record<string, string>> = {}) {
  const words = ['lint', 'many', '--no-libseccomp', '--format', format, '--jobs', String(jobs)];
  const { stdout, stderr, status } = ociSeccomp(words, { cwd: folder, env });
  return { stdout, stderr, status };
}

interface Linted {
  readonly files: readonly {
    readonly file: string;
    readonly findings: readonly { readonly message: string }[];
    readonly failure?: { readonly code: string; readonly message: string };
  }[];
}

describe('lint --jobs', () => {
  // Threads hand over findings, of which json shows all; the other formats are made of them in one place.
  const rows = [['json', [2, 4]] as const, ['human', [3]] as const];
  const more = ['sarif', 'github', 'junit'].map((format) => [format, [2]] as const);
  it.each(isThorough ? [...rows, ...more] : rows)(
    'writes the same with any number of threads: %s',
    (format, numbers) => {
      const one = lint(1, format);
      expect(one.stdout).toContain(`no_such_call_${COUNT - 2}`);
      for (const jobs of numbers) expect(lint(jobs, format)).toEqual(one);
    },
  );

  it('reports the file at which a thread ends, and lints all others', () => {
    const victim = nameOf(4);
    const preload = join(folder, 'end.cjs');
    writeFileSync(
      preload,
      `const { isMainThread, parentPort } = require('node:worker_threads');
if (!isMainThread) parentPort.on('message', ({ file }) => { if (file === '${victim}') process.exit(7); });`,
    );
    // The main thread takes the last of what workers leave, so that a worker has the victim.
    const { stdout, stderr, status } = lint(2, 'json', { NODE_OPTIONS: `--require ${preload}` });
    const { files }: Linted = JSON.parse(stdout);
    expect(files.map(({ file }) => file)).toEqual(Array.from({ length: COUNT }, (_, i) => nameOf(i)));
    const failed = files.filter(({ failure }) => failure?.code === 'ERR_IO');
    expect(failed).toHaveLength(1);
    expect(stderr).toContain('the thread that linted it ended: exit code 7');
    expect(status).toBe(3);
    for (const { file, findings, failure } of files) {
      if (failure === undefined) expect(findings.length, file).toBeGreaterThan(0);
    }
  });

  it.each(['0', '-1', 'x', '1000'])('refuses --jobs %s', (jobs) => {
    const { stderr, status } = ociSeccomp(['lint', 'docker-default', `--jobs=${jobs}`]);
    expect(stderr).toContain('--jobs takes a number from 1 to 999');
    expect(status).toBe(2);
  });
});
