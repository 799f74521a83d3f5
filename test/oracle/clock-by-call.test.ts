/**
 * `record` and `run` where a look at the clock is a system call. V8 looks at it when it compiles a function. Once the filter
 * is loaded, that call would wait for a recorder that has no listener yet, or be denied.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Outcome, ociSeccomp, root, searchPath } from '../cli/run.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';

const fetched = join(root, '.cache/node');
const nodes = [
  process.execPath,
  ...(existsSync(fetched) ? readdirSync(fetched) : [])
    .filter((name) => /^\d+$/.test(name))
    .map((name) => join(fetched, name, 'bin/node')),
];
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-clock-'));
const list = join(folder, 'list');
const profile = join(folder, 'profile.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function underSlowClock(words: readonly string[], node: string): Outcome {
  const env = { PATH: searchPath, HOME: folder, LD_PRELOAD: helperPath('clock-by-call') };
  return ociSeccomp(words, { env, node });
}

describeWith(['cc', 'built'], 'a clock that is read by a system call', () => {
  it.each(nodes.flatMap((node) => [[], ['--no-guard']].map((options) => ({ node, options }))))(
    'record $options on $node',
    ({ node, options }) => {
      const words = ['record', ...options, '-q', '--list', '-o', list, '--', 'echo', 'done'];
      expect(underSlowClock(words, node)).toMatchObject({ stdout: 'done\n', stderr: '', status: 0 });
      expect(readFileSync(list, 'utf8').split('\n')).toContain('write');
    },
  );

  it.each(
    nodes.flatMap((node) => ['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS'].map((action) => ({ node, action }))),
  )('run under a filter that answers it with $action on $node', ({ node, action }) => {
    const syscalls = [{ names: ['clock_gettime'], action }];
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }));
    const words = ['run', '--profile', profile, '--', 'echo', 'done'];
    expect(underSlowClock(words, node)).toMatchObject({ stdout: 'done\n', status: 0 });
  });
});
