/**
 * `record` of what exists already: values, other architectures, limits by another profile, comparisons. What a profile
 * means is asked of `explain` and `subset`, which go another way.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ociSeccomp } from './run.ts';

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

  it.each([
    [['--args', 'nonesuch', '--', 'true'], "no system call is called 'nonesuch'"],
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
