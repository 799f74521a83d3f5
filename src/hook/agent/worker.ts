/**
 * A supervisor that an agent has started, as the agent sees it: it takes one container after another.
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { OciSeccompError } from '../../errors.ts';
import {
  HOLD_GUARD_MS,
  isRunning,
  killSupervisor,
  spawnSupervisor,
  supervisorProgram,
} from '../supervisor/start-supervisor.ts';
import {
  decodeAnswer,
  decodeEnd,
  encodeRequest,
  type SuperviseRequest,
  type SupervisionEnd,
  type SupervisorAnswer,
} from '../supervisor/supervisor-protocol.ts';

export interface Worker {
  readonly pid: number;
  /**
   * Hands a container over. When this resolves, its process executes nothing without its filter.
   *
   * @param guardMs - a guard against one that hangs, as for a hook's own supervisor; then it is ended
   * @throws OciSeccompError what kept the supervisor from it; the supervisor ends then, and the process with it if it was
   *   traced already
   */
  readonly attach: (request: SuperviseRequest, guardMs?: number) => Promise<SupervisorAnswer>;
  /** Resolves when the container has its filter, or needs none any more; `undefined`: the supervisor has ended. */
  readonly done: () => Promise<SupervisionEnd | undefined>;
  readonly isAlive: () => boolean;
  /** Lets a supervisor that holds no container end by itself; one that holds one ends when it has done its work. */
  readonly dismiss: () => void;
  /** As dismiss(), for an agent that ends: it does not wait for the supervisor. */
  readonly release: () => void;
  /** Ends it now. A container that it holds is killed by that. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

const LINE_LIMIT = 1024 * 1024;

/**
 * Starts a supervisor. It has a session of its own, an empty environment, and of the agent's descriptors none.
 *
 * @param label - for `ps`
 * @param program - the supervisor's, where it is not beside this one
 * @throws OciSeccompError `ERR_HOOK` if it cannot be started
 */
export async function startWorker(
  label: string,
  program = supervisorProgram('pool-supervisor'),
): Promise<Worker> {
  const { child, pid } = await spawnSupervisor(program, label);
  const nextLine = readLines(child);
  // It may have ended before a request is written, which its exit tells.
  child.stdin?.on('error', () => {});
  return {
    pid,
    isAlive: () => isRunning(child),
    kill: () => killSupervisor(child),
    dismiss: () => child.stdin?.end(),
    release: () => {
      child.stdin?.destroy();
      child.stdout?.destroy();
      child.unref();
    },
    attach: async (request, guardMs = HOLD_GUARD_MS) => {
      child.stdin?.write(encodeRequest(request));
      let isOverdue = false;
      const timer = setTimeout(() => {
        isOverdue = child.kill('SIGKILL');
      }, guardMs);
      const line = await nextLine().finally(() => clearTimeout(timer));
      if (line === undefined) throw ended(child, isOverdue ? guardMs : undefined);
      return decodeAnswer(line);
    },
    done: async () => {
      const line = await nextLine();
      return line === undefined ? undefined : decodeEnd(line);
    },
  };
}

function ended(child: ChildProcess, guardMs: number | undefined): OciSeccompError {
  if (guardMs !== undefined) {
    const seconds = guardMs / 1000;
    return new OciSeccompError(
      'ERR_HOOK',
      `the supervisor did not answer within ${seconds} s, and was ended`,
      {
        hint: 'the machine is too slow or too busy; start the container again when it has less to do',
      },
    );
  }
  const how = child.signalCode ?? `exit code ${child.exitCode ?? 'unknown'}`;
  return new OciSeccompError('ERR_HOOK', `the supervisor of the container ended: ${how}`);
}

/** Its lines, one after another; `undefined` once it has ended. */
function readLines(child: ChildProcess): () => Promise<string | undefined> {
  const lines: string[] = [];
  let rest = '';
  let isOver = false;
  let wake: (() => void) | undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LINE_LIMIT) child.kill('SIGKILL');
    lines.push(...parts);
    wake?.();
  });
  child.once('close', () => {
    isOver = true;
    wake?.();
  });
  return async () => {
    while (lines.length === 0 && !isOver) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return lines.shift();
  };
}
