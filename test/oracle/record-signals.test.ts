/**
 * Signals that come while a call waits for the recorder, and a recorder within a recorder. Nothing here depends on who
 * is faster: the recorder is stopped while the signal comes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ociSeccomp, program, searchPath } from '../cli/run.ts';
import { callOf, makesCall } from './support/call-of-process.ts';
import { until } from './support/gates.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-record-signals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { PATH: searchPath };

/**
 * Says its number, waits for a byte, and then makes a call that does not fail with EINTR: it knows none, or reads where a byte
 * is, or does not wait. With a pipe it makes one that does: it opens the pipe, to which nobody writes. Its handlers have no SA_RESTART.
 */
const SOURCE = `#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>
static volatile int came, ticks, file;
static int full[2], empty[2], pair[2];
static void note(int number) { came = number; if (number == SIGALRM && ++ticks == 20) _exit(9); }
static int calls(const char *what) {
	struct termios terminal;
	char byte;
	struct iovec part = { &byte, 1 };
	if (!strcmp(what, "readv")) return readv(full[0], &part, 1);
	if (!strcmp(what, "readv of nothing")) return readv(empty[0], &part, 1);
	if (!strcmp(what, "recvfrom")) return recv(pair[0], &byte, 1, 0) < 0 && errno == EAGAIN ? 0 : -1;
	if (!strcmp(what, "fcntl")) return fcntl(0, F_DUPFD, 7);
	if (!strcmp(what, "ioctl")) return ioctl(0, TCGETS, &terminal) < 0 && errno == EINTR ? -1 : 0;
	if (!strcmp(what, "openat")) return open("/dev/../etc/passwd", O_RDONLY);
	if (!strcmp(what, "write")) return write(file, "x", 1) == 1 ? 0 : -1;
	return dup(0);
}
static int waits(const char *pipe) {
	struct sigaction action = { .sa_handler = note };
	struct itimerval often = { { 0, 50000 }, { 0, 50000 } };
	sigaction(SIGALRM, &action, 0);
	setitimer(ITIMER_REAL, &often, 0);
	int opened = open(pipe, O_RDONLY);
	char byte;
	puts(opened < 0 || read(opened, &byte, 1) < 0 ? strerror(errno) : "opened");
	return 0;
}
int main(int count, char **words) {
	struct sigaction action = { .sa_handler = note };
	char byte;
	if (count > 2) return waits(words[2]);
	file = open("file", O_CREAT | O_WRONLY, 0600);
	if (pipe(full) || pipe(empty) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) || write(full[1], "x", 1) != 1) return 1;
	sigaction(SIGUSR1, &action, 0);
	printf("%d\\n", getpid());
	fflush(stdout);
	if (read(0, &byte, 1) != 1) return 1;
	int copy = calls(words[1]);
	printf("%s %d\\n", copy < 0 ? strerror(errno) : "copied", came == SIGUSR1);
	return 0;
}
`;
/** Not in most containers. */
const canMountTraces = spawnSync('unshare', ['-m', 'mount', '-t', 'tracefs', 'none', '/mnt']).status === 0;
const READ = 0;
const NOTHING = 'readv of nothing';
const CALLS = {
  dup: 32,
  fcntl: 72,
  ioctl: 16,
  openat: 257,
  write: 1,
  readv: 19,
  recvfrom: 45,
  [NOTHING]: 19,
};
type Call = keyof typeof CALLS;
const RT_SIGRETURN = 15;

describeWith(['x86_64', 'cc', 'ptrace', 'built'], 'a signal while a call waits for the recorder', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'waits.c'), SOURCE);
    const built = spawnSync('cc', ['-o', 'waits', 'waits.c'], { cwd: folder, encoding: 'utf8' });
    expect(built.stderr).toBe('');
  });

  async function interrupted(call: Call, ...options: readonly string[]): Promise<string> {
    const words = [
      program,
      'record',
      '-q',
      '--list',
      '-o',
      join(folder, 'list'),
      ...options,
      '--',
      './waits',
      call,
    ];
    const recorder = spawn(process.execPath, words, { cwd: folder, env, stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    recorder.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise((resolve) => recorder.once('close', resolve));
    await until('the program says its number', () => said.endsWith('\n'));
    const pid = Number(said);
    await until('it waits for a byte', () => makesCall(pid, READ));
    recorder.kill('SIGSTOP');
    recorder.stdin.end('x');
    await until('its call waits for the recorder', () => callOf(pid) === CALLS[call]);
    process.kill(pid, 'SIGUSR1');
    await until('its handler returns, which waits as well', () => callOf(pid) === RT_SIGRETURN);
    recorder.kill('SIGCONT');
    await ended;
    return said.split('\n')[1] ?? '';
  }

  it.each((Object.keys(CALLS) as Call[]).filter((call) => call !== NOTHING))(
    'does not make the call fail: %s',
    async (call) => {
      expect(await interrupted(call)).toBe('copied 1');
      // It was made again, and so the recorder heard of it.
      expect(readFileSync(join(folder, 'list'), 'utf8').split('\n')).toContain(call);
    },
  );

  it('ends a read of a pipe in which nothing is', async () => {
    expect(await interrupted(NOTHING)).toBe('Interrupted system call 1');
  });

  it('makes it fail without the guard', async () => {
    expect(await interrupted('dup', '--no-guard')).toBe('Interrupted system call 1');
  });

  it('ends a call that waits for another process, as without a recorder', () => {
    spawnSync('mkfifo', ['pipe'], { cwd: folder });
    const words = ['./waits', 'for', 'pipe'];
    const plain = spawnSync(words[0] ?? '', words.slice(1), { cwd: folder, encoding: 'utf8' });
    expect(plain).toMatchObject({ stdout: 'Interrupted system call\n', status: 0 });
    const made = ociSeccomp(['record', '-q', '--list', '-o', join(folder, 'list'), '--', ...words], {
      ...{ cwd: folder, env },
    });
    expect(made).toMatchObject({ stdout: plain.stdout, status: 0 });
  });

  it.runIf(canMountTraces)('ends a read that waits for the kernel in a file without a size', () => {
    const inTraces = (...words: readonly string[]) => {
      const script = 'mount -t tracefs none /mnt && exec "$@"';
      const all = ['-m', 'sh', '-c', script, 'sh', ...words, './waits', 'for', '/mnt/trace_pipe'];
      return spawnSync('unshare', all, { cwd: folder, env, encoding: 'utf8' });
    };
    const plain = inTraces();
    expect(plain).toMatchObject({ stdout: 'Interrupted system call\n', status: 0 });
    const record = [process.execPath, program, 'record', '-q', '--list', '-o', join(folder, 'list'), '--'];
    expect(inTraces(...record)).toMatchObject({ stdout: plain.stdout, status: 0 });
  });
});

describeWith(['x86_64', 'ptrace', 'built'], 'a recorder within a recorder', () => {
  const SCRIPT = 'echo a | cat; (exit 3); echo $?';
  const inner = (): readonly string[] => {
    const list = join(folder, 'inner');
    return [process.execPath, program, 'record', '--list', '-o', list, '--', 'sh', '-c', SCRIPT];
  };
  const outer = (...options: readonly string[]) =>
    ociSeccomp(['record', '-q', '--list', '-o', join(folder, 'outer'), ...options, '--', ...inner()]);

  it('takes ptrace, and sees the same', () => {
    const alone = join(folder, 'alone');
    expect(ociSeccomp(['record', '-q', '--list', '-o', alone, '--', 'sh', '-c', SCRIPT])).toMatchObject({
      stdout: 'a\n3\n',
    });
    const made = outer('--no-guard');
    expect(made, made.stderr).toMatchObject({ stdout: 'a\n3\n', status: 0 });
    expect(made.stderr.replace(/\s+/g, ' ')).toContain(
      'another recorder or a container runtime listens already',
    );
    expect(readFileSync(join(folder, 'inner'), 'utf8')).toBe(readFileSync(alone, 'utf8'));
  });

  it('says what to do if the outer one has taken ptrace', () => {
    const made = outer();
    expect(made).toMatchObject({ stdout: '', status: 3 });
    expect(made.stderr.replace(/\s+/g, ' ')).toContain('give a recorder around this one --no-guard');
  });
});
