/**
 * The supervisor's requests: read from standard input, answered on standard output, served to their end. From a hook
 * there is one. From an agent there is one after another: a supervisor that has done its work takes the next container.
 *
 * Everything in it is synchronous. A tracer is one thread, and this one has nothing else to do: while it waits it
 * sleeps in waitid(2). Node takes no report of a tracee away, as it waits for children only once it has started some.
 * @module
 */
import { closeSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { O_CLOEXEC } from '../../abi/kernel-constants.ts';
import { hasTracees, loadPtrace } from '../../kernel/ptrace.ts';
import { readWaiting } from '../bounded-input.ts';
import { type Observe, type SuperviseOutcome, supervise } from './supervise.ts';
import { encodeEnd } from './supervisor-protocol.ts';

const STDIN = 0;
const STDOUT = 1;
const CHUNK = 65_536;

/**
 * Serves the request that is on standard input, and sets the exit code of this process.
 *
 * @param observe - told of each step before it is made; the program that is shipped has none
 */
export function serve(observe: Observe = () => {}): void {
  closeInherited();
  // This runs while the hook still compiles. If it fails, the request fails too, and says why.
  tryToLoad();
  const line = readLine();
  // The hook has ended without a request.
  if (line === undefined) return;
  const answer = (text: string): void => {
    writeSync(STDOUT, text);
    closeSync(STDIN);
    closeSync(STDOUT);
  };
  if (isFailure(supervise(line, answer, observe))) process.exitCode = 1;
}

/**
 * Serves the requests of an agent, and sets the exit code of this process. After each answer comes a second line, when
 * the supervisor is free again: {@link encodeEnd}. A supervisor that could not give a container its filter, or that
 * still traces something, ends: the next container gets one without a past.
 *
 * If the agent has ended, the container that is held is served to its end, and no other.
 *
 * @param observe - told of each step before it is made; the program that is shipped has none
 */
export function servePool(observe: Observe = () => {}): void {
  closeInherited();
  tryToLoad();
  for (;;) {
    const line = readLine();
    if (line === undefined) return;
    const outcome = supervise(line, (text) => void writeSync(STDOUT, text), observe);
    const isFree = !isFailure(outcome) && !hasTracees();
    if (!isFree) process.exitCode = 1;
    try {
      writeSync(STDOUT, encodeEnd({ outcome, isFree }));
    } catch {
      // The agent has ended.
      return;
    }
    if (!isFree) return;
  }
}

function isFailure(outcome: SuperviseOutcome): boolean {
  return outcome === 'refused' || outcome === 'killed';
}

function tryToLoad(): void {
  try {
    loadPtrace();
  } catch {
    // The request fails for the same reason, and tells it.
  }
}

/** Closes descriptors of the runtime that the hook inherited: the runtime may wait for their end. Node's close on execve. */
function closeInherited(): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    if (fd > 2 && !closesOnExec(fd)) closeSync(fd);
  }
}

function closesOnExec(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
  } catch {
    // The listing's own descriptor, closed by now.
    return true;
  }
}

/** `undefined` if the input ends before a line does. */
function readLine(): string | undefined {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(CHUNK);
    const count = readWaiting(STDIN, chunk);
    if (count === 0) return undefined;
    chunks.push(chunk.subarray(0, count));
    if (chunk[count - 1] === 0x0a) return Buffer.concat(chunks).toString('utf8');
  }
}
