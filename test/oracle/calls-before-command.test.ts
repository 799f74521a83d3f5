/**
 * `record` and `run` where Node makes calls of its own between the load of the filter and the start of the command: they would
 * wait for a recorder that has no listener yet, or be denied.
 *
 * V8 looks at the clock when it compiles a function, and on some machines that is a system call.
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

type Library = 'clock-by-call' | 'late-listener';

function under(library: Library, words: readonly string[], node: string): Outcome {
  const env = { PATH: searchPath, HOME: folder, LD_PRELOAD: helperPath(library) };
  return ociSeccomp(words, { env, node });
}

const guards = [[], ['--no-guard']] as const;

describeWith(['cc', 'built'], 'calls of Node between filter and command', () => {
  const libraries = ['clock-by-call', 'late-listener'] as const;
  it.each(
    nodes.flatMap((node) =>
      libraries.flatMap((library) => guards.map((options) => ({ node, library, options }))),
    ),
  )('record $options with $library on $node', ({ node, library, options }) => {
    const words = ['record', ...options, '-q', '--list', '-o', list, '--', 'echo', 'done'];
    expect(under(library, words, node)).toMatchObject({ stdout: 'done\n', stderr: '', status: 0 });
    const names = readFileSync(list, 'utf8').split('\n');
    expect(names).toContain('write');
    // Of late-listener: it was not the command's.
    expect(names).not.toContain('getpriority');
  });

  it.each(
    nodes.flatMap((node) => ['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS'].map((action) => ({ node, action }))),
  )('run under a filter that answers it with $action on $node', ({ node, action }) => {
    const syscalls = [{ names: ['clock_gettime'], action }];
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }));
    const words = ['run', '--profile', profile, '--', 'echo', 'done'];
    expect(under('clock-by-call', words, node)).toMatchObject({ stdout: 'done\n', status: 0 });
  });
});
