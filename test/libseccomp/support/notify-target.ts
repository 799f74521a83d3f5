/**
 * A process under a NOTIFY filter and the supervisor's descriptor for it.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { loadKoffi } from '../../../src/ffi.ts';
import { helperPath } from '../../oracle/support/native.ts';

// x86_64 (Linux 6.18 arch/x86/entry/syscalls/syscall_64.tbl)
const SYS_pidfd_open = 434;
const SYS_pidfd_getfd = 438;

export interface Target {
  readonly pid: number;
  /** This process's copy of the listener; the target has closed its own. */
  readonly listener: number;
  /** Has the target do something; the line it answers with, once it does. */
  readonly ask: (command: string) => Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves when the process has ended and was waited for. */
  readonly ended: Promise<unknown>;
  /** Closes the listener; a second call does nothing. */
  readonly closeListener: () => void;
  /** Ends the target and closes the listener. */
  readonly stop: () => Promise<void>;
}

/** Starts a target whose calls of these numbers are notified. */
export async function startTarget(numbers: readonly number[]): Promise<Target> {
  const child = spawn(helperPath('notify-target'), numbers.map(String), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    return done === true ? 'ended' : value;
  };
  const ask = (command: string): Promise<string> => {
    child.stdin.write(`${command}\n`);
    return nextLine();
  };
  const own = /^listener (\d+)$/.exec(await nextLine())?.[1];
  if (own === undefined || child.pid === undefined) throw new Error('notify-target got no listener');
  const listener = takeDescriptor(child.pid, Number(own));
  await ask(`close ${own}`);
  let isOpen = true;
  const closeListener = (): void => {
    if (isOpen) closeSync(listener);
    isOpen = false;
  };
  return {
    pid: child.pid,
    listener,
    ask,
    kill: (signal) => void child.kill(signal),
    ended,
    closeListener,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      closeListener();
    },
  };
}

/** pidfd_getfd(2): a copy of another process's descriptor. */
function takeDescriptor(pid: number, fd: number): number {
  const koffi = loadKoffi();
  const syscall = koffi.load(null).func('syscall', 'long', ['long', 'long', 'long', 'long']);
  const pidfd = Number(syscall(SYS_pidfd_open, pid, 0, 0));
  const taken = Number(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
  const errno = koffi.errno();
  closeSync(pidfd);
  if (taken < 0) throw new Error(`pidfd_getfd failed with errno ${errno}`);
  return taken;
}
