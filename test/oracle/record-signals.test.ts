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

/** Says its number, waits for a byte, and then makes a call that knows no EINTR. Its handler has no SA_RESTART. */
const SOURCE = `#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static volatile int came;
static void note(int number) { came = number; }
int main(void) {
	struct sigaction action = { .sa_handler = note };
	char byte;
	sigaction(SIGUSR1, &action, 0);
	printf("%d\\n", getpid());
	fflush(stdout);
	if (read(0, &byte, 1) != 1) return 1;
	int copy = dup(0);
	printf("%s %d\\n", copy < 0 ? strerror(errno) : "copied", came == SIGUSR1);
	return 0;
}
`;
const READ = 0;
const DUP = 32;
const RT_SIGRETURN = 15;

describeWith(['x86_64', 'cc', 'ptrace', 'built'], 'a signal while a call waits for the recorder', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'waits.c'), SOURCE);
    const built = spawnSync('cc', ['-o', 'waits', 'waits.c'], { cwd: folder, encoding: 'utf8' });
    expect(built.stderr).toBe('');
  });

  async function interrupted(...options: readonly string[]): Promise<string> {
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
    await until('its call waits for the recorder', () => callOf(pid) === DUP);
    process.kill(pid, 'SIGUSR1');
    await until('its handler returns, which waits as well', () => callOf(pid) === RT_SIGRETURN);
    recorder.kill('SIGCONT');
    await ended;
    return said.split('\n')[1] ?? '';
  }

  it('does not make the call fail', async () => {
    expect(await interrupted()).toBe('copied 1');
    // It was made again, and so the recorder heard of it.
    expect(readFileSync(join(folder, 'list'), 'utf8').split('\n')).toContain('dup');
  });

  it('makes it fail without the guard', async () => {
    expect(await interrupted('--no-guard')).toBe('Interrupted system call 1');
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
