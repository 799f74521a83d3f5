/**
 * `node install-filter.mjs CASE`: puts a filter into its own process, and prints what becomes of mkdir on its threads, as one JSON
 * value.
 * @module
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isMainThread, Worker } from 'node:worker_threads';
import type { SockFilter } from '../../../src/bpf/program.ts';
import { OciSeccompError } from '../../../src/errors.ts';
import { type InstallOptions, installProgram } from '../../../src/kernel/install-program.ts';

/** Where a folder would have to be made for EPERM to be the filter's, and not ENOENT the kernel's. */
const NOWHERE = '/nonexistent/folder';
const MKDIR = [83, 258];

const load = (k: number): SockFilter => ({ code: 0x20, jt: 0, jf: 0, k });
const answer = (k: number): SockFilter => ({ code: 6, jt: 0, jf: 0, k });
/** x86_64: mkdir(2) and mkdirat(2) get an answer, all else is allowed. */
const program = (denied: number): readonly SockFilter[] => [
  load(0),
  ...MKDIR.map((nr, i): SockFilter => ({ code: 0x15, jt: MKDIR.length - i, jf: 0, k: nr })),
  answer(0x7fff0000),
  answer(denied),
];
const EPERM_WORD = 0x50001;

function said(make: () => unknown): unknown {
  try {
    make();
    return undefined;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) return (error as NodeJS.ErrnoException).code;
    const { code, message, details } = error;
    return { code, message, details };
  }
}

/** How many filters a thread has (proc_pid_status(5), since Linux 5.9). */
function filtersOf(tid: string): number {
  const status = readFileSync(`/proc/self/task/${tid}/status`, 'utf8');
  return Number(/^Seccomp_filters:\t(\d+)$/m.exec(status)?.[1]);
}

async function seen(): Promise<unknown> {
  const pool = await mkdir(NOWHERE).catch((error: NodeJS.ErrnoException) => error.code);
  const threads = readdirSync('/proc/self/task').map(filtersOf);
  return { here: said(() => mkdirSync(NOWHERE)), pool, threads };
}

/** A thread that lives on with a filter of its own. */
async function filterAnotherThread(): Promise<Worker> {
  const worker = new Worker(new URL(import.meta.url));
  await new Promise((resolve) => worker.once('message', resolve));
  return worker;
}

const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  all: async () => {
    // The pool has threads already.
    await mkdir(NOWHERE).catch(() => undefined);
    return { installed: said(() => installProgram(program(EPERM_WORD))), ...((await seen()) as object) };
  },
  current: async () => {
    await mkdir(NOWHERE).catch(() => undefined);
    const options: InstallOptions = { threads: 'current' };
    return {
      installed: said(() => installProgram(program(EPERM_WORD), options)),
      ...((await seen()) as object),
    };
  },
  diverged: async () => {
    const worker = await filterAnotherThread();
    const installed = said(() => installProgram(program(EPERM_WORD)));
    const after = await seen();
    await worker.terminate();
    return { installed, ...(after as object) };
  },
  killable: async () => ({
    installed: said(() =>
      installProgram(program(EPERM_WORD), { flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] }),
    ),
    ...((await seen()) as object),
  }),
  privileges: async () => ({
    installed: said(() => installProgram(program(EPERM_WORD), { noNewPrivs: false })),
    ...((await seen()) as object),
  }),
};

if (isMainThread) {
  process.stdout.write(JSON.stringify(await cases[process.argv[2] ?? '']?.()));
} else {
  const { parentPort } = await import('node:worker_threads');
  installProgram(program(EPERM_WORD), { threads: 'current' });
  parentPort?.postMessage('filtered');
  parentPort?.on('message', () => {});
}
