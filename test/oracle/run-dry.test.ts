/** What --dry-run foretells against what happens: each command is traced, decided, and then really run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { describeWith } from './support/require.ts';
import { end, makeFilters, underRun } from './support/run.ts';

describeWith(['root', 'x86_64', 'strace', 'built'], 'run --dry-run', () => {
  const filters = makeFilters();
  afterAll(filters.remove);
  const trace = join(filters.folder, 'trace');
  const strace = ['strace', '-f', '-qq', '-o', trace] as const;

  it.each([
    ['true', []],
    ['ls /etc >/dev/null; cat /proc/self/status >/dev/null; mkdir -p d; rmdir d', []],
    ['unshare -u true', ['unshare']],
    ['unshare -n true; mount -t tmpfs none /nonexistent; true', ['mount', 'unshare']],
    ['setarch i386 true; setarch -R true', ['personality']],
    ['setarch -R true', ['personality']],
  ])('%s: foretells what fails', (script, denied) => {
    end([...strace, 'sh', '-c', script], { cwd: filters.folder });
    const { stdout, status } = ociSeccomp(['run', '--dry-run', trace]);
    const lines = stdout.split('\n');
    const from = lines.indexOf('denied:');
    const listed = from < 0 ? [] : lines.slice(from + 1).filter((line) => /^ {2,}\d+x/.test(line));
    expect(listed.map((line) => line.trim().split(/ +/)[1]).sort()).toEqual(denied);
    expect(status).toBe(denied.length === 0 ? 0 : 1);
    expect(stdout).not.toContain('depends on');

    const counted = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => /^\d+ +[a-z]\w*\(/.test(line)).length;
    expect(lines.at(-2)).toBe(`${counted} calls: ${counted - sum(listed)} allowed, ${sum(listed)} denied`);

    // The command really run under the filter, its own calls traced: exactly those fail with EPERM that were foretold.
    end([...strace, ...underRun('-p', filters.dockerDefault)('sh', '-c', script)], { cwd: filters.folder });
    const text = readFileSync(trace, 'utf8');
    const loaded = text.lastIndexOf('seccomp(SECCOMP_SET_MODE_FILTER');
    const failed = [...text.slice(loaded).matchAll(/ ([a-z_0-9]+)\(.*= -1 EPERM/g)].map(([, name]) => name);
    expect([...new Set(failed)].sort()).toEqual(denied);
  });

  const sum = (lines: readonly string[]): number =>
    lines.reduce((total, line) => total + Number(/(\d+)x/.exec(line)?.[1]), 0);
});
