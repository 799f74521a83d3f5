/**
 * `record` of programs that do what a recorder may not expect: they do the same as without it, or record says what does
 * not; it ends, and its exit code is the program's.
 *
 * OCI_SECCOMP_RECORD_ALL=1 forks 5,000 times.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp, program, searchPath } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { makeShortFolder } from '../support/short-folder.ts';
import { until } from './support/gates.ts';
import { hostileScript } from './support/hostile-script.ts';
import { helperPath } from './support/native.ts';
import { RECORDS_ALL } from './support/recorded-programs.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-record-hostile-'));
chmodSync(folder, 0o755);
/** The kernel reads 255 bytes of the first line of a script. */
const short = makeShortFolder();
chmodSync(short, 0o755);
afterAll(() => {
  for (const each of [folder, short]) rmSync(each, { recursive: true, force: true });
});
const env = { PATH: searchPath };
const list = join(folder, 'list');

interface Row {
  readonly words: readonly string[];
  /** Where it is not what the program prints without a recorder. */
  readonly stdout?: string;
  readonly options?: readonly string[];
  /** All that record says; without a report it says nothing. */
  readonly says?: string;
  readonly calls: string;
}

const RING =
  'warning: the program called io_uring_setup: what is done through a ring makes no system calls, so no recorder and no filter sees it';
const LISTENER =
  'warning: the program asked for a listener of its own and got EBUSY, because the recorder listens: what it does with one was not recorded';
const FILTER =
  'note: the program loaded a filter of its own: what that filter denies was not recorded, and what it leaves to a tracer (TRACE) was carried out';
const STRICT =
  'warning: the program asked for the strict mode of seccomp and got EINVAL, because it runs under the filter of the recorder: what it does in strict mode was not recorded';
const UNTRACED =
  'note: the program started processes with CLONE_UNTRACED, which have no guard: a signal can make a call of theirs fail that waits for the recorder';
const TRACE =
  'warning: the program asked to trace a recorded process, and could not, because the recorder traces it: record again with --no-guard';

const rows: readonly Row[] = [
  { words: ['forks', RECORDS_ALL ? '5000' : '300'], calls: 'wait4' },
  { words: ['blocks signals'], calls: 'getppid' },
  { words: ['forks twice'], calls: 'setsid' },
  { words: ['makes a ring'], says: RING, calls: 'io_uring_setup' },
  { words: ['closes all descriptors'], calls: 'close' },
  { words: ['loads a filter'], says: FILTER, calls: 'seccomp' },
  { words: ['wants a listener'], stdout: 'Device or resource busy\n', says: LISTENER, calls: 'seccomp' },
  { words: ['asks for what there is'], calls: 'seccomp' },
  { words: ['traces'], stdout: 'not traced\n', says: TRACE, calls: 'ptrace' },
  { words: ['traces'], options: ['--no-guard'], calls: 'ptrace' },
  { words: ['kills itself'], calls: 'kill' },
  { words: ['chains', '6'], calls: 'vfork' },
  { words: ['executes in a thread'], calls: 'clone3' },
  { words: ['clones traced'], calls: 'getpgid' },
  { words: ['clones untraced'], says: UNTRACED, calls: 'getpgid' },
  { words: ['clones untraced'], options: ['--no-guard'], calls: 'getpgid' },
  { words: ['calls by 32 bits'], calls: 'getpid' },
  { words: ['leaves namespaces'], calls: 'chroot' },
  { words: ['is strict'], stdout: 'Invalid argument\n', says: STRICT, calls: 'prctl' },
  { words: ['hides'], calls: 'prctl' },
  { words: ['closes its output'], calls: 'openat' },
  { words: ['stops its child'], calls: 'wait4' },
];

describeWith(['x86_64', 'cc', 'ptrace', 'built'], 'record of a program that', () => {
  it.each(rows)('$words $options', ({ words, stdout, options = [], says = '', calls }) => {
    const command = [helperPath('hostile-program'), ...words];
    const plain = spawnSync(command[0] ?? '', words, { encoding: 'utf8', env });
    const made = ociSeccomp(['record', '--list', '-o', list, ...options, '--', ...command], { env });
    expect(made.stderr.replace(/\s+/g, ' ').trim()).toBe(says);
    expect(made).toMatchObject({ stdout: stdout ?? plain.stdout, status: plain.status ?? 128 + 9 });
    expect(readFileSync(list, 'utf8').split('\n')).toContain(calls);
  });

  it('sends signals to its process group: nobody else ends by them', () => {
    // A recorder in the group of these tests would not be the only one that gets them.
    const signals = ['10', '12', '14', '26', '27', '29', '40', '64'];
    const recorder = ['setsid', process.execPath, program, 'record', '--list', '-o', list, '--'];
    const [command = '', ...words] = [
      ...recorder,
      helperPath('hostile-program'),
      'signals its group',
      ...signals,
    ];
    const { stdout, stderr, status } = spawnSync(command, words, { encoding: 'utf8', env });
    expect({ stdout, stderr, status }).toEqual({ stdout: 'goes on\n', stderr: '', status: 19 });
  });

  it('calls many numbers that no call has: it keeps some, and says how many in a line', () => {
    const [file, kept] = [join(folder, 'numbers.json'), join(folder, 'numbers.recording.json')];
    const made = ociSeccomp(
      ['record', '-o', file, '--', helperPath('hostile-program'), 'calls numbers', '3000'],
      { env },
    );
    expect(made.stdout).toBe('0\n');
    expect(made.stderr.replace(/\s+/g, ' ')).toMatch(
      /warning: (\d+) numbers on x86_64 have no name here: no rule can allow them: -1, 1000, 1001, [\d, ]+, … /,
    );
    const { runs, calls } = JSON.parse(readFileSync(kept, 'utf8'));
    const total = calls.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
    expect(total).toBe(runs[0].calls);
    expect(calls.length).toBeLessThan(1200);
  });

  const NO_LISTENER = {
    ...{ names: ['seccomp'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
    args: [{ index: 1, value: 8, valueTwo: 8, op: 'SCMP_CMP_MASKED_EQ' }],
  };
  /** How a command is run under a profile. */
  function underProfile(...syscalls: readonly object[]): readonly string[] {
    const profile = join(folder, 'in-force.json');
    const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'];
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', architectures, syscalls }));
    return ['run', '--profile', profile, '--'];
  }

  it('is recorded where poll(2) is denied: record ends, and the program with it', () => {
    const inFilter = underProfile({ names: ['poll', 'ppoll'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
    const recorder = [process.execPath, program, 'record', '--list', '-o', list, '--'];
    const { stderr, status } = ociSeccomp([...inFilter, ...recorder, 'true'], { env });
    expect({ stderr, status }).toEqual({
      stderr: expect.stringMatching(/^error: poll: ENOSYS \(38\) \[ERR_KERNEL\]\n {2}hint: /) as string,
      status: 3,
    });
  });

  it.each([
    ['EPERM', 1],
    ['ENOSYS', 38],
  ])('is recorded where waitid(2) is denied with %s: without a guard, or not at all', (name, errnoRet) => {
    const denied = { names: ['waitid'], action: 'SCMP_ACT_ERRNO', errnoRet };
    const recorder = [process.execPath, program, 'record', '-o', list, '--', 'sh', '-c', 'echo ran; exit 7'];
    const unguarded = ociSeccomp([...underProfile(denied), ...recorder], { env });
    expect(unguarded).toMatchObject({ stdout: 'ran\n', status: 7 });
    expect(unguarded.stderr.replace(/\s+/g, ' ')).toContain(
      `note: ptrace cannot be had here (waitid: ${name} (${errnoRet})): a signal can make a call fail`,
    );
    const made = unguarded.stderr.match(/: (\d+) calls,/)?.[1];
    expect(Number(made)).toBeGreaterThan(20);
    expect(readFileSync(list, 'utf8')).toContain('"exit_group"');
    const refused = ociSeccomp([...underProfile(denied, NO_LISTENER), ...recorder], { env });
    expect(refused).toMatchObject({ stdout: '', status: 3 });
    expect(refused.stderr).toContain(`error: waitid: ${name} (${errnoRet}) [ERR_KERNEL]`);
  });

  it('leaves a process behind that cannot be ended, because pidfd_open(2) is denied: record says which', async () => {
    const inFilter = underProfile({ names: ['pidfd_open'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
    const command = ['sh', '-c', 'sleep 1000 >&- 2>&- & echo $!'];
    const recorder = [program, ...inFilter, process.execPath, program, 'record', '--list', '-o', list, '--'];
    const child = spawn(process.execPath, [...recorder, ...command], { env });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
    const ended = new Promise((resolve) => child.once('close', resolve));
    await until('record says what it waits for', () => said.stderr.includes('run on and are recorded'));
    child.kill('SIGINT');
    await ended;
    const left = Number(said.stdout);
    expect(existsSync(`/proc/${left}`)).toBe(true);
    process.kill(left, 'SIGKILL');
    expect(said.stderr.replace(/\s+/g, ' ')).toContain(
      `could not be ended (pidfd_open: ENOSYS (38)): kill -9 ${left} note:`,
    );
  });

  it('does all that under ptrace', () => {
    const inFilter = underProfile(NO_LISTENER);
    const script = ['sh', '-c', hostileScript(helperPath('hostile-program'))];
    const plain = ociSeccomp([...inFilter, ...script], { env });
    const recorder = [process.execPath, program, 'record', '--list', '-o', list, '--'];
    const made = ociSeccomp([...inFilter, ...recorder, ...script], { env });
    expect(made.stdout).toBe(plain.stdout.replace('\ntraced\n', '\nnot traced\n'));
    expect(plain.stdout).not.toMatch(/^127$/m);
    expect(made.stderr.replace(/\s+/g, ' ').trim()).toMatch(
      /ptrace was used, which is slower note: a seccomp filter was in force already, as in most containers: what it denies failed as always, but was recorded, so the profile allows it warning: .*io_uring.* warning: the program started processes with CLONE_UNTRACED: no tracer sees them, and what they called was not recorded warning: the program asked to trace a recorded process, and could not, because the recorder traces it$/,
    );
    expect(readFileSync(list, 'utf8').split('\n')).toEqual(
      expect.arrayContaining(['vfork', 'chroot', 'unshare', 'getpgid', 'close_range']) as string[],
    );
  });

  it('has threads that get signals all the time: under the guard the others go on beside them', () => {
    const command = [helperPath('hostile-program'), 'gets signals beside others'];
    const made = ociSeccomp(['record', '-q', '--list', '-o', list, '--', ...command], { env });
    expect(made).toMatchObject({ stderr: '', status: 13 });
    const [mine, others] = made.stdout.split(' ').map(Number);
    expect(mine).toBe(100);
    // One. Where threads were left stopped it was fifteen and more.
    expect(others).toBeLessThan(8);
  });

  it('has threads that call all the time: under ptrace the others go on beside them', () => {
    const [file, kept] = [join(folder, 'beside.json'), join(folder, 'beside.recording.json')];
    const recorder = [process.execPath, program, 'record', '-q', '-o', file, '--'];
    const command = [helperPath('hostile-program'), 'works beside others'];
    const made = ociSeccomp([...underProfile(NO_LISTENER), ...recorder, ...command], { env });
    expect(made).toMatchObject({ stderr: '', status: 12 });
    const { calls } = JSON.parse(readFileSync(kept, 'utf8')) as {
      readonly calls: readonly { readonly name: string; readonly count: number }[];
    };
    // Some 2,000. Where threads were left stopped it was a hundred thousand and more.
    expect(calls.find(({ name }) => name === 'getuid')?.count).toBeLessThan(40_000);
  });

  const IN_FORCE =
    'note: a seccomp filter was in force already, as in most containers: what it denies failed as always, ';
  it.each([
    {
      ...{ by: 'notification', rules: [], made: '0', recorded: ['mkdir'] },
      says: `${IN_FORCE}and was not recorded; what it leaves to a tracer (TRACE) was carried out, and fails without the recorder`,
    },
    {
      ...{ by: 'ptrace', rules: [NO_LISTENER], made: '1', recorded: ['mkdir', 'rmdir'] },
      says: `note: notifications cannot be had here (a filter denies seccomp(2)); ptrace was used, which is slower ${IN_FORCE}but was recorded, so the profile allows it`,
    },
  ])('runs under a filter already, by $by: record says what it cannot know', (row) => {
    const inFilter = underProfile(
      ...row.rules,
      { names: ['mkdir'], action: 'SCMP_ACT_TRACE' },
      { names: ['rmdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 77 },
    );
    const made = join(folder, `made by ${row.by}`);
    const command = ['sh', '-c', 'mkdir "$0" 2>&-; echo $?; rmdir "$0" 2>&1', made];
    const failed = `rmdir: failed to remove '${made}': File descriptor in bad state\n`;
    const plain = ociSeccomp([...inFilter, ...command], { env });
    expect(plain.stdout).toBe(`1\n${failed}`);
    const recorder = [process.execPath, program, 'record', '--list', '-o', list, '--'];
    const recorded = ociSeccomp([...inFilter, ...recorder, ...command], { env });
    expect(recorded.stdout).toBe(`${row.made}\n${failed}`);
    expect(recorded.stderr.replace(/\s+/g, ' ').trim()).toBe(row.says);
    const names = readFileSync(list, 'utf8').split('\n');
    expect(names.filter((name) => ['mkdir', 'rmdir'].includes(name))).toEqual(row.recorded);
  });

  async function stopped(words: readonly string[], signals: number, ...options: readonly string[]) {
    const command = [
      program,
      'record',
      ...options,
      '--list',
      '-o',
      '/dev/null',
      '--',
      helperPath('hostile-program'),
      ...words,
    ];
    const recorder = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      recorder[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
    const ended = new Promise((resolve) => recorder.once('close', resolve));
    for (let lines = 1; lines <= signals; lines += 1) {
      await until('record says what it waits for', () => said.stderr.split('\n').length > lines);
      recorder.kill('SIGTERM');
    }
    const status = await ended;
    return { ...said, status };
  }

  // Record waits for some seconds before it speaks: both at once.
  it.concurrent('stops: record says so, and a signal that it hands on lets it go on and ends it', async () => {
    const { stdout, stderr, status } = await stopped(['stops'], 1);
    expect(stderr).toMatch(
      /^the command is stopped, and record waits for it: kill -CONT \d+ lets it go on$/m,
    );
    expect({ stdout, status }).toEqual({ stdout: 'stops\n', status: 128 + 15 });
  });

  it.concurrent('has a child that stays stopped: record says so, and a second signal ends that one', async () => {
    const { stdout, stderr, status } = await stopped(['stops its child', 'for ever'], 2, '--no-guard');
    expect(stderr.replace(/\s+/g, ' ').trim()).toMatch(
      /^process (\d+) \(hostile-program\S*\) of the command is stopped, and record waits for it: kill -CONT \1 lets it go on the command has ended, but processes that it started run on and are recorded: Ctrl-C ends them processes that the command had left running were ended$/,
    );
    expect({ stdout, status }).toEqual({ stdout: '1\n', status: 128 + 15 });
  });
});

describeWith(['root', 'ptrace', 'built'], 'record where', () => {
  it('there is no /dev/null, which the guard needs: it says so, and goes on', () => {
    const recorder = [process.execPath, program, 'record', '-o', list, '--', 'sh', '-c', 'exit 7'];
    const words = ['-m', 'sh', '-c', 'mount -t tmpfs none /dev && exec "$@"', 'sh', ...recorder];
    const { stderr, status } = spawnSync('unshare', words, { encoding: 'utf8', env });
    expect(status).toBe(7);
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'note: ptrace cannot be had here (the guard cannot be started: no such file or directory): a signal',
    );
  });
});

/** Not in most containers. */
const canServe =
  existsSync('/dev/fuse') && spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0;

describeWith(['root', 'cc', 'built'], 'record of a program that serves the files that it executes', () => {
  it.runIf(canServe)('waits for none of them', () => {
    const mounted = join(folder, 'served');
    mkdirSync(mounted);
    const words = ['--no-new-privs', 'unshare', '-m', helperPath('serves-files'), mounted];
    const run = (command: string, before: readonly string[] = []) => {
      const patience = { timeout: HANGS_AFTER, killSignal: 'SIGKILL' } as const;
      const all = [...before, ...words];
      const { stdout, stderr, status } = spawnSync(command, all, { encoding: 'utf8', env, ...patience });
      return { stdout, stderr, status };
    };
    const plain = run('setpriv');
    const [notOne, absent] = ['Exec format error\n', 'No such file or directory\n'];
    const outOfSight = `${absent}${notOne}${notOne}Invalid argument\n`;
    expect(plain.stdout).toBe(`${notOne}${notOne}${outOfSight}`);
    const recorder = [program, 'record', '--list', '-o', list, '--', 'setpriv'];
    expect(run(process.execPath, recorder)).toEqual(plain);
    expect(readFileSync(list, 'utf8').split('\n')).toContain('execveat');
  });
});

describeWith(['root', 'built', 'a checkout open to all'], 'record without root of a program that', () => {
  it('executes what it cannot: it sees the errors that it sees without a recorder', () => {
    const paths = join(folder, 'paths');
    mkdirSync(join(paths, 'closed'), { recursive: true, mode: 0o755 });
    chmodSync(join(paths, 'closed'), 0o700);
    symlinkSync('loop', join(paths, 'loop'));
    writeFileSync(join(paths, 'file'), '', { mode: 0o644 });
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const names = ['./loop', './closed/x', './file/x', `./${'x'.repeat(300)}`, './absent', './file'];
    const command = ['sh', '-c', `${names.map((name) => `${name}; echo $?`).join('; ')}; exit 5`];
    const run = (...before: readonly string[]) => {
      const words = [...nobody, ...before, ...command];
      const { stdout, stderr, status } = spawnSync('setpriv', words, { encoding: 'utf8', env, cwd: paths });
      return { stdout, stderr, status };
    };
    const recorder = [process.execPath, program, 'record', '--list', '-o', '/dev/null', '--'];
    expect(run(...recorder)).toEqual(run());
  });

  it('has no place for its recording: it is not run', () => {
    const marks = mkdtempSync(join(folder, 'marks-'));
    chmodSync(marks, 0o777);
    mkdirSync(join(folder, 'closed'), { mode: 0o700 });
    symlinkSync('circle', join(folder, 'circle'));
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    for (const place of ['closed/x.json', 'circle/x.json', 'absent/x.json']) {
      const words = [process.execPath, program, 'record', '-o', join(folder, place), '--', 'touch'];
      const command = [...nobody, ...words, join(marks, 'ran')];
      const { stderr, status } = spawnSync('setpriv', command, { encoding: 'utf8', env, cwd: '/' });
      expect([stderr, status]).toEqual([
        expect.stringMatching(
          /^error: cannot write .*\[ERR_IO\]\n {2}hint: the command was not run/,
        ) as string,
        3,
      ]);
    }
    expect(readdirSync(marks)).toEqual([]);
  });

  it.each(['--within', '--compare'])(
    'is held against a profile that cannot be read: it is not run: %s',
    (option) => {
      const mark = join(folder, `ran${option}`);
      const words = [
        'record',
        '-o',
        join(folder, 'held.json'),
        option,
        join(folder, 'absent.json'),
        '--',
        'touch',
        mark,
      ];
      expect(ociSeccomp(words, { env })).toMatchObject({ status: 3, stdout: '' });
      expect(existsSync(mark)).toBe(false);
    },
  );

  it('executes a set-user-ID program: it says that it gained nothing', () => {
    const [id, cat, secret] = [join(folder, 'id'), join(folder, 'cat'), join(short, 'secret')];
    for (const file of [id, cat]) {
      const command = `command -v ${basename(file)}`;
      copyFileSync(spawnSync('sh', ['-c', command], { encoding: 'utf8', env }).stdout.trim(), file);
      chmodSync(file, 0o4755);
    }
    writeFileSync(secret, 'secret\n', { mode: 0o600 });
    // Of scripts, the interpreter's bits count and their own do not.
    for (const [name, line] of [
      ['plain', '/bin/sh'],
      ['script', `${cat} ${secret}`],
    ] as const) {
      writeFileSync(join(folder, name), `#!${line}\nid -u\n`);
      chmodSync(join(folder, name), 0o4755);
    }
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const descriptor = `${helperPath('hostile-program')} 'executes a descriptor' . ./id -u`;
    const lines = ['./id -u', '"$0/id" -u', './script 2>/dev/null', './plain', descriptor];
    const command = ['sh', '-c', `cd "$0"; ${lines.join('; ')}; exit 4`, folder];
    const printed = (user: string, read: string): string =>
      `${user}\n${user}\n${read}#!${cat} ${secret}\nid -u\n65534\n${`${user}\n`.repeat(3)}`;
    const words = [
      ...nobody,
      process.execPath,
      program,
      'record',
      '--list',
      '-o',
      '/dev/null',
      '--',
      ...command,
    ];
    const { stdout, stderr, status } = spawnSync('setpriv', words, { encoding: 'utf8', env, cwd: '/' });
    expect(stderr.replace(/\s+/g, ' ')).toBe(
      `warning: ./id /proc/self/fd/3 ${cat} ${id} descriptor 3 id gained no privileges, because the program ran with no_new_privs: record as root to see what it does with them `,
    );
    expect({ stdout, status }).toEqual({ stdout: printed('65534', ''), status: 4 });
    // As root it does what it does without a recorder.
    const asRoot = ociSeccomp(
      ['record', '--list', '-o', '/dev/null', '--', 'setpriv', ...nobody, ...command],
      { env },
    );
    expect(asRoot).toMatchObject({ stdout: printed('0', 'secret\n'), stderr: '', status: 4 });
  });

  it.each(['a guard', '--no-guard'])(
    'is to be recorded where no listener can be sent, with %s: ptrace is used',
    (option) => {
      const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
      const sender = [helperPath('hostile-program'), 'sends descriptors'];
      const recorder = [process.execPath, program, 'record', '--list', '-o', '/dev/null'];
      if (option === '--no-guard') recorder.push(option);
      const words = [...nobody, ...sender, ...recorder, '--', 'sh', '-c', 'exit 7'];
      const { stderr, status } = spawnSync('setpriv', words, {
        encoding: 'utf8',
        env,
        cwd: '/',
        timeout: HANGS_AFTER,
      });
      expect({ stderr: stderr.replace(/\s+/g, ' ').trim(), status }).toEqual({
        stderr:
          'note: notifications cannot be had here (the listener cannot be handed over: ETOOMANYREFS (109)); ptrace was used, which is slower',
        status: 7,
      });
    },
  );

  it('executes files by paths that cross a page, end with the last one, or lie in a page that is not there yet: it says which', () => {
    const place = mkdtempSync(join(folder, 'pages-'));
    const files = [join(place, 'crosses'), join(place, 'ends'), join(place, 'untouched')];
    const constant = join(place, 'constant');
    writeFileSync(constant, `${files[2]}\0`);
    for (const file of files) {
      copyFileSync('/bin/busybox', file);
      chownSync(file, 65534, 0);
      chmodSync(file, 0o4755);
    }
    const command = [
      'setpriv',
      '--no-new-privs',
      helperPath('hostile-program'),
      'executes at pages',
      ...files.slice(0, 2),
      constant,
    ];
    const { stderr } = ociSeccomp(['record', '--list', '-o', '/dev/null', '--', ...command], { env });
    expect(stderr.replace(/\s+/g, ' ')).toContain(`warning: ${files.join(' ')} gained no privileges`);
  });

  it('executes itself by /proc/self/exe, which is another file for the recorder', () => {
    const own = join(mkdtempSync(join(folder, 'own-')), 'busybox');
    copyFileSync('/bin/busybox', own);
    chownSync(own, 65534, 0);
    chmodSync(own, 0o4755);
    const command = ['setpriv', '--no-new-privs', own, 'sh', '-c', 'exec /proc/self/exe'];
    const { stderr } = ociSeccomp(['record', '--list', '-o', '/dev/null', '--', ...command], { env });
    expect(stderr.replace(/\s+/g, ' ')).toContain(`warning: /proc/self/exe ${own} gained no privileges`);
  });

  it('takes away the folder of the recording for a while: nothing is lost', () => {
    const place = join(mkdtempSync(join(folder, 'gone-')), 'inner');
    mkdirSync(place);
    const profile = join(place, 'p.json');
    const said = join(place, '../said');
    // The folder comes back when record has said that it is gone. On a busy machine it has written its file already.
    const gone = 'until rmdir "$0" 2>&-; do rm -f "$0"/*; done';
    const script = `${gone}; until grep -q tried "$1"; do sleep 0.1; done; mkdir "$0"; umask`;
    const words = [program, 'record', '-o', profile, '--', 'sh', '-c', script, place, said];
    const { status } = spawnSync(process.execPath, words, {
      ...{ env, timeout: HANGS_AFTER },
      stdio: ['ignore', 'ignore', openSync(said, 'w')],
    });
    const stderr = readFileSync(said, 'utf8');
    expect(stderr).toContain('no such file or directory; recording goes on, and the file is tried again\n');
    expect(status).toBe(0);
    expect(readFileSync(join(place, 'p.recording.json'), 'utf8')).toMatch(/"rmdir"[\s\S]*"umask"/);
  });

  it('cannot be started where a descriptor is above the limit of open files: it says so', () => {
    const words = ['-c', 'exec 99</dev/null; ulimit -n 90; exec "$@"', 'sh', process.execPath, program];
    const { status, stderr } = spawnSync('bash', [...words, 'record', '-o', '-', '--', 'true'], {
      encoding: 'utf8',
      env,
    });
    expect(stderr).toContain('it inherits a descriptor above the limit of open files [ERR_KERNEL]');
    expect(status).toBe(3);
  });

  it.each([
    [
      'recording',
      'p.recording.json',
      'p.json',
      /cannot write p\.recording\.json: .*\n {2}hint: p\.json is written; the recording is in (\/\S+): oci-seccomp record --via recording:\1 -o PROFILE makes/,
    ],
    [
      'profile',
      'p.json',
      'p.recording.json',
      /cannot write p\.json: .*\n {2}hint: the recording is kept: oci-seccomp record --via recording:p\.recording\.json -o PROFILE makes/,
    ],
  ])('makes the file of the %s a folder: the other one is written', (_, taken, other, message) => {
    const cwd = mkdtempSync(join(folder, 'taken-'));
    const words = ['record', '-o', 'p.json', '--', 'sh', '-c', `rm -f ${taken}; mkdir ${taken}; umask`];
    const { status, stderr } = spawnSync(process.execPath, [program, ...words], {
      encoding: 'utf8',
      env: { ...env, TMPDIR: folder },
      cwd,
    });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('--append adds');
    expect(status).toBe(3);
    expect(readFileSync(join(cwd, other), 'utf8')).toContain('"umask"');
  });

  it.each([
    ['both files folders', ['-o', 'p.json'], 'mkdir -p p.json p.recording.json', undefined],
    ['the folder go away', ['-o', 'gone/p.json'], 'rm -rf gone', undefined],
    ['no place left for standard output', [], ':', '/dev/full'],
  ])('makes %s: the recording is kept elsewhere', (_, options, does, to) => {
    const cwd = mkdtempSync(join(folder, 'nowhere-'));
    mkdirSync(join(cwd, 'gone'));
    const words = ['record', ...options, '--', 'sh', '-c', `rm -f p.*; ${does}; umask`];
    const out = openSync(to ?? join(cwd, 'out'), 'w');
    const { status, stderr } = spawnSync(process.execPath, [program, ...words], {
      env: { ...env, TMPDIR: join(cwd, 'no'), HOME: join(cwd, 'no') },
      ...{ encoding: 'utf8', cwd, stdio: ['ignore', out, 'pipe'] },
    });
    closeSync(out);
    expect(status).toBe(3);
    const [, file = '', command = ''] = /hint: the recording is in (\S+): (\S.*) makes/.exec(stderr) ?? [
      stderr,
    ];
    expect(file).toMatch(new RegExp(`^${cwd}/oci-seccomp-\\w+\\.recording\\.json$`));
    // The command that is named makes the profile.
    const again = command
      .replace(/^oci-seccomp /, '')
      .replace('PROFILE', 'again.json')
      .split(' ');
    spawnSync(process.execPath, [program, ...again], { env, cwd });
    expect(readFileSync(join(cwd, 'again.json'), 'utf8')).toContain('"umask"');
  });

  it('may write no file at all: the recording is on standard output', () => {
    const cwd = mkdtempSync(join(folder, 'no-file-'));
    // Of the recorder, RLIMIT_FSIZE: Node ignores the signal, and write(2) fails.
    const words = ['-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath, program];
    const { status, stderr, stdout } = spawnSync('bash', [...words, 'record', '-o', 'p.json', '--', 'true'], {
      ...{ encoding: 'utf8', env, cwd },
    });
    expect(stderr).toMatch(
      /cannot write p\.json: .*\n {2}hint: the recording is on standard output: keep it/,
    );
    expect(status).toBe(3);
    expect(readdirSync(cwd)).toEqual([]);
    writeFileSync(join(cwd, 'kept.json'), stdout);
    const again = ['record', '--via', 'recording:kept.json', '-o', 'p.json'];
    expect(spawnSync(process.execPath, [program, ...again], { env, cwd }).status).toBe(0);
    expect(readFileSync(join(cwd, 'p.json'), 'utf8')).toContain('"execve"');
  });

  it('runs out of descriptors at any point of its start: it says so, once', () => {
    const limits = Array.from({ length: 12 }, (_, more) => 17 + more);
    const said = limits.map((limit) => {
      const words = ['-c', `ulimit -n ${limit}; exec "$@"`, 'sh', process.execPath, program];
      return spawnSync('bash', [...words, 'record', '-o', '-', '--', 'true'], { encoding: 'utf8', env })
        .stderr;
    });
    expect(said.filter((text) => text.includes('[ERR_KERNEL]')).length).toBeGreaterThan(0);
    // What an error that nobody has caught looks like.
    expect(said.map((text) => text.includes('OciSeccompError'))).not.toContain(true);
  });

  it.each([
    ['the proc file system of the recorder', []],
    ['one of its own', ['unshare', '--pid', '--fork', '--mount-proc']],
  ])('executes files by paths through /proc, with %s: it says which', (_, own) => {
    const place = mkdtempSync(join(folder, 'through-'));
    copyFileSync('/bin/busybox', join(place, 'busybox'));
    chownSync(join(place, 'busybox'), 65534, 0);
    chmodSync(join(place, 'busybox'), 0o4755);
    // The recorder's own working folder has a file without the bit.
    const other = mkdtempSync(join(folder, 'other-'));
    copyFileSync('/bin/busybox', join(other, 'busybox'));
    symlinkSync('/proc/self/cwd/busybox', join(place, 'link'));
    symlinkSync('/proc/self/', join(place, 'self'));
    const paths = [
      '/proc/self/cwd/busybox',
      '/proc/thread-self/cwd/busybox',
      `/proc/self/cwd/../${basename(place)}/busybox`,
      `/proc/self/root${place}/busybox`,
      '/proc/self/task/../cwd/busybox',
      './link',
      './self/cwd/./busybox',
      '/dev/fd/9',
    ];
    const script = `cd "$0" && exec 9<busybox; ${paths.map((path) => `${path} true`).join('; ')}`;
    const command = [...own, 'setpriv', '--no-new-privs', 'bash', '-c', script, place];
    const words = [program, 'record', '--list', '-o', '/dev/null', '--', ...command];
    const { stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', env, cwd: other });
    const told = /warning: (.*) gained no privileges/.exec(stderr.replace(/\s+/g, ' '))?.[1];
    expect(told?.split(' ').sort()).toEqual([...paths].sort());
  });

  const away = join(folder, 'away');
  it.each([
    ['/bin/powerless', away, true],
    ['/bin/plain', away, false],
    ['bin/powerless', `../../..${away}`, true],
    ['../../bin/powerless', `/bin/..${away}`, true],
  ])('executes %s in another root, a link to %s: it says what is there', (path, target, isSetId) => {
    const root = mkdtempSync(join(folder, 'root-'));
    for (const each of [join(root, 'bin'), join(root, folder)]) mkdirSync(each, { recursive: true });
    // The recorder's own root has the other kind of file at this path.
    for (const [file, hasBit] of [
      [away, !isSetId],
      [join(root, away), isSetId],
    ] as const) {
      copyFileSync('/bin/busybox', file);
      chownSync(file, 65534, 0);
      chmodSync(file, hasBit ? 0o4755 : 0o755);
    }
    symlinkSync(target, join(root, path.replace(/^(\.\.\/)*/, '')));
    copyFileSync('/bin/busybox', join(root, 'bin/sh'));
    for (const within of [[], ['unshare', '--mount']]) {
      const words = ['record', '--list', '-o', '/dev/null', '--', 'setpriv', '--no-new-privs', ...within];
      const made = ociSeccomp([...words, 'chroot', root, '/bin/sh', '-c', `exec ${path} true`], { env });
      expect(made.stderr.replace(/\s+/g, ' ')).toContain(
        isSetId ? `warning: ${path} gained no privileges, because` : 'applet not found',
      );
      expect(made.stderr.includes('gained')).toBe(isSetId);
    }
  });
});
