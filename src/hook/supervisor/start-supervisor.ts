/**
 * Starts the supervisor of a container from a hook.
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OciSeccompError } from '../../errors.ts';
import { ioWords } from '../io-words.ts';
import {
  decodeAnswer,
  encodeRequest,
  type SuperviseRequest,
  type SupervisorAnswer,
} from './supervisor-protocol.ts';

interface SupervisorOptions {
  /** For `ps`; the container's id. */
  readonly containerId?: string;
  /** How long the supervisor may take to start and to take hold of the process, in milliseconds; 25000 unless told. */
  readonly timeoutMs?: number;
  /** The program, where it is not beside this one. */
  readonly program?: string;
}

export interface Supervisor {
  readonly pid: number;
  /**
   * Hands over the container's process. When this resolves, every thread of it is traced: the hook may end, and the
   * process executes nothing without its filter.
   *
   * @throws OciSeccompError what kept the supervisor from it, or `ERR_HOOK` if it ended or did not answer in time; it is
   *   gone then, and the process as well if it was traced already
   */
  readonly attach: (request: SuperviseRequest) => Promise<SupervisorAnswer>;
  /**
   * Ends the supervisor, for a hook that fails after all; a process it has attached to is killed by that. Resolves when
   * it is gone: crun misses the end of a hook that leaves a dead child behind, and waits for the hook's timeout.
   */
  readonly abandon: () => Promise<void>;
}

/**
 * A guard against a supervisor that hangs, and nothing else: how long it may take to take hold of a process. It is below
 * the limit that a runtime has for the hook (`--timeout`, 30 seconds if not chosen), so that the hook can still say why.
 * A short one would refuse containers on a slow or busy machine.
 */
export const HOLD_GUARD_MS = 25_000;
/** Kept small, since it may wait for hours: one thread for garbage collection, small spaces for young objects. */
const supervisorNodeOptions = ['--single-threaded-gc', '--max-semi-space-size=1', '--max-old-space-size=64'];

/**
 * Starts the supervisor; best done first, so that it starts while the hook compiles.
 *
 * It has a session of its own, no terminal, `/` as its directory, an empty environment, and of the hook's descriptors
 * none. It stays in the cgroup of the hook, which is that of the runtime or the engine: whoever ends that cgroup before
 * the container's start ends the container with it.
 *
 * If the hook ends without `attach`, the supervisor does too, having done nothing.
 *
 * @throws OciSeccompError `ERR_HOOK` if it cannot be started
 */
export async function startSupervisor(options: SupervisorOptions = {}): Promise<Supervisor> {
  const program = options.program ?? supervisorProgram();
  const { child, pid } = await spawnSupervisor(program, options.containerId ?? '');
  const abandon = async (): Promise<void> => {
    letGo(child);
    child.ref();
    await killSupervisor(child);
  };
  const timeoutMs = options.timeoutMs ?? HOLD_GUARD_MS;
  // A hook that fails before it attaches must not stay because of it.
  unref(child);
  return {
    pid,
    attach: async (request) => {
      try {
        return decodeAnswer(await exchange(child, encodeRequest(request), timeoutMs));
      } catch (error) {
        await abandon();
        throw error;
      } finally {
        letGo(child);
      }
    },
    abandon,
  };
}

/**
 * Starts the process of a supervisor: in a session of its own, with an empty environment and two pipes.
 *
 * @param label - for `ps`
 * @throws OciSeccompError `ERR_HOOK` if it cannot be started
 */
export async function spawnSupervisor(
  program: string,
  label: string,
): Promise<{ readonly child: ChildProcess; readonly pid: number }> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  try {
    const child = spawn(process.execPath, [...supervisorNodeOptions, program, label], {
      cwd: '/',
      detached: true,
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const { pid } = child;
    if (pid !== undefined) return { child, pid };
    // Node throws some reasons at once, and tells others later.
    throw await new Promise((resolve) => child.once('error', resolve));
  } catch (cause) {
    throw new OciSeccompError('ERR_HOOK', `the supervisor cannot be started: ${ioWords(cause)}`, {
      hint: `it is ${process.execPath} ${program}; a systemd unit has the limits LimitNOFILE= for open files and TasksMax= for processes`,
      cause,
    });
  }
}

/** Whether a supervisor still runs. */
export function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Kills a supervisor, and with it a process that it traces. Resolves when it is gone. */
export async function killSupervisor(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** Beside this file in the bundle, and in dist/bin for the library. */
export function supervisorProgram(name: 'supervisor' | 'pool-supervisor' = 'supervisor'): string {
  const places = [`./${name}.cjs`, `../../bin/${name}.cjs`].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new OciSeccompError('ERR_HOOK', `the supervisor's program is missing: ${places.join(', ')}`, {
    hint: 'install oci-seccomp again',
  });
}

function exchange(child: ChildProcess, request: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new OciSeccompError('ERR_HOOK', `the supervisor of the container ${what}`));
    };
    const timer = setTimeout(() => fail(`did not answer within ${timeoutMs} ms`), timeoutMs);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      if (!answer.endsWith('\n')) return;
      clearTimeout(timer);
      resolve(answer);
    });
    child.once('close', (code, signal) => fail(`ended: ${signal ?? `exit code ${code}`}`));
    // It may have ended before the request is written, which its exit tells.
    child.stdin?.on('error', () => {});
    child.stdin?.write(request);
  });
}

function letGo(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.destroy();
}

function unref(child: ChildProcess): void {
  child.unref();
  const { Socket } = process.getBuiltinModule('node:net');
  for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref();
}
