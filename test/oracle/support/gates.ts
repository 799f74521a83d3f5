/**
 * A container whose supervisor waits at steps of the injection until it is told to go on: see
 * test/hook/support/gated-supervisor.ts.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { supervisorHook } from '../../hook/support/supervisor-hook-program.ts';
import { type Bundle, bundleProgram } from '../../kernel/support/bundle.ts';
import { HANGS_AFTER } from '../../support/patience.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { helperPath } from './native.ts';

export interface GatedOptions {
  readonly program: Uint8Array;
  readonly args: readonly string[];
  readonly uid?: number;
  /** A pid namespace to share, as a path. */
  readonly pidNamespace?: string;
  /** As the file `hold` has them. */
  readonly hold: readonly string[];
  /** `run` unless told; `create` ends when the container waits for {@link Gated.start}. */
  readonly verb?: 'run' | 'create';
  /** Without a hook. */
  readonly bare?: boolean;
}

export interface Gated {
  readonly id: string;
  readonly rootfs: string;
  /** `runc run` or `create`, with its output in a file. */
  readonly runtime: ChildProcess;
  /** What the hook runs as, and the container's process; -1 until the hook has started. */
  readonly hookPid: () => number;
  readonly pid: () => number;
  /** Waits for the next step it is held at. @returns the supervisor's number; `undefined`: the runtime has ended before */
  readonly held: () => Promise<{ readonly supervisor: number; readonly step: string } | undefined>;
  readonly go: () => void;
  /** The number of a container that is created; -1 if there is none. */
  readonly createdPid: () => number;
  /** Starts a container that is created. */
  readonly start: () => void;
  /** The steps it has come to. */
  readonly steps: () => readonly string[];
  readonly output: () => string;
  readonly log: () => string;
  readonly remove: () => void;
}

let bundle: Bundle | undefined;

/** For beforeAll, with {@link removeGates} for afterAll. */
export async function buildGates(): Promise<void> {
  bundle = await bundleProgram('test/hook/support/gated-supervisor.ts');
}

export function removeGates(): void {
  bundle?.remove();
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for what comes by itself. @throws Error if it does not */
export async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = performance.now() + HANGS_AFTER; !condition(); await pause(2)) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
  }
}

export interface ContainerFolder {
  readonly folder: string;
  readonly id: string;
  readonly rootfs: string;
}

/** A bundle's folder with busybox, the probe, and /w, where every user may write. */
export function makeContainerFolder(): ContainerFolder {
  const folder = mkdtempSync(join(tmpdir(), `oci-seccomp-gated-${process.pid}-`));
  const rootfs = join(folder, 'rootfs');
  for (const name of ['bin', 'proc', 'dev', 'tmp', 'w']) mkdirSync(join(rootfs, name), { recursive: true });
  for (const path of [folder, rootfs]) chmodSync(path, 0o755);
  chmodSync(join(rootfs, 'w'), 0o777);
  copyFileSync('/bin/busybox', join(rootfs, 'bin/busybox'));
  copyFileSync(helperPath('exec-probe'), join(rootfs, 'bin/probe'));
  return { folder, rootfs, id: folder.replace(/.*oci-seccomp-/, '') };
}

export function containerConfig(uid: number, args: readonly string[], pidNamespace?: string): object {
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid, gid: uid },
      cwd: '/',
      env: ['PATH=/bin'],
      args,
      noNewPrivileges: false,
    },
    root: { path: 'rootfs', readonly: false },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: {
      namespaces: [
        pidNamespace === undefined ? { type: 'pid' } : { type: 'pid', path: pidNamespace },
        { type: 'mount' },
      ],
    },
  };
}

/** crun 1.8 takes hybrid cgroups for an error. */
export function runtimeCommand(
  name: 'runc' | 'crun',
  folder: string,
  words: readonly string[],
): readonly string[] {
  const own = [name, '--root', join(folder, 'state'), ...words];
  if (name === 'runc' || !existsSync('/sys/fs/cgroup/unified')) return own;
  return ['unshare', '-m', 'sh', '-c', 'umount /sys/fs/cgroup/unified; exec "$@"', 'sh', ...own];
}

/** Starts a container, and does not wait for it. */
export function startGated(name: 'runc' | 'crun', options: GatedOptions): Gated {
  const { folder, rootfs, id } = makeContainerFolder();
  const supervisor = bundle?.file ?? '';
  const gates = join(dirname(supervisor), 'gates', id);
  mkdirSync(gates, { recursive: true });
  writeFileSync(join(gates, 'hold'), options.hold.join('\n'));
  writeFileSync(join(folder, 'program'), options.program);
  const log = join(folder, 'log');
  const more = JSON.stringify({ supervisor, pidFile: join(folder, 'pids'), injectionMs: HANGS_AFTER });
  const hook = {
    path: process.execPath,
    args: ['node', supervisorHook(), `${projectRoot()}/dist`, join(folder, 'program'), log, more],
    // crun can miss the end of a hook that is killed, and waits for this.
    timeout: 5,
  };
  const config = {
    ...containerConfig(options.uid ?? 0, options.args, options.pidNamespace),
    ...(options.bare === true ? {} : { hooks: { createRuntime: [hook] } }),
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const out = openSync(join(folder, 'out'), 'w');
  const [command = '', ...words] = runtimeCommand(name, folder, [
    options.verb ?? 'run',
    '--bundle',
    folder,
    '--pid-file',
    join(folder, 'pid'),
    id,
  ]);
  const runtime = spawn(command, words, { stdio: ['ignore', out, out], cwd: folder });
  closeSync(out);
  const text = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const numbers = (): readonly string[] => text(join(folder, 'pids')).split(' ');
  let count = 0;
  let held = 0;
  const steps = (): readonly string[] =>
    text(join(gates, 'steps'))
      .split('\n')
      .filter((line) => line !== '');
  const next = (): number | undefined => {
    const found = readdirSync(gates).map((file) => Number(/^held-(\d+)$/.exec(file)?.[1] ?? 0));
    return found.filter((at) => at > count).sort((a, b) => a - b)[0];
  };
  const ended = (): boolean => runtime.exitCode !== null || runtime.signalCode !== null;
  return {
    id,
    rootfs,
    runtime,
    hookPid: () => Number(numbers()[0] || -1),
    pid: () => Number(numbers()[1] || -1),
    held: async () => {
      await until(`${id} comes to a step`, () => next() !== undefined || ended());
      held = next() ?? 0;
      if (held === 0) return undefined;
      const file = join(gates, `held-${held}`);
      await until(`${file} is written`, () => text(file) !== '');
      return { supervisor: Number(text(file)), step: steps()[held - 1] ?? '' };
    },
    go: () => {
      count = held;
      writeFileSync(join(gates, `go-${held}`), '');
    },
    createdPid: () => Number(text(join(folder, 'pid')) || -1),
    start: () => void runQuietly(name, folder, ['start', id]),
    steps,
    output: () => text(join(folder, 'out')),
    log: () => text(log),
    remove: () => {
      if (existsSync(join(folder, 'state', id))) runQuietly(name, folder, ['delete', '--force', id]);
      if (!ended()) runtime.kill('SIGKILL');
      rmSync(gates, { recursive: true, force: true });
      removeCgroups(id);
      removeFolder(folder);
    },
  };
}

export function runQuietly(name: 'runc' | 'crun', folder: string, words: readonly string[]): number | null {
  const [command = '', ...rest] = runtimeCommand(name, folder, words);
  return spawnSync(command, rest, { stdio: 'ignore', cwd: folder }).status;
}

/** What a runtime that was killed half-way leaves behind; they can be busy for as long as a killed process ends. */
export function removeCgroups(id: string): void {
  const root = '/sys/fs/cgroup';
  const parents = [root, ...readdirSync(root).map((name) => join(root, name))];
  for (const path of parents.map((parent) => join(parent, id)).filter((each) => existsSync(each))) {
    for (let i = 0; i < 1000 && existsSync(path); i++) {
      try {
        rmdirSync(path);
      } catch {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      }
    }
  }
}

/** What became of a container's process once nobody holds it. */
export type TraceAnswer = 'gone' | 'filtered' | 'unfiltered' | 'stopped' | 'waiting';

/** @param program - what it runs once it is the container's, by its file's name */
export function fateOf(pid: number, program: string): TraceAnswer {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '';
    if ('ZX'.includes(field('State'))) return 'gone';
    if (field('TracerPid') !== '0') return 'waiting';
    if ('tT'.includes(field('State'))) return 'stopped';
    if (!readlinkSync(`/proc/${pid}/exe`).endsWith(`/${program}`)) return 'waiting';
    return field('Seccomp') === '2' ? 'filtered' : 'unfiltered';
  } catch {
    return 'gone';
  }
}
