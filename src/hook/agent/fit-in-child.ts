/**
 * Filters for the runtime wrapper, made in a process of their own where libseccomp is needed, and remembered by
 * everything that they depend on.
 * @module
 */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OciSeccompError } from '../../errors.ts';
import type { FittedFilter } from '../config-json.ts';
import { decodeFitted, encodeTask, LIMITS } from '../wrapper/fit-messages.ts';
import { type FitTask, type Fitted, fitProfile, needsLibrary } from '../wrapper/fit-profile.ts';
import { type CountedMemory, createMemoryOf } from './filter-memory.ts';

/** How many processes run at the same time. Further tasks wait. */
const MAX_PROCESSES = 4;

export interface Fitter {
  readonly fitProfile: (task: FitTask) => Promise<Fitted & { readonly isRemembered?: true }>;
  readonly memory: Pick<CountedMemory<unknown>, 'size' | 'hits' | 'misses' | 'forget'>;
}

interface Kept extends Fitted {
  readonly isRemembered?: true;
  /** The file of the libseccomp that was asked: another file may make another filter. `undefined`: none, or it cannot be told. */
  readonly libraryFile: string | undefined;
  readonly librarySignature: string | undefined;
  /** What led to that file: the name that was asked for, or the linker's cache. */
  readonly wayFile: string;
  readonly waySignature: string | undefined;
}

/** ld.so(8): says which file a soname means; the files that it names can stay when it changes. */
export const LINKER_CACHE = '/etc/ld.so.cache';

/** What leads to the libseccomp of a task. Looked at before the task: what changes meanwhile is then noticed. */
export function wayTo(library = process.env.OCI_SECCOMP_LIBRARY): Pick<Kept, 'wayFile' | 'waySignature'> {
  const wayFile = library?.includes('/') === true ? library : LINKER_CACHE;
  return { wayFile, waySignature: fileSignature(wayFile) };
}

/**
 * Whether the same filter would be made now. If libseccomp's file was replaced while it was in use, the kernel names it
 * with "(deleted)", and no file has that name.
 */
export function isCurrent({
  library,
  libraryFile,
  librarySignature,
  wayFile,
  waySignature,
}: Omit<Kept, keyof FittedFilter | 'isRemembered'>): boolean {
  if (library === undefined) return true;
  if (libraryFile === undefined || librarySignature === undefined) return false;
  return fileSignature(libraryFile) === librarySignature && fileSignature(wayFile) === waySignature;
}

/** @param requireOwnFiles - throws if others can write what is going to be executed */
export function createFitter(requireOwnFiles: () => void): Fitter {
  const memory = createMemoryOf<Kept>({
    asRemembered: (fitted) => ({ ...fitted, isRemembered: true }),
    isCurrent,
  });
  const limit = limited(MAX_PROCESSES);
  const work = async (task: FitTask): Promise<Kept> => {
    const way = wayTo(task.library);
    if (!needsLibrary(task)) {
      return { ...(await fitProfile(task)), libraryFile: undefined, librarySignature: undefined, ...way };
    }
    const fitted = await limit(async () => {
      requireOwnFiles();
      return decodeFitted(await runProgram(encodeTask(task)));
    });
    const { libraryFile } = fitted;
    return { ...fitted, librarySignature: libraryFile && fileSignature(libraryFile), ...way };
  };
  return { fitProfile: (task) => memory.recall(keyOf(task), () => work(task)), memory };
}

/** Changes with the file, and with the one that has its name. */
export function fileSignature(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
}

function keyOf({ source, capabilities, runtime, form, backend, library, strict }: FitTask): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { name, bytes } = source;
  const content = bytes === undefined ? null : createHash('sha256').update(bytes).digest('hex');
  return JSON.stringify([name, content, capabilities, runtime, form, backend, library, strict]);
}

function limited(maximum: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    while (running >= maximum) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

function runProgram(task: string): Promise<string> {
  const program = fileURLToPath(new URL('./runtime-fit.cjs', import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { spawn } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program], { env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
    const [output, errors]: [Buffer[], Buffer[]] = [[], []];
    // Where no descriptor is left, Node makes no streams, and tells the error later.
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
    child.once('error', (cause) => reject(failed(`cannot be started: ${cause.message}`)));
    child.once('close', (status, signal) => {
      if (status === 0) resolve(Buffer.concat(output).toString('utf8'));
      else reject(failed(reasonOf(status, signal, Buffer.concat(errors).toString('utf8'))));
    });
    // If it ends before it has read its task, its exit code says why.
    child.stdin?.once('error', () => {});
    child.stdin?.end(task);
  });
}

function reasonOf(status: number | null, signal: NodeJS.Signals | null, errors: string): string {
  if (signal === 'SIGPROF') return `used up ${LIMITS.cpuMs / 1000} s of processor time`;
  if (signal !== null) return `ended: ${signal}`;
  return `ended with exit code ${status}: ${errors.trim().split('\n').at(-1)}`;
}

function failed(what: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `the program that makes filters with libseccomp ${what}`, {
    hint: 'make the profile smaller, or use a newer libseccomp',
  });
}
