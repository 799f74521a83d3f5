/**
 * What `record` adds to recorded calls, and the limits it sets: held against the vDSO of this machine, the kernel's own
 * names of twins, and what `explain` says of the profile.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-record-groups-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
/** The profile of a trace, for x86_64. */
function profileOf(trace: string, ...options: readonly string[]): string {
  made += 1;
  const [file, profile] = [join(folder, `trace-${made}`), join(folder, `profile-${made}.json`)];
  writeFileSync(file, trace);
  const { status, stderr } = ociSeccomp([
    ...['record', '-q', '--via', `strace:${file}`, '--arch', 'x86_64', '-o', profile],
    ...options,
  ]);
  expect(status, stderr).toBe(0);
  return profile;
}

/** Verdicts of one filter on calls, each a name and numbers; in one process. */
function answersOf(profile: string, calls: readonly string[], arch = 'x86_64') {
  const input = calls.map((call) => `${arch} ${call}\n`).join('');
  const { stdout, stderr } = ociSeccomp(['simulate', profile, '-'], { input });
  const answers = [...stdout.matchAll(/: (ALLOW|ERRNO \w+|KILL\w*)/g)].map(([, answer = '']) => answer);
  expect(answers.length, stderr).toBe(calls.length);
  return calls.map((call, at) => [call, answers[at]]);
}
const all = (calls: readonly string[], answer: string) => calls.map((call) => [call, answer]);

/** Functions of the vDSO that this process has mapped. */
function vdsoFunctions(): readonly string[] {
  const range = /^([0-9a-f]+)-([0-9a-f]+) .*\[vdso\]$/m.exec(readFileSync('/proc/self/maps', 'utf8'));
  const [from, to] = [Number.parseInt(range?.[1] ?? '0', 16), Number.parseInt(range?.[2] ?? '0', 16)];
  const bytes = Buffer.alloc(to - from);
  const memory = openSync('/proc/self/mem', 'r');
  readSync(memory, bytes, 0, bytes.length, from);
  closeSync(memory);
  const names = bytes.toString('latin1').matchAll(/__(?:vdso|kernel)_([a-z_]+)/g);
  // Enclaves are entered by no call; getrandom is called once by who uses its vDSO, and so is recorded.
  const others = ['sgx_enter_enclave', 'getrandom', 'rt_sigreturn'];
  return [...new Set([...names].map(([, name = '']) => name))].filter((name) => !others.includes(name));
}

it('allows what the vDSO answers, and no recorder sees', () => {
  const functions = vdsoFunctions();
  expect(functions).toContain('clock_gettime');
  const profile = profileOf('100 poll([{fd=3}], 1, 0) = 0\n', '-r', 'plain');
  expect(answersOf(profile, functions)).toEqual(all(functions, 'ALLOW'));
});

it('allows the end of programs and the return from signals, and no other call', () => {
  const profile = profileOf('100 getppid() = 1\n', '-r', 'plain');
  const always = ['execve', 'exit', 'exit_group', 'rt_sigreturn', 'restart_syscall', 'getppid'];
  expect(answersOf(profile, always)).toEqual(all(always, 'ALLOW'));
  const never = ['setuid', 'socket', 'ptrace', 'mount', 'clone', 'bpf'];
  expect(answersOf(profile, never)).toEqual(all(never, 'ERRNO EPERM'));
});

it('allows what a runtime calls before the program, for the runtimes that are asked for', () => {
  const trace = '100 getppid() = 1\n';
  const needed = ['setgroups', 'capset', 'setuid'];
  expect(answersOf(profileOf(trace, '-r', 'runc'), needed)).toEqual(all(needed, 'ALLOW'));
  const started = profileOf(trace, '-r', 'runc', '--no-new-privileges');
  expect(answersOf(started, needed)).toEqual(all(needed, 'ERRNO EPERM'));
});

it('allows both twins of 32-bit calls, and the architecture of a recorded 32-bit program', () => {
  const trace = `100 execve("/x", ["x"], 0x7f) = 0
[ Process PID=100 runs in 32 bit mode. ]
100 clock_nanosleep_time64(CLOCK_REALTIME, 0, {tv_sec=1}, NULL) = 0
100 futex(0x1, FUTEX_WAIT, 1, NULL) = 0
`;
  const profile = profileOf(trace, '-r', 'plain');
  const twins = ['clock_nanosleep_time64', 'clock_nanosleep', 'futex', 'futex_time64'];
  expect(answersOf(profile, twins, 'x86')).toEqual(all(twins, 'ALLOW'));
  expect(answersOf(profile, ['mount'], 'x86')).toEqual([['mount', 'ERRNO EPERM']]);
});

it('allows recorded values alone up to 32 of them, and all values beyond', () => {
  const trace = (count: number): string =>
    Array.from({ length: count }, (_, at) => `100 ioctl(0, ${0x5401 + at}, 0x7ff) = 0\n`).join('');
  const few = profileOf(trace(32), '--args', 'ioctl:1', '-r', 'plain');
  const [first, last, next] = [0, 31, 32].map((at) => `ioctl 0 ${0x5401 + at}`);
  expect(answersOf(few, [first, last, next].map(String))).toEqual([
    [first, 'ALLOW'],
    [last, 'ALLOW'],
    [next, 'ERRNO EPERM'],
  ]);
  const many = profileOf(trace(33), '--args', 'ioctl:1', '-r', 'plain');
  expect(answersOf(many, ['ioctl 0 9'])).toEqual([['ioctl 0 9', 'ALLOW']]);
});

it('answers ENOSYS to what is newer than a recorded call, and denies it otherwise', () => {
  const newer = ['pidfd_send_signal', 'clone3'];
  const killing = profileOf('100 kill(100, SIGTERM) = 0\n', '-r', 'plain');
  expect(answersOf(killing, newer)).toEqual(all(newer, 'ERRNO ENOSYS'));
  const other = profileOf('100 getppid() = 1\n', '-r', 'plain');
  expect(answersOf(other, newer)).toEqual([
    ['pidfd_send_signal', 'ERRNO EPERM'],
    ['clone3', 'ERRNO ENOSYS'],
  ]);
});

/** clone(2): CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, each with SIGCHLD. */
const NAMESPACES = [0x20011, 0x2000011, 0x4000011, 0x8000011, 0x10000011, 0x20000011, 0x40000011];
const [NEWUSER, NEWNET] = ['clone 0x10000011', 'clone 0x40000011'];

it('denies namespaces unless they were recorded', () => {
  const flags = (text: string): string => `100 clone(child_stack=NULL, flags=${text}) = 5\n`;
  const plain = profileOf(flags('SIGCHLD'), '-r', 'plain');
  const kinds = NAMESPACES.map((value) => `clone 0x${value.toString(16)}`);
  expect(answersOf(plain, kinds)).toEqual(all(kinds, 'ERRNO EPERM'));
  // As C libraries start a thread.
  expect(answersOf(plain, ['clone 0x3d0f00'])).toEqual([['clone 0x3d0f00', 'ALLOW']]);
  const user = profileOf(flags('CLONE_NEWUSER|SIGCHLD'), '-r', 'plain');
  expect(answersOf(user, [NEWUSER, NEWNET])).toEqual([
    [NEWUSER, 'ALLOW'],
    [NEWNET, 'ERRNO EPERM'],
  ]);
});
