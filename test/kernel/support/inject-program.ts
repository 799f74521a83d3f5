/**
 * `node inject-program.mjs JSON`: puts a process under a filter at its exec, as injectAtExec does, and prints what
 * happened: "attached THREADS" once it is traced, then one JSON value.
 * @module
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { OciSeccompError } from '../../../src/errors.ts';
import { attachProcess, injectAtExec } from '../../../src/kernel/inject.ts';
import type { NoNewPrivileges } from '../../../src/kernel/inject-calls.ts';
import { readMaps } from '../../../src/kernel/process-maps.ts';
import { openMemory } from '../../../src/kernel/process-memory.ts';
import { readRegisters, registerLayout, writeRegisters } from '../../../src/kernel/registers.ts';
import { HANGS_AFTER } from '../../support/patience.ts';

export interface InjectProgramOptions {
  readonly pid: number;
  readonly startTime?: string;
  /** Hexadecimal digits. */
  readonly program: string;
  readonly flags?: number;
  readonly noNewPrivileges?: NoNewPrivileges;
  readonly allowUnverified?: boolean;
  /** {@link HANGS_AFTER} unless told. */
  readonly timeoutMs?: number;
  /** Takes the listener and prints what it is. */
  readonly listen?: boolean;
  /** "state event": this process kills itself there, before the step. */
  readonly dieAt?: string;
  /** The state at whose first event this process waits for ever, as for a file system that does not answer. */
  readonly stallIn?: string;
  /** "state event": this signal is sent to the process there. */
  readonly signalAt?: string;
  readonly signal?: number;
  /** What another process could write into this one, at a step. */
  readonly tamper?: Tampering;
  /** Compares all private memory of the process before and after. */
  readonly compareMemory?: boolean;
}

export interface Tampering {
  /** "state event", and which time. */
  readonly at: string;
  readonly nth: number;
  /** Hexadecimal digits; over the program's first instruction. */
  readonly code?: string;
  /** Hexadecimal digits; over the filter, where it lies in the process. */
  readonly filter?: string;
  /** The number of the call that it makes in place of the one that it has entered; only a tracer can do that. */
  readonly call?: number;
}

const options = JSON.parse(process.argv[2] ?? '') as InjectProgramOptions;
const { pid, startTime, program, flags = 0, noNewPrivileges = 'auto' } = options;
let visits = 0;
const steps: string[] = [];
const memory: string[] = [];
const listeners: string[] = [];

/** Of every private mapping; a page that cannot be read is left out. */
function digest(): string {
  const hash = createHash('sha256');
  const { read, close } = openMemory(pid);
  for (const { start, end, shared, name } of readMaps(pid)) {
    if (shared || /^\[v/.test(name)) continue;
    hash.update(read(start, end - start));
  }
  close();
  return hash.digest('hex');
}

function run(): unknown {
  const attached = attachProcess(pid, startTime);
  // Not process.stdout: nothing may wait for an event loop.
  writeSync(1, `attached ${attached.threads}\n`);
  const outcome = injectAtExec(attached, {
    program: Uint8Array.from(Buffer.from(program, 'hex')),
    flags,
    noNewPrivileges,
    allowUnverified: options.allowUnverified ?? false,
    timeoutMs: options.timeoutMs ?? HANGS_AFTER,
    observe: (state, event, action) => {
      const step = `${state} ${event}`;
      steps.push(`${step} ${action}`);
      if (step === options.dieAt) process.kill(process.pid, 'SIGKILL');
      if (state === options.stallIn) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      if (step === options.tamper?.at && ++visits === options.tamper.nth) tamper(options.tamper);
      if (step === options.signalAt) process.kill(pid, options.signal);
      if (options.compareMemory === true && step === 'leaving return') memory.push(digest());
    },
    ...(options.listen === true ? { takeListener: (fd) => listeners.push(readFdLink(fd)) } : {}),
    beforeRelease: () => {
      if (options.compareMemory === true) memory.push(digest());
    },
  });
  return { ...outcome, steps, memory, listeners, descriptors: readdirSync('/proc/self/fd').length };
}

function tamper({ code, filter, call }: Tampering): void {
  const { read, write, close } = openMemory(pid);
  if (code !== undefined) write(entryPoint(), Buffer.from(code, 'hex'));
  if (filter !== undefined) {
    const stack = readMaps(pid).find(({ name }) => name === '[stack]');
    if (stack === undefined) throw new Error('there is no stack');
    const place = Buffer.from(read(stack.start, stack.end - stack.start)).indexOf(
      Buffer.from(program, 'hex'),
    );
    if (place < 0) throw new Error('the filter is not on the stack');
    write(stack.start + place, Buffer.from(filter, 'hex'));
  }
  close();
  if (call !== undefined) replaceCall(call);
}

/** The call that a process stopped at its entry makes is in orig_rax, u64 @120 of struct user_regs_struct. */
function replaceCall(number: number): void {
  const registers = readRegisters(pid, registerLayout('x86_64'));
  new DataView(registers.buffer).setBigUint64(120, BigInt(number), true);
  writeRegisters(pid, registers);
}

/** e_entry u64 @24 of a program without an interpreter at a fixed address. */
function entryPoint(): number {
  return Number(readFileSync(`/proc/${pid}/exe`).readBigUInt64LE(24));
}

function readFdLink(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}

try {
  writeSync(1, `${JSON.stringify(run())}\n`);
} catch (error) {
  const { code, message, hint, details } = error as OciSeccompError;
  const value =
    error instanceof OciSeccompError
      ? { code, message, hint, details, steps }
      : { message: String(error), steps };
  writeSync(1, `${JSON.stringify(value)}\n`);
}
