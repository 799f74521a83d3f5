/**
 * The containers that runc and crun have on this machine, from the folders where they keep their states. Engines use
 * them too: Podman those of the runtimes, containerd and Docker others.
 *
 * Sources, and tried with: runc 1.1.5 libcontainer/container_linux.go (`state.json`), crun 1.8.1 src/libcrun/status.c
 * (`status`).
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { isRecord } from '../abi/is-record.ts';
import { OciSeccompError } from '../errors.ts';
import { readStartTime } from '../kernel/process-status.ts';
import { ioWords } from './io-words.ts';
import { readFileBounded } from './read-bundle.ts';

export interface NodeContainer {
  readonly id: string;
  readonly runtime: 'runc' | 'crun';
  /** The id of its first process. */
  readonly pid: number;
  readonly bundle: string;
  /** As the runtime hands them to hooks; `undefined`: it keeps none, and reads config.json. */
  readonly annotations: ReadonlyMap<string, string> | undefined;
}

/** A container whose state cannot be read. */
export interface UnreadableContainer {
  readonly id: string;
  readonly reason: string;
}

/** Where runc and crun keep states for root; containerd and Docker have a folder for each namespace. */
const ROOTS = ['/run/runc', '/run/crun'] as const;
const PARENTS = ['/run/containerd/runc', '/run/docker/runtime-runc'] as const;

/**
 * Lists containers that live: what has ended and was not deleted is left out.
 *
 * @param root - a folder of states, as runtimes take it with --root; by default those of runc, crun, containerd and Docker
 * @throws OciSeccompError `ERR_IO` for a folder that cannot be read
 */
export function listContainers(root: string | undefined): readonly (NodeContainer | UnreadableContainer)[] {
  const folders = root === undefined ? knownRoots() : [root];
  return folders.flatMap((folder) => list(folder).flatMap((id) => readContainer(folder, id)));
}

function knownRoots(): readonly string[] {
  const below = PARENTS.filter((path) => existsSync(path)).flatMap((parent) =>
    list(parent).map((name) => `${parent}/${name}`),
  );
  return [...ROOTS.filter((path) => existsSync(path)), ...below];
}

function list(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    throw new OciSeccompError(
      'ERR_IO',
      `the folder of containers ${folder} cannot be read: ${ioWords(cause)}`,
      {
        ...((cause as NodeJS.ErrnoException).code === 'EACCES' ? { hint: 'run this as root' } : {}),
        cause,
      },
    );
  }
}

function readContainer(folder: string, id: string): readonly (NodeContainer | UnreadableContainer)[] {
  const [ofRunc, ofCrun] = [`${folder}/${id}/state.json`, `${folder}/${id}/status`];
  try {
    if (existsSync(ofRunc)) return alive(fromRunc(id, parse(ofRunc)));
    if (existsSync(ofCrun)) return alive(fromCrun(id, parse(ofCrun)));
    return [];
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    // A container may be deleted while it is read.
    return existsSync(`${folder}/${id}`) ? [{ id, reason: error.message }] : [];
  }
}

interface Found {
  readonly container: NodeContainer;
  readonly startTime: string;
}

/** The process of a number may be another by now. */
function alive({ container, startTime }: Found): readonly NodeContainer[] {
  return readStartTime(container.pid) === startTime ? [container] : [];
}

/** runc keeps the bundle and the annotations as texts KEY=VALUE, the bundle last. */
function fromRunc(id: string, state: Readonly<Record<string, unknown>>): Found {
  const { init_process_pid: pid, init_process_start: start, config } = state;
  const labels = isRecord(config) && Array.isArray(config.labels) ? config.labels : [];
  const annotations = new Map<string, string>();
  for (const label of labels) {
    if (typeof label !== 'string') continue;
    const at = label.indexOf('=');
    if (at >= 0) annotations.set(label.slice(0, at), label.slice(at + 1));
  }
  const bundle = annotations.get('bundle');
  annotations.delete('bundle');
  return found({ id, runtime: 'runc', pid, start, bundle, annotations });
}

function fromCrun(id: string, state: Readonly<Record<string, unknown>>): Found {
  const { pid, 'process-start-time': start, bundle } = state;
  return found({ id, runtime: 'crun', pid, start, bundle, annotations: undefined });
}

interface Read {
  readonly id: string;
  readonly runtime: 'runc' | 'crun';
  readonly pid: unknown;
  readonly start: unknown;
  readonly bundle: unknown;
  readonly annotations: ReadonlyMap<string, string> | undefined;
}

function found({ id, runtime, pid, start, bundle, annotations }: Read): Found {
  if (typeof pid === 'number' && typeof start === 'number' && typeof bundle === 'string') {
    return { container: { id, runtime, pid, bundle, annotations }, startTime: String(start) };
  }
  throw new OciSeccompError('ERR_HOOK', `${runtime} keeps its state in a form that is not known here`);
}

function parse(path: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(readFileBounded(path)).toString('utf8'));
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    throw new OciSeccompError('ERR_HOOK', `${path} is not JSON`, { cause });
  }
  if (isRecord(value)) return value;
  throw new OciSeccompError('ERR_HOOK', `${path} is not a JSON object`);
}
