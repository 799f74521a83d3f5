/**
 * What the catalog says programs need before main is measured again: each call denied in turn, on the C library installed.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { indispensable } from '../../../src/lint/catalog/indispensable.ts';
import { startUps } from '../../../src/lint/catalog/start-up.ts';
import { describeWith } from '../../oracle/support/require.ts';
import { compileFor } from './denied.ts';

const source = 'int main(void) { return 0; }\n';
const compilers = [
  { library: 'glibc 2.36', compiler: 'cc', version: ['ldd', '--version'] },
  { library: 'static glibc 2.36', compiler: 'cc', flags: ['-static'], version: ['ldd', '--version'] },
  { library: 'musl 1.2.3', compiler: 'musl-gcc', version: ['/lib/ld-musl-x86_64.so.1'] },
] as const;

describeWith(['x86_64', 'cc', 'strace', 'ptrace'], 'start-up of programs', () => {
  for (const { library, compiler, version, ...rest } of compilers) {
    const [program, ...args] = version;
    const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    const number = library.split(' ').at(-1) ?? '';
    // Another version of the library makes other calls.
    const isHere = `${stdout}${stderr}`.includes(number) && spawnSync(compiler, ['--version']).status === 0;
    describe.skipIf(!isHere)(
      `${library}${isHere ? '' : ' (skipped: another version is installed, or none)'}`,
      () => {
        const row = startUps.find((each) => each.library === library);
        const built = isHere ? compileFor(compiler, source, 'flags' in rest ? rest.flags : []) : undefined;
        afterAll(() => built?.remove());

        it('makes these calls', () => {
          const calls = built?.calls().filter((name) => name !== 'execve' && name !== 'exit_group');
          expect(calls?.toSorted()).toEqual([...(row?.essential ?? []), ...(row?.optional ?? [])].toSorted());
        });

        it.each(row?.essential ?? [])('needs %s', (syscall) => {
          expect(built?.run(syscall, 'EPERM')).not.toBe(0);
        });

        it.each(row?.optional ?? [])('does without %s', (syscall) => {
          expect(built?.run(syscall, 'EPERM')).toBe(0);
        });
      },
    );
  }
});

/** What fails of fork (1), pthread_create (2) and posix_spawn (4). */
const starting = `#include <pthread.h>
    #include <spawn.h>
    #include <unistd.h>
    static void *end(void *data) { return data; }
    int main(void) {
      pthread_t thread; pid_t child; char *arguments[] = { "true", 0 };
      int threads = pthread_create(&thread, 0, end, 0), spawned = posix_spawn(&child, "/bin/true", 0, 0, arguments, 0);
      pid_t forked = fork();
      if (forked == 0) _exit(0);
      return (forked == -1 ? 1 : 0) | (threads ? 2 : 0) | (spawned ? 4 : 0);
    }`;

const endings = {
  exit_group: source,
  exit: `#include <pthread.h>
    static void *end(void *data) { return data; }
    int main(void) { pthread_t thread; pthread_create(&thread, 0, end, 0); return pthread_join(thread, 0); }`,
  futex: `#include <pthread.h>
    #include <unistd.h>
    static void *end(void *data) { usleep(50000); return data; }
    int main(void) { pthread_t thread; pthread_create(&thread, 0, end, 0); return pthread_join(thread, 0); }`,
  rt_sigreturn: `#include <signal.h>
    static void handle(int number) { (void)number; }
    int main(void) { signal(SIGUSR1, handle); raise(SIGUSR1); return 0; }`,
};

describeWith(['x86_64', 'cc', 'strace', 'ptrace'], 'calls that programs of every kind make', () => {
  for (const compiler of ['cc', 'musl-gcc']) {
    const isHere = spawnSync(compiler, ['--version']).status === 0;
    describe.skipIf(!isHere)(compiler, () => {
      const built = (call: keyof typeof endings) => compileFor(compiler, endings[call], ['-pthread']);

      it('end with exit, and so their first thread alone, if exit_group fails', () => {
        const { run, traced, remove } = built('exit_group');
        expect(run('exit_group', 'EPERM')).toBe(0);
        expect(traced(/^\d+ +(exit\w*)\(/gm)).toEqual(['exit_group', 'exit']);
        remove();
      });

      it('call exit of a thread until it succeeds', () => {
        const { run, traced, remove } = built('exit');
        expect(run('exit', 'EPERM:when=1..3')).toBe(0);
        expect(traced(/^\d+ +(exit)\(/gm)).toHaveLength(4);
        remove();
      });

      it(`${compiler === 'cc' ? 'fail to fork' : 'start no thread, and fork by another call'} if clone fails`, () => {
        const { run, remove } = compileFor(compiler, starting, ['-pthread']);
        expect(run('none', 'EPERM')).toBe(0);
        expect(run('clone', 'EPERM')).toBe(compiler === 'cc' ? 1 : 6);
        // clone is the older call, for threads too.
        expect(run('clone,clone3', 'ENOSYS')).toBe(compiler === 'cc' ? 7 : 6);
        remove();
      });

      it(`${compiler === 'cc' ? 'abort' : 'ask again'} if a thread waits and futex fails`, () => {
        const { run, traced, remove } = built('futex');
        const status = run('futex', 'EPERM');
        const ends = traced(/\+\+\+ (killed by SIGABRT|exited with 0)/g);
        expect({ isWell: status === 0, how: ends.at(-1) }).toEqual(
          compiler === 'cc'
            ? { isWell: false, how: 'killed by SIGABRT' }
            : { isWell: true, how: 'exited with 0' },
        );
        remove();
      });

      it('crash behind a signal handler if rt_sigreturn fails', () => {
        const { run, remove } = built('rt_sigreturn');
        expect(run('rt_sigreturn', 'EPERM')).not.toBe(0);
        remove();
      });
    });
  }

  it('are in the catalog, with execve', () => {
    const calls = indispensable.map(({ syscall }) => syscall);
    expect(calls.toSorted()).toEqual(['clone', 'execve', ...Object.keys(endings)].toSorted());
  });
});
