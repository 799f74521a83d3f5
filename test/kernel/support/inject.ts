/**
 * Processes to put under a filter at their exec, and the tracer that does it.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { helperPath } from '../../oracle/support/native.ts';
import { type Bundle, bundleProgram } from './bundle.ts';
import type { InjectProgramOptions } from './inject-program.ts';

export interface ExecTarget {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Tells it to go on to its exec. */
  readonly go: () => void;
  /** When it has ended, with all that it printed after "ready". */
  readonly ended: Promise<{ code: number | null; signal: string | null; output: string; errors: string }>;
}

export interface InjectResult {
  readonly kind?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly steps: readonly string[];
  readonly memory: readonly string[];
  readonly listeners: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly filters?: number;
  readonly compared?: boolean;
  readonly suspended?: boolean;
  readonly status?: number;
}

export interface Tracer {
  readonly child: ChildProcess;
  readonly threads: number;
  /** What it printed at its end; `undefined` if it was killed. */
  readonly result: Promise<InjectResult | undefined>;
}

const running = new Set<ChildProcess>();
let bundle: Bundle | undefined;

/** Bundles the tracer; for beforeAll, with {@link removeTracer} for afterAll. */
export async function buildTracer(): Promise<void> {
  bundle = await bundleProgram('test/kernel/support/inject-program.ts');
}

export function removeTracer(): void {
  bundle?.remove();
}

/** For afterEach. */
export function endAll(): void {
  for (const child of running)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  running.clear();
}

/** Starts test/oracle/support/exec-target.c, which executes `program` when told to. */
export async function startExecTarget(
  options: readonly string[],
  program: readonly string[] = [helperPath('exec-probe')],
): Promise<ExecTarget> {
  const child = spawn(helperPath('exec-target'), [...options, '--', ...program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    // A small stack has no room for a large environment.
    env: {},
  });
  running.add(child);
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const ready = new Promise<number>((resolve) => {
    reader.on('line', (line) => {
      if (line.startsWith('ready ')) resolve(Number(line.slice(6)));
      else lines.push(line);
    });
  });
  const ended = new Promise<{ code: number | null; signal: string | null; output: string; errors: string }>(
    (resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, output: lines.join('\n'), errors }));
    },
  );
  child.stdin.on('error', () => {});
  return { pid: await ready, child, go: () => void child.stdin.end('go\n'), ended };
}

/** Starts a tracer and waits until it has attached, or ended. */
export async function startTracer(
  options: InjectProgramOptions,
  command: readonly string[] = [],
): Promise<Tracer> {
  const words = [...command, process.execPath, bundle?.file ?? '', JSON.stringify(options)];
  const child = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  let text = '';
  const attached = new Promise<number>((resolve) => {
    child.stdout.on('data', (data) => {
      text += data;
      const found = /^attached (\d+)\n/.exec(text);
      if (found !== null) resolve(Number(found[1]));
    });
    child.once('close', () => resolve(0));
  });
  const result = new Promise<InjectResult | undefined>((resolve) => {
    child.once('close', () => {
      const line = text.split('\n').find((each) => each.startsWith('{'));
      resolve(line === undefined ? undefined : (JSON.parse(line) as InjectResult));
    });
  });
  return { child, threads: await attached, result };
}
