/**
 * `record` of what exists already: values, other architectures, limits by another profile, comparisons. What a profile
 * means is asked of `explain` and `subset`, which go another way.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ociSeccomp, program } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-record-options-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const TRACE = `100 execve("/bin/x", ["x"], 0x7f /* 3 vars */) = 0
100 open("/etc/x", O_RDONLY) = 3
100 socket(AF_INET, SOCK_STREAM, 0) = 4
100 ioctl(0, TCGETS, 0x7ff) = 0
100 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 78
100 poll([{fd=3}], 1, 0) = 0
`;
writeFileSync(path('trace'), TRACE);
writeFileSync(path('list'), 'read\nmount\n');
const record = (...words: readonly string[]) => ociSeccomp(['record', ...words]);
const answerOf = (profile: string, ...call: readonly string[]): string =>
  /(ALLOW|ERRNO \w+)/.exec(ociSeccomp(['explain', profile, ...call]).stdout)?.[1] ?? '';

describe('record', () => {
  it('allows with recorded values alone what it is asked to', () => {
    const profile = path('values.json');
    expect(record('--via', `strace:${path('trace')}`, '--args', 'ioctl', '-o', profile)).toMatchObject({
      status: 0,
    });
    expect(answerOf(profile, 'socket', 'AF_INET')).toBe('ALLOW');
    expect(answerOf(profile, 'socket', 'AF_VSOCK')).toBe('ERRNO EPERM');
    expect(answerOf(profile, 'ioctl', '0', 'TCGETS')).toBe('ALLOW');
    expect(answerOf(profile, 'ioctl', '0', 'TIOCSTI')).toBe('ERRNO EPERM');
    expect(answerOf(profile, 'clone', 'CLONE_NEWUSER')).toBe('ERRNO EPERM');
    expect(answerOf(profile, 'clone', 'SIGCHLD')).toBe('ALLOW');
    expect(answerOf(profile, 'clone3')).toBe('ERRNO ENOSYS');
    expect(answerOf(profile, 'mount')).toBe('ERRNO EPERM');
  });

  it('takes what another architecture has in place of recorded calls', () => {
    const profile = path('arm.json');
    const made = record('--via', `strace:${path('trace')}`, '--arch', 'aarch64', '-o', profile);
    expect(made).toMatchObject({ status: 0 });
    expect(made.stderr).toContain('nothing was recorded on aarch64');
    for (const name of ['openat', 'ppoll', 'execve']) {
      expect([name, answerOf(profile, name, '--arch', 'aarch64')]).toEqual([name, 'ALLOW']);
    }
    expect(answerOf(profile, 'mount', '--arch', 'aarch64')).toBe('ERRNO EPERM');
  });

  it('says as text and as JSON what of a trace it did not read', () => {
    writeFileSync(path('broken'), `${TRACE}not a call\n100 nosuch(1) = 0\n100 nosuch(2) = 0\n`);
    writeFileSync(path('odd'), 'read\n2147483648\n');
    const traces = ['--via', `strace:${path('broken')}`, '--via', `list:${path('odd')}`];
    for (const more of [[], ['--compare', 'docker-default']]) {
      const made = record(...traces, ...more, '-o', path('partial.json'), '--json');
      expect(made.stderr).toBe(
        [
          `warning: ${path('broken')}:8: x86_64 has no system call 'nosuch'\n`,
          `warning: ${path('broken')}: line 7 could not be read\n`,
          `warning: ${path('odd')}:2: x86_64 has no system call with the number -2147483648 (0x80000000)\n`,
        ].join(''),
      );
      expect(JSON.parse(made.stdout).traces).toEqual([
        {
          file: path('broken'),
          unreadLines: [7],
          unknownCalls: [{ line: 8, arch: 'x86_64', name: 'nosuch' }],
        },
        {
          file: path('odd'),
          unreadLines: [],
          unknownCalls: [{ line: 2, arch: 'x86_64', nr: 2 ** 31 }],
        },
      ]);
    }
    expect(record('--via', `list:${path('list')}`, '-o', path('whole.json'), '--json').stdout).toContain(
      '"unreadLines": []',
    );
  });

  it('keeps within a profile, and says what of the recording that denies', () => {
    const profile = path('within.json');
    const made = record('--via', `list:${path('list')}`, '--within', 'docker-default', '-o', profile);
    expect(made).toMatchObject({ status: 1 });
    expect(made.stderr).toContain('mount on x86_64, 1 call: denied');
    expect(ociSeccomp(['subset', profile, 'docker-default', '-q'])).toMatchObject({ status: 0 });
    // Without the limit it is not.
    record('--via', `list:${path('list')}`, '-o', profile);
    expect(ociSeccomp(['subset', profile, 'docker-default', '-q'])).toMatchObject({ status: 1 });
  });

  it('shows what a profile allows and no run used, and writes it without that', () => {
    const tight = path('tight.json');
    const compared = record('--via', `strace:${path('trace')}`, '--compare', 'docker-default', '-o', tight);
    expect(compared).toMatchObject({ status: 1 });
    expect(answerOf('docker-default', 'mlockall')).toBe('ALLOW');
    expect(answerOf(tight, 'mlockall')).toBe('ERRNO EPERM');
    expect(answerOf(tight, 'poll')).toBe('ALLOW');
    expect(ociSeccomp(['subset', tight, 'docker-default', '-q'])).toMatchObject({ status: 0 });
    expect(record('--via', `strace:${path('trace')}`, '--compare', tight)).toMatchObject({ status: 0 });
  });

  it('shows the names of a profile and leaves them to no terminal; JSON is printed with --quiet too', () => {
    const names = ['read', 'x\x1b[2J\nallowed and called: 9'];
    const hostile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }] };
    writeFileSync(path('hostile.json'), JSON.stringify(hostile));
    const words = ['--via', `list:${path('list')}`, '--compare', path('hostile.json')];
    expect(record(...words).stdout).toContain('  x\\x1b[2J\\x0aallowed and called: 9\n');
    expect(record(...words, '-q').stdout).toBe('');
    expect(JSON.parse(record(...words, '-q', '--json').stdout).unused).toEqual(names.slice(1));
  });

  it('adds to no recording that another process adds to: it would lose the runs of one', () => {
    const words = ['record', '--via', `list:${path('list')}`, '--append', '-o', path('held.json')];
    const lock = path('held.recording.json.lock');
    const held = spawnSync('flock', [lock, process.execPath, program, ...words], { encoding: 'utf8' });
    expect(held.stderr).toContain(
      `another oci-seccomp record --append adds to ${path('held.recording.json')}`,
    );
    expect([held.status, existsSync(path('held.recording.json'))]).toEqual([3, false]);
    // The file that a lock was on means nothing by itself.
    expect(ociSeccomp(words)).toMatchObject({ status: 0 });
    expect(existsSync(lock)).toBe(false);
    symlinkSync(path('elsewhere'), lock);
    expect(ociSeccomp(words).stderr).toContain(`cannot write ${lock}`);
    expect(existsSync(path('elsewhere'))).toBe(false);
  });

  it('adds runs to a recording, and counts them', () => {
    const profile = path('runs.json');
    for (const more of [[], ['--append']]) record('--via', `list:${path('list')}`, ...more, '-o', profile);
    const { runs, calls } = JSON.parse(readFileSync(path('runs.recording.json'), 'utf8'));
    expect(runs.length).toBe(2);
    expect(calls.map((call: { name: string; count: number }) => [call.name, call.count])).toEqual([
      ['mount', 2],
      ['read', 2],
    ]);
  });

  it('stops counting at the largest number that a recording can hold', () => {
    const [file, largest] = [path('many.recording.json'), Number.MAX_SAFE_INTEGER];
    const row = (calls: number, name: string): string =>
      `  0.00    0.000000           0 ${calls}         ${name}\n`;
    const trace = row(largest, 'read') + row(largest, 'read') + row(3, 'write') + row(largest, 'socket');
    writeFileSync(path('counts'), trace);
    const read = ['--via', `strace:${path('counts')}`];
    expect(record(...read, '-o', path('many.json'))).toMatchObject({ status: 0 });
    expect(record(...read, ...read, '--append', '-o', path('many.json'))).toMatchObject({ status: 0 });
    const { runs, calls } = JSON.parse(readFileSync(file, 'utf8'));
    expect(runs.map((run: { calls: number }) => run.calls)).toEqual([largest, largest, largest]);
    expect(calls.map((call: { name: string; count: number }) => [call.name, call.count])).toEqual([
      ['read', largest],
      ['socket', largest],
      ['write', 9],
    ]);
    expect(calls[1].unkept).toBe(largest);
    expect(record('--recording', file, '-o', path('many.json')).stderr).toContain(`3 runs: ${largest} calls`);
  });

  it.each([
    [['x86_64', 'x86', 'aarch64', 'arm'], ['x86_64'], [['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']]],
    // No filter holds both byte orders.
    [['x86_64', 's390x', 's390'], ['x86_64'], [['SCMP_ARCH_X86_64']]],
    [
      ['x86_64', 'x86', 's390x', 's390'],
      ['x86_64', 's390x'],
      [
        ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
        ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
      ],
    ],
  ])('makes a profile of a recording of several machines: %j, for %j', (archs, hosts, maps) => {
    const [file, profile] = [path('machines.recording.json'), path('machines.json')];
    const common = {
      command: ['x'],
      method: 'list',
      started: '',
      ended: '2026-01-01',
      kernel: '6.1',
      calls: 1,
    };
    const numbers: Readonly<Record<string, number>> = { x86_64: 0, aarch64: 63 };
    const calls = archs.map((arch) => ({ arch, nr: numbers[arch] ?? 3, count: 1, runs: 1 }));
    const runs = archs.map((arch) => ({ ...common, arch }));
    writeFileSync(file, JSON.stringify({ format: 'oci-seccomp recording 1', runs, calls }));
    const made = record(
      ...['--recording', file, '-o', profile],
      ...hosts.flatMap((arch) => ['--arch', arch]),
    );
    expect(made).toMatchObject({ status: 0 });
    expect(made.stderr).toContain(`all ${archs.length} recorded calls get through`);
    const { archMap } = JSON.parse(readFileSync(profile, 'utf8'));
    expect(
      archMap.map((entry: { architecture: string; subArchitectures: readonly string[] }) => [
        entry.architecture,
        ...entry.subArchitectures,
      ]),
    ).toEqual(maps);
  });

  it('takes the calls of a recording that tells of no run', () => {
    const file = path('bare.recording.json');
    const calls = [{ arch: 'x86_64', name: 'mount', nr: 165, count: 1, runs: 1 }];
    writeFileSync(file, JSON.stringify({ format: 'oci-seccomp recording 1', runs: [], calls }));
    expect(record('--recording', file, '--list').stdout).toBe('mount\n');
  });

  it.each([
    ['calls[0]: "count" is not a whole number from 0 to 2^53 - 1', { count: 2 ** 53 }],
    ['calls[0]: "arch" is not an architecture', { arch: 'vax' }],
    ['calls[0]: "name" is not the name of the call with this number', { name: 'write' }],
    [
      'calls[0]: "values" is not a list of values of 64 bits',
      { arguments: [0], values: [{ values: ['-1'] }] },
    ],
    ['calls[0]: "arguments" is not a list of numbers from 0 to 5', { arguments: [6] }],
  ])('says what is wrong with a recording: %s', (message, fields) => {
    const file = path('wrong.recording.json');
    const call = { arch: 'x86_64', name: 'read', nr: 0, count: 1, runs: 1, ...fields };
    writeFileSync(file, JSON.stringify({ format: 'oci-seccomp recording 1', runs: [], calls: [call] }));
    const { status, stderr } = record('--recording', file, '--list');
    expect(status).toBe(2);
    expect(stderr).toContain(`${file} is not a recording: ${message}`);
  });

  it.each([
    [['--args', 'nonesuch', '--', 'true'], "'nonesuch' is not the name of a system call"],
    [['--args', 'openat:1', '--', 'true'], 'argument 1 of openat is an address'],
    [['--args', 'getpid', '--', 'true'], 'no argument of getpid has values with names'],
    [['--append', '--', 'true'], '--append adds to a recording, and none is kept'],
    [['--via', 'x:y'], 'does not say what kind of file it is'],
    [['--json', '--', 'true'], 'the profile goes to standard output'],
    [['-o', tmpdir(), '--', 'echo', 'it ran'], 'is a folder'],
  ])('refuses %j', (words, message) => {
    const { status, stderr, stdout } = record(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('hint: ');
  });

  it('makes no profile of a recording that is not there', () => {
    const { status, stderr, stdout } = record('--recording', path('none.json'));
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain(`cannot read ${path('none.json')}: no such file or directory`);
  });
});
