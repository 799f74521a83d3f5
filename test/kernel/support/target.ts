/**
 * Processes to read filters of, and filters to put on them.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { helperPath, toHex } from '../../oracle/support/native.ts';
import { HANGS_AFTER } from '../../support/patience.ts';

export interface TargetOptions {
  /** Attached in this order. */
  readonly filters?: readonly Uint8Array[];
  /** Attached after those, with SECCOMP_FILTER_FLAG_LOG. */
  readonly logged?: readonly Uint8Array[];
  /** A thread each, with this filter and those of `filters` that it inherits. */
  readonly threads?: readonly Uint8Array[];
  /** It is a child of another process, which ends as it does. */
  readonly notOurChild?: boolean;
}

export interface Target {
  /** The process to look at, as filter-target.c printed it. */
  readonly pid: number;
  readonly child: ChildProcess;
  /** Rounds it has counted; a millisecond or a little more each. */
  readonly rounds: () => number;
  /** SIGRTMIN it has received. */
  readonly signals: () => number;
  readonly send: (line: string) => void;
  /** The next line it prints. */
  readonly line: () => Promise<string>;
  /** Ends it; what Node says of its end. */
  readonly end: () => Promise<{ code: number | null; signal: string | null }>;
}

const running = new Set<{ readonly child: ChildProcess; readonly folder: string }>();

/** Starts test/oracle/support/filter-target.c in a mode, with filters, and waits until it is ready. */
export async function startTarget(
  mode: readonly string[],
  { filters = [], logged = [], threads = [], notOurChild = false }: TargetOptions = {},
): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-target-'));
  const counter = join(folder, 'counter');
  writeFileSync(counter, new Uint8Array(16));
  const parent = notOurChild ? ['sh', '-c', '"$0" "$@"; exit $?'] : [];
  const [command = '', ...args] = [...parent, helperPath('filter-target'), ...mode, counter];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  running.add({ child, folder });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`filter-target ${mode.join(' ')} ended: ${errors}`);
    return String(value);
  };
  const send = (text: string): void => {
    child.stdin.write(`${text}\n`);
  };
  for (const program of filters) send(`filter ${toHex(program)}`);
  for (const program of logged) send(`logged ${toHex(program)}`);
  for (const program of threads) send(`thread ${toHex(program)}`);
  send('go');
  const pid = Number((await line()).replace('ready ', ''));
  const u64 = (at: number): number => Number(readFileSync(counter).readBigUInt64LE(at));
  const end = (): Promise<{ code: number | null; signal: string | null }> => {
    child.stdin.end();
    return ended;
  };
  return { pid, child, rounds: () => u64(0), signals: () => u64(8), send, line, end };
}

/** For afterEach: ends what still runs. */
export function endTargets(): void {
  for (const { child, folder } of running) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
  running.clear();
}

/** Waits until a target has counted on, however busy the machine is. */
export async function countsOn(target: Target): Promise<boolean> {
  const before = target.rounds();
  for (const end = Date.now() + HANGS_AFTER; Date.now() < end; ) {
    if (target.rounds() > before) return true;
    await pause(5);
  }
  return false;
}

/** The only child of a process. */
export function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A line of /proc/PID/status. */
export function statusLine(pid: number, name: string): string {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
}

/** Instruction words written out as bytes: code u16 @0, jt u8 @2, jf u8 @3, k u32 @4, little endian. */
export function programBytes(...words: readonly (readonly [number, number, number, number])[]): Uint8Array {
  const bytes = Buffer.alloc(words.length * 8);
  for (const [i, [code, jt, jf, k]] of words.entries()) {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(jt, i * 8 + 2);
    bytes.writeUInt8(jf, i * 8 + 3);
    bytes.writeUInt32LE(k, i * 8 + 4);
  }
  return Uint8Array.from(bytes);
}

const RET = 0x06;
const ALLOW = 0x7fff0000;

/** Denies one call that no target makes, and allows the rest: 4 instructions that differ by `nr`. */
export function denies(nr: number): Uint8Array {
  return programBytes([0x20, 0, 0, 0], [0x15, 0, 1, nr], [RET, 0, 0, 0x00050001], [RET, 0, 0, ALLOW]);
}

/** Allows everything, in as many instructions as wanted. */
export function allows(length: number): Uint8Array {
  const loads = Array.from({ length: length - 1 }, () => [0x20, 0, 0, 4] as const);
  return programBytes(...loads, [RET, 0, 0, ALLOW]);
}
