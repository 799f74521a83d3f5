/**
 * Signals in a container that is recorded: a call that waits for the recorder does not fail by them, and a fault ends the
 * container's first process as it does without a recorder. Nothing here depends on who is faster.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { callOf, makesCall } from './support/call-of-process.ts';
import { removeCgroups, runtimeCommand, until } from './support/gates.ts';
import { type Bundle, type Kind, openRecordedBundles } from './support/recorded-bundles.ts';
import { describeWith } from './support/require.ts';

const { folder, rootfs, env, bundleOf, words } = openRecordedBundles('record-container-signals');
const kinds: readonly Kind[] = ['runc', 'crun'];

/** The handler has no SA_RESTART, and dup(2) knows no EINTR. A fault, a trap of the profile, and each with a handler. */
const SOURCE = `#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>
static volatile int came;
static void note(int number) { came = number; }
static void leave(int number) { _exit(number); }
int main(int count, char **words) {
	struct sigaction action = { .sa_handler = note };
	char byte;
	if (count > 2) signal(SIGSEGV, leave), signal(SIGSYS, leave);
	if (!strcmp(words[1], "fault")) return *(volatile int *)0;
	if (!strcmp(words[1], "trap")) return personality(0xffffffff) == 0;
	sigaction(SIGUSR1, &action, 0);
	puts("up");
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
const TRAPS = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['personality'], action: 'SCMP_ACT_TRAP' }],
};

/** The container's first process, as it is numbered here. */
function processOf(kind: Kind, { id, path }: Bundle): number {
  const [command = '', ...rest] = runtimeCommand(kind, path, ['state', id]);
  const { stdout } = spawnSync(command, rest, { encoding: 'utf8', env });
  return (JSON.parse(stdout) as { readonly pid: number }).pid;
}

describeWith(
  ['root', 'x86_64', 'runc', 'crun', 'cc', 'ptrace', 'built'],
  'signals in a recorded container',
  () => {
    beforeAll(() => {
      writeFileSync(join(folder, 'waits.c'), SOURCE);
      const built = spawnSync('cc', ['-static', '-o', 'waits', 'waits.c'], { cwd: folder, encoding: 'utf8' });
      expect(built.stderr).toBe('');
      copyFileSync(join(folder, 'waits'), join(rootfs, 'bin/waits'));
    });

    async function interrupted(kind: Kind, ...options: readonly string[]): Promise<string> {
      const bundle = bundleOf(['/bin/waits', 'waits']);
      const list = ['-q', '--list', '-o', join(folder, 'list')];
      const [command, ...rest] = words(kind, bundle, ...list, ...options);
      const recorder = spawn(command, rest, { env, stdio: ['pipe', 'pipe', 'inherit'] });
      let said = '';
      recorder.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      const ended = new Promise((resolve) => recorder.once('close', resolve));
      await until('the program is up', () => said.endsWith('\n'));
      const pid = processOf(kind, bundle);
      await until('it waits for a byte', () => makesCall(pid, READ));
      recorder.kill('SIGSTOP');
      recorder.stdin.end('x');
      await until('its call waits for the recorder', () => callOf(pid) === DUP);
      process.kill(pid, 'SIGUSR1');
      await until('its handler returns, which waits as well', () => callOf(pid) === RT_SIGRETURN);
      recorder.kill('SIGCONT');
      await ended;
      removeCgroups(bundle.id);
      return said.split('\n')[1] ?? '';
    }

    it.each(kinds)('do not make a call fail that waits for the recorder: %s', async (kind) => {
      expect(await interrupted(kind)).toBe('copied 1');
      expect(readFileSync(join(folder, 'list'), 'utf8').split('\n')).toContain('dup');
    });

    it('make it fail without the guard', async () => {
      expect(await interrupted('runc', '--no-guard')).toBe('Interrupted system call 1');
    });

    it.each([
      ['fault', 139],
      ['fault caught', 11],
      ['trap', 159],
      ['trap caught', 31],
    ])('end its first process by a %s, as they do without a recorder', (how, status) => {
      const args = ['/bin/waits', ...how.split(' ')];
      const plain = bundleOf(args, TRAPS);
      const [command = '', ...rest] = runtimeCommand('runc', plain.path, ['run', '-b', plain.path, plain.id]);
      expect(spawnSync(command, rest, { input: '', env }).status).toBe(status);
      const bundle = bundleOf(args, TRAPS);
      const [recorder, ...more] = words('runc', bundle, '-q', '--list', '-o', join(folder, 'list'));
      const made = spawnSync(recorder, more, { input: '', env, encoding: 'utf8', timeout: HANGS_AFTER });
      removeCgroups(plain.id);
      removeCgroups(bundle.id);
      expect(made.status, made.stderr).toBe(status);
    });

    it('end the first process of a pid namespace that a recorded command makes', () => {
      const outcome = ociSeccomp(
        ['record', '-q', '--list', '-o', join(folder, 'list'), '--', 'unshare', '-pf', './waits', 'fault'],
        { cwd: folder, env },
      );
      expect(outcome.status, outcome.stderr).toBe(139);
    });
  },
);
