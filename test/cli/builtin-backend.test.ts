/**
 * `compile --backend builtin`: a smaller program, equal to what libseccomp makes of the same profile.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capabilitySets } from 'oci-seccomp/abi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { ociSeccomp, program, root, searchPath } from './run.ts';

const INSTRUCTION_SIZE = 8;

describe('the builtin backend', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-backend-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // Instructions by the builtin compiler. libseccomp 2.5.4 takes 1,260, 1,243 and 441 to 1,246 for these.
  it.each([
    ['docker-default', ['--runtime', 'runc'], 180],
    ['docker-default', ['--runtime', 'plain'], 178],
    ['podman-default', ['--runtime', 'crun'], 260],
    ['docker-default', ['--arch', 'aarch64'], 155],
    ['docker-default', ['--arch', 's390x'], 160],
  ] as const)('makes of %s %j an equal program of at most %i instructions', (profile, options, limit) => {
    const own = join(folder, 'own.bpf');
    const theirs = join(folder, 'theirs.bpf');
    // With the names of the libseccomp that makes the other one: the builtin backend knows newer ones.
    const names = ['--library', 'libseccomp.so.2', '--backend', 'builtin'];
    const compiled = ociSeccomp(['compile', profile, ...options, ...names, '-o', own]);
    expect(compiled).toMatchObject({ status: 0, stderr: expect.stringContaining('filter by oci-seccomp') });
    expect(ociSeccomp(['compile', profile, ...options, '-q', '-o', theirs]).status).toBe(0);
    expect(ociSeccomp(['diff', own, theirs])).toMatchObject({ status: 0 });
    const size = statSync(own).size / INSTRUCTION_SIZE;
    expect(size).toBeLessThanOrEqual(limit);
    expect(size).toBeLessThan(statSync(theirs).size / INSTRUCTION_SIZE / 2);
  });

  it('needs no libseccomp, and knows all names', () => {
    const own = join(folder, 'alone.bpf');
    const { status, stderr } = ociSeccomp(['compile', 'docker-default', '--backend', 'builtin', '-o', own], {
      env: { OCI_SECCOMP_LIBRARY: '/nonexistent/libseccomp.so.2' },
    });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^ {2}proven when this release was made: /m),
    });
  });

  it('takes counts of calls as strace prints them', () => {
    const counts = join(folder, 'counts.txt');
    // Printed by strace 6.1: strace -c true.
    const table = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 40.00    0.000100          25         4           mmap
 20.00    0.000050          50         1         1 access
------ ----------- ----------- --------- --------- ----------------
100.00    0.000150          30         5         1 total
`;
    writeFileSync(counts, table);
    const words = ['compile', 'docker-default', '--backend', 'builtin', '-q', '-o', join(folder, 'w.bpf')];
    expect(ociSeccomp([...words, '--weights', counts])).toMatchObject({ status: 0, stderr: '' });
    const refused: Readonly<Record<string, string>> = {
      'read ten\n': ':1: cannot read this line as the count of a system call',
      [`read ${'9'.repeat(400)}\n`]: 'the counts are too large to be added up',
      [`read 1${'0'.repeat(308)}\nwrite 1${'0'.repeat(308)}\n`]: 'the counts are too large to be added up',
      'raed 5\n__proto__ 7\n': 'no call is counted here',
      ['read 5\n'.repeat(150_000)]: 'is longer than 1048576 bytes',
    };
    for (const [text, reason] of Object.entries(refused)) {
      writeFileSync(counts, text);
      expect(ociSeccomp([...words, '--weights', counts])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(reason),
      });
    }
    expect(ociSeccomp(['compile', 'docker-default', '-q', '--weights', counts])).toMatchObject({ status: 2 });
  });

  it('says whose names it knows, and that the runtime can know others', () => {
    const { stdout } = ociSeccomp(['compile', 'docker-default', '--backend', 'builtin', '-q', '-f', 'asm']);
    expect(stdout).toMatch(
      /^; syscall table: libseccomp [0-9.]+; the libseccomp of runc can know other names$/m,
    );
  });

  it('says what it cannot write', () => {
    const { status, stderr } = ociSeccomp(['compile', 'docker-default', '--backend', 'builtin', '-f', 'pfc']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('[ERR_USAGE]') });
  });
});

describeWith(['x86_64'], 'a program of the builtin backend in the kernel', () => {
  it('denies and allows as the profile says', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-backend-'));
    try {
      const own = join(folder, 'own.bpf');
      ociSeccomp(['compile', 'docker-default', '--backend', 'builtin', '-q', '-o', own]);
      expect(ociSeccomp(['run', '--profile', own, '--', 'sh', '-c', 'echo started'])).toMatchObject({
        stdout: 'started\n',
        status: 0,
      });
      const { stderr, status } = ociSeccomp(['run', '--profile', own, '--', 'unshare', '--user', 'true']);
      expect({ stderr, status }).toEqual({
        stderr: expect.stringContaining('Operation not permitted'),
        status: 1,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeWith(['built', 'libseccomp 2.6.1'], 'compile --backend builtin --table', () => {
  const libraries = fetchedLibraries().map(({ version, path }) => {
    return [version === '2.5.4' ? '2.5.4-1+deb12u1' : version, path] as const;
  });

  it.each(libraries)('%s: makes an equal program of what that libseccomp compiles', (release, library) => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-table-'));
    try {
      const [own, theirs] = ['own.bpf', 'theirs.bpf'].map((name) => join(folder, name));
      const profile = ['compile', 'docker-default', '--caps', 'all', '-q', '-o'];
      const env = { OCI_SECCOMP_LIBRARY: '/nonexistent/libseccomp.so.2' };
      const names = ['--backend', 'builtin', '--table', release];
      expect(ociSeccomp([...profile, own ?? '', ...names], { env })).toMatchObject({ status: 0, stderr: '' });
      expect(ociSeccomp([...profile, theirs ?? '', '--library', library]).status).toBe(0);
      expect(ociSeccomp(['diff', own ?? '', theirs ?? ''])).toMatchObject({ status: 0 });
      expect(
        ociSeccomp(['verify', 'docker-default', theirs ?? '', '--caps', 'all', '--table', release], { env }),
      ).toMatchObject({ status: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each(libraries)(
    '%s: is what diff, subset, simulate, explain and a hook go by too',
    (release, library) => {
      const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-table-'));
      try {
        const theirs = join(folder, 'theirs.bpf');
        const env = { OCI_SECCOMP_LIBRARY: '/nonexistent/libseccomp.so.2' };
        const read = ['docker-default', '--caps', 'all', '--runtime', 'crun'];
        const names = ['--table', release];
        expect(ociSeccomp(['compile', ...read, '-q', '-o', theirs, '--library', library]).status).toBe(0);
        expect(ociSeccomp(['diff', ...read, theirs, ...names], { env })).toMatchObject({ status: 0 });
        expect(ociSeccomp(['subset', ...read, theirs, ...names], { env })).toMatchObject({ status: 0 });
        expect(ociSeccomp(['subset', theirs, ...read, ...names], { env })).toMatchObject({ status: 0 });
        // What is other for the second takes the place of a library.
        const other = ['diff', ...read, '--library', library, '--other-table', release];
        expect(ociSeccomp(other)).toMatchObject({ status: 0 });

        const calls = join(folder, 'calls');
        writeFileSync(calls, 'x86_64 0-480\nx86 0-480\n');
        const simulated = (options: readonly string[]) =>
          ociSeccomp(['simulate', ...read, calls, ...options], { env }).stdout;
        expect(simulated(names)).toBe(simulated(['--library', library]));
        expect(simulated(names).split('\n').length).toBeGreaterThan(900);

        const asked = ['explain', ...read, 'uretprobe', '--json'];
        const answers = [names, ['--library', library]].map((options) => {
          const { stdout } = ociSeccomp([...asked, ...options], { env });
          return (
            JSON.parse(stdout) as { readonly ways: readonly { readonly verdicts: unknown }[] }
          ).ways.map(({ verdicts }) => verdicts);
        });
        expect(answers[0]).toEqual(answers[1]);
        expect(answers[0]).not.toEqual([]);

        const config = JSON.stringify({
          ociVersion: '1.0.2',
          process: { capabilities: { bounding: capabilitySets.all } },
          linux: {},
        });
        const hook = ['hook', 'precreate', '--profile', 'docker-default', '--crun-bpf', ...names];
        const { stdout } = ociSeccomp(hook, { env, input: config });
        const { annotations } = JSON.parse(stdout) as { readonly annotations: Record<string, string> };
        const own = join(folder, 'own.bpf');
        writeFileSync(own, Buffer.from(annotations['run.oci.seccomp_bpf_data'] ?? '', 'base64'));
        expect(ociSeccomp(['diff', own, theirs])).toMatchObject({ status: 0 });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  it('tells the second filter from the first', () => {
    const { status, stdout } = ociSeccomp([
      ...['diff', 'docker-default', '--caps', 'all', '--runtime', 'crun'],
      ...['--table', '2.5.0', '--other-table', '2.6.1'],
    ]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/names of libseccomp 2\.5\.0.*names of libseccomp 2\.6\.1/s);
  });

  it.each([
    ['both say which names are known', ['createRuntime', '--library', 'libseccomp.so.2']],
    ['both say which names are known', ['createRuntime', '--backend', 'libseccomp']],
    ['--table has no use here', ['precreate']],
    ['both say which names are known', ['precreate', '--crun-bpf', '--backend', 'libseccomp']],
    [
      "the names of libseccomp '2.4.0' are not known",
      ['config', '--profiles-dir', '/tmp', '--table', '2.4.0'],
    ],
  ])('of a hook: %s, %s', (said, words) => {
    const rest = words.includes('config') ? [] : ['--profile', 'docker-default', '--table', '2.5.4'];
    const { status, stderr } = ociSeccomp(['hook', ...words, ...rest]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(said) });
  });

  it('is refused where a library says which names are known, and for what is no release', () => {
    for (const options of [[], ['--backend', 'builtin', '--library', 'libseccomp.so.2']]) {
      const { status, stderr } = ociSeccomp(['compile', 'docker-default', '--table', '2.5.4', ...options]);
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('[ERR_USAGE]') });
    }
    const { status, stderr } = ociSeccomp(['run', '--table', '2.4.0', '--', 'true']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('2.5.4-1+deb12u1') });
  });
});

describe('libseccomp in a child, where few files can be open', () => {
  // It loops for this profile, so a child builds it.
  const words = ['compile', 'fixtures/cli/endless.json', '--arch', 'x86_64', '--timeout', '0.1', '-f', 'c'];

  it('says that no child can be started', () => {
    const limited = (files: number): string =>
      spawnSync('sh', ['-c', `ulimit -n ${files}; exec "$@"`, 'sh', process.execPath, program, ...words], {
        cwd: root,
        encoding: 'utf8',
        env: { PATH: searchPath },
      }).stderr;
    const told = [24, 26].map(limited);
    for (const text of told) expect(text).not.toContain('defect');
    expect(told.join('')).toMatch(/cannot start \S+: spawn \S+ EMFILE \[ERR_IO\]/);
  });
});
