/**
 * Signals as a program expects them at its start.
 *
 * Sources: signal(7), signal(2), sigprocmask(2), execve(2): ignored signals and the mask survive execve, handlers do
 * not. Node v20 and v24 src/node.cc PlatformInit (what Node sets at its start).
 * @module
 */
import { loadKoffi } from '../ffi.ts';

/** What Node ignores in every process, numbers of x86 and arm and most others: SIGPIPE, SIGXFSZ. */
const IGNORED_BY_NODE = [13, 25] as const;
/** Bytes of a `sigset_t` of glibc and musl. */
const SIGSET_SIZE = 128;
const SIG_SETMASK = 2;

/** What was there before Node started, where somebody noted it: signal n is bit n-1. */
export interface SignalState {
  readonly ignored: bigint;
  readonly blocked: bigint;
}

/**
 * Undoes what Node changed, for the programs that this process becomes or starts. Afterwards only the signals of the note
 * are ignored and blocked.
 *
 * NOTE: without a note, what was ignored or blocked before Node started is lost. Node sets the standard signals back to
 * their default actions and empties the mask before any JavaScript runs, so nohup(1) must come after, not before.
 */
export function restoreSignals({ ignored, blocked }: SignalState = NOTHING): void {
  const libc = loadKoffi().load(null);
  const signal = libc.func('signal', 'void *', ['int', 'uintptr_t']);
  for (const number of IGNORED_BY_NODE) signal(number, SIG_DFL);
  for (let number = 1; number <= LAST_STANDARD_SIGNAL; number++) {
    if (((ignored >> BigInt(number - 1)) & 1n) === 1n) signal(number, SIG_IGN);
  }
  const set = new Uint8Array(SIGSET_SIZE);
  new BigUint64Array(set.buffer)[0] = blocked;
  libc.func('sigprocmask', 'int', ['int', 'void *', 'void *'])(SIG_SETMASK, set, null);
}

/** Ignores signals for good, where no handler of Node could run. */
export function ignoreSignals(numbers: readonly number[]): void {
  const signal = loadKoffi().load(null).func('signal', 'void *', ['int', 'uintptr_t']);
  for (const number of numbers) signal(number, SIG_IGN);
}

/**
 * Ignores for good the signals that a program may send to its process group, as `kill 0` of a shell does. They would end
 * this process, and with it the program. It leaves what the terminal sends, what stops a process, and SIGCHLD.
 */
export function ignoreGroupSignals(): void {
  const { signals } = process.getBuiltinModule('node:os').constants;
  const names = [
    'SIGUSR1',
    'SIGUSR2',
    'SIGALRM',
    'SIGVTALRM',
    'SIGPROF',
    'SIGIO',
    'SIGPWR',
    'SIGSTKFLT',
  ] as const;
  const own: Readonly<Record<string, number | undefined>> = signals;
  const realTime = Array.from({ length: LAST_SIGNAL - FIRST_REAL_TIME + 1 }, (_, at) => FIRST_REAL_TIME + at);
  ignoreSignals([...names.flatMap((name) => own[name] ?? []), ...realTime]);
}

/**
 * Has the kernel end this process by SIGALRM after a time: also while it waits for a file system that does not answer, where
 * no handler runs (alarm(2)). Node does not ignore or block that signal.
 *
 * @param seconds - 0: not any more
 */
export function endAfter(seconds: number): void {
  loadKoffi().load(null).func('alarm', 'unsigned int', ['unsigned int'])(seconds);
}

const NOTHING: SignalState = { ignored: 0n, blocked: 0n };
const SIG_DFL = 0;
const SIG_IGN = 1;
const LAST_STANDARD_SIGNAL = 31;
/** SIGRTMIN of glibc and musl, which keep those below for threads. */
const FIRST_REAL_TIME = 35;
const LAST_SIGNAL = 64;
