/**
 * Asks a program something that it answers on its standard output.
 * @module
 */
import { spawn } from 'node:child_process';
import { ioWords } from './io-words.ts';

/** The most bytes of an answer, and of what is said beside it. */
const MAX_OUTPUT = 1024 * 1024;
/** The failure of a program that `signal` has ended. */
export const INTERRUPTED = 'had not ended when it was interrupted';

export interface ProgramResult {
  /** The exit code; `undefined` if it has none. */
  readonly status: number | undefined;
  /** Why there is no exit code, as the rest of a sentence: `failed: no such file or directory`. */
  readonly failure: string | undefined;
  /** Of a program that cannot be started: `ENOENT`. */
  readonly code: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, in a process group of its own.
 *
 * @param signal - ends the process group: a child of the program would go on, and hold its output open
 * @returns how it has ended; never rejects
 */
export function askProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const output = { stdout: '', stderr: '' };
    let [failure, errorCode]: (string | undefined)[] = [];
    const fail = (error: unknown): void => {
      errorCode ??= (error as NodeJS.ErrnoException).code;
      failure ??= `failed: ${ioWords(error)}`;
    };
    try {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
      const end = (reason: string): void => {
        failure ??= reason;
        killGroup(child.pid);
        child.stdout?.destroy();
        child.stderr?.destroy();
      };
      const interrupt = (): void => end(INTERRUPTED);
      for (const name of ['stdout', 'stderr'] as const) {
        // Where no descriptor is left, Node makes no streams, and tells the error later.
        child[name]?.setEncoding('latin1').on('data', (text: string) => {
          output[name] += text;
          if (output[name].length > MAX_OUTPUT) end(`wrote more than ${MAX_OUTPUT} bytes`);
        });
      }
      child.once('error', fail);
      child.once('close', (code, by) => {
        signal?.removeEventListener('abort', interrupt);
        if (by !== null) failure ??= `failed: ${by}`;
        // A program that cannot be started ends with a negative number here.
        const status = failure === undefined ? (code ?? undefined) : undefined;
        resolve({ status, failure, code: errorCode, ...output });
      });
      if (signal?.aborted === true) interrupt();
      else signal?.addEventListener('abort', interrupt, { once: true });
    } catch (error) {
      // Node tells some errors of execve(2) at once, ETXTBSY among them.
      fail(error);
      resolve({ status: undefined, failure, code: errorCode, ...output });
    }
  });
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
