/**
 * Descriptors that C opens are closed in C: Node warns of others in worker threads.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedLibraries } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { buildProgram, type Program } from './support/program.ts';

/** One copy of each version. */
const libraries = [...new Map(installedLibraries().map((each) => [each.version, each])).values()];

describeWith(['root', 'ptrace'], 'descriptors in a worker thread', () => {
  let program: Program;

  beforeAll(async () => {
    program = await buildProgram('worker-descriptors');
  });
  afterAll(() => program.remove());

  it.each(libraries)('are all closed, and without a warning (libseccomp $version)', ({ path }) => {
    const { stdout, stderr, status } = program.run([path]);
    expect({ stdout, stderr, status }).toEqual({
      stdout: '["anon_inode:seccomp notify"]\ndone\n',
      stderr: '',
      status: 0,
    });
  });

  it.each(libraries)('may have the number 0 (libseccomp $version)', ({ path }) => {
    const { stdout, stderr, status } = program.run([path, 'without-stdin']);
    expect({ stdout, stderr, status }).toEqual({
      stdout: '["anon_inode:seccomp notify"]\ndone\n',
      stderr: '',
      status: 0,
    });
  });
});

describe('a worker thread that is terminated while it waits', () => {
  let program: Program;

  beforeAll(async () => {
    program = await buildProgram('worker-waits');
  });
  afterAll(() => program.remove());

  it('leaves no descriptor open', () => {
    const { stdout, stderr, status } = program.run([]);
    expect({ stdout, stderr, status }).toEqual({ stdout: '0\ndone\n', stderr: '', status: 0 });
  });
});

describeWith(['libseccomp 2.5.4'], 'a worker thread that is terminated while it exports', () => {
  let program: Program;

  beforeAll(async () => {
    program = await buildProgram('worker-exports');
  });
  afterAll(() => program.remove());

  it('leaves no descriptor open', () => {
    const library = libraries.find(({ version }) => version === '2.5.4');
    const { stdout, stderr, status } = program.run([library?.path ?? '']);
    expect({ stdout, stderr, status }).toEqual({ stdout: '0\ndone\n', stderr: '', status: 0 });
  });
});
