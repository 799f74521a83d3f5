/**
 * An agent for tests: the built program, in a folder of its own that only root can write.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './gates.ts';
import { cli } from './hook-bundle.ts';

export interface TestAgent {
  readonly socket: string;
  readonly folder: string;
  readonly child: ChildProcess;
  /** What it wrote to standard error. */
  readonly log: () => string;
  /** Ids of supervisors that it has started and that are still there. */
  readonly supervisors: () => readonly number[];
  /** The value of a line of its metrics. */
  readonly metric: (name: string) => number;
  /** Starts another one on the same socket. */
  readonly restart: () => Promise<void>;
  /** Ends it with a signal, and waits for its end. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Folders under /tmp are refused: everybody could make the socket there. */
const PARENT = '/run';

/** @param options - of `agent` */
export function startAgent(...options: readonly string[]): Promise<TestAgent> {
  return startAgentOf(cli, options);
}

/** @param program - in place of the built one */
export async function startAgentOf(program: string, options: readonly string[]): Promise<TestAgent> {
  const folder = mkdtempSync(join(PARENT, 'oci-seccomp-agent-'));
  const socket = join(folder, 'agent.sock');
  const file = join(folder, 'log');
  const log = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  let child = launch(program, socket, file, options);
  const started = new Set<number>();
  const ready = async (): Promise<void> => {
    const pattern = `pid=${child.pid} `;
    await until('the agent starts', () => log().includes(pattern) || child.exitCode !== null);
    if (child.exitCode !== null) throw new Error(log());
  };
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    for (const pid of supervisorsOf(child.pid ?? -1)) started.add(pid);
    child.kill(signal);
    await until('the agent ends', () => child.exitCode !== null || child.signalCode !== null);
  };
  try {
    await ready();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    socket,
    folder,
    get child() {
      return child;
    },
    log,
    end,
    supervisors: () => {
      for (const pid of supervisorsOf(child.pid ?? -1)) started.add(pid);
      return [...started].filter(isSupervisor);
    },
    metric: (name) => {
      const page = spawnSync('curl', ['-s', '--unix-socket', socket, 'http://localhost/metrics'], {
        encoding: 'utf8',
      }).stdout;
      const line = page.split('\n').find((each) => each.startsWith(`oci_seccomp_agent_${name} `));
      return Number(line?.split(' ')[1] ?? Number.NaN);
    },
    restart: async () => {
      child = launch(program, socket, file, options);
      await ready();
    },
    remove: async () => {
      if (child.exitCode === null && child.signalCode === null) await end();
      await until('its supervisors end', () => [...started].filter(isSupervisor).length === 0);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function launch(program: string, socket: string, file: string, options: readonly string[]): ChildProcess {
  const fd = openSync(file, 'a');
  const child = spawn(process.execPath, [program, 'agent', '--socket', socket, ...options], {
    stdio: ['ignore', 'ignore', fd],
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  closeSync(fd);
  return child;
}

function supervisorsOf(agent: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(agent)], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.includes('pool-supervisor.cjs'));
  return lines.map((line) => Number.parseInt(line, 10));
}

function isSupervisor(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('pool-supervisor.cjs\0agent\0');
  } catch {
    return false;
  }
}
