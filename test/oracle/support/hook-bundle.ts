/**
 * Containers of runc and crun with our hook in their config.json, as `oci-seccomp hook config --for oci` prints it.
 * @module
 */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { HANGS_AFTER } from '../../support/patience.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { helperPath } from './native.ts';

/** Test files run at the same time: each looks after its own containers. */
const OWN = `bundle-${randomBytes(4).toString('hex')}`;

export const cli = join(projectRoot(), 'dist/bin/main.cjs');

export interface HookedRuntime {
  readonly name: string;
  readonly family: 'runc' | 'crun';
  readonly path: string;
}

export interface BundleOptions {
  readonly args?: readonly string[];
  /** Options of `hook config`; `undefined`: no hook. */
  readonly hook?: readonly string[] | undefined;
  readonly user?: number;
  /** All five sets; `undefined`: no `capabilities` key. */
  readonly capabilities?: readonly string[];
  readonly userNamespace?: boolean;
  readonly seccomp?: object;
  readonly noNewPrivileges?: boolean;
  readonly readonlyRoot?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rlimits?: readonly { readonly type: string; readonly soft: number; readonly hard: number }[];
  /** Puts more into the root file system. */
  readonly prepare?: (root: string) => void;
  /** Besides /proc and /dev. */
  readonly mounts?: readonly object[];
  /** Changes the hooks before they are written. */
  readonly editHooks?: (hooks: Hooks) => unknown;
}

export type Hooks = Record<string, { path: string; args: string[]; env?: string[]; timeout?: number }[]>;

export interface Hooked {
  readonly id: string;
  readonly folder: string;
  readonly log: string;
  /** Runs `run`, `create`, … with this container's id where `ID` stands. */
  readonly call: (...words: readonly string[]) => { readonly status: number | null; readonly output: string };
  /** Runs the container without waiting for others. @returns what it printed */
  readonly start: () => Promise<string>;
  readonly logText: () => string;
  readonly remove: () => void;
}

/** Runs the built program as a person does. */
export function ociSeccomp(...words: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8', timeout: HANGS_AFTER });
}

/** The hooks that `hook config` prints. @throws Error with what it prints instead */
export function hooksOf(...words: readonly string[]): Hooks {
  const { status, stdout, stderr } = ociSeccomp('hook', 'config', '--for', 'oci', ...words);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout).hooks;
}

/** Stands for the log in hooks that are kept: each container has its own. */
const LOG = '/run/log-of-a-container';
const kept = new Map<string, string>();

/**
 * As {@link hooksOf}, with a log. Asked for every container: the program is started once for equal words, unless it makes more
 * than the hooks.
 */
function loggedHooks(words: readonly string[], log: string): Hooks {
  if (words.includes('--store') || words.includes('--client')) return hooksOf(...words, '--log', log);
  const key = words.join('\0');
  const text = kept.get(key) ?? JSON.stringify(hooksOf(...words, '--log', LOG));
  kept.set(key, text);
  return JSON.parse(text.replaceAll(LOG, log)) as Hooks;
}

export function makeHooked(runtime: HookedRuntime, options: BundleOptions = {}): Hooked {
  const folder = mkdtempSync(join(tmpdir(), `oci-seccomp-${OWN}-`));
  chmodSync(folder, 0o755);
  const log = join(folder, 'hook.log');
  try {
    makeRoot(join(folder, 'rootfs'));
    options.prepare?.(join(folder, 'rootfs'));
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config(options, log)));
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const id = folder.replace(/.*oci-seccomp-/, '');
  const command = (...words: readonly string[]): readonly string[] => {
    const named = words.map((word) => (word === 'ID' ? id : word));
    return [...prefix(runtime), '--root', join(folder, 'state'), ...named];
  };
  const call = (...words: readonly string[]) => runLogged(folder, command(...words));
  const start = (): Promise<string> => startLogged(folder, command('run', id));
  const remove = (): void => {
    if (existsSync(join(folder, 'state', id))) call('delete', '--force', id);
    removeFolder(folder);
  };
  return {
    id,
    folder,
    log,
    call,
    start,
    remove,
    logText: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
  };
}

/** A static and a dynamic program, the latter with what it is linked with, and one that is setuid. */
function makeRoot(root: string): void {
  for (const name of ['bin', 'proc', 'dev', 'tmp', 'sys']) mkdirSync(join(root, name), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  const probe = helperPath('container-probe');
  copyFileSync(probe, join(root, 'bin/probe'));
  copyFileSync(probe, join(root, 'bin/setuid-probe'));
  chownSync(join(root, 'bin/setuid-probe'), 0, 0);
  chmodSync(join(root, 'bin/setuid-probe'), 0o4755);
  for (const path of linkedFiles(probe)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
    chmodSync(join(root, path), 0o755);
  }
}

const linked = new Map<string, readonly string[]>();

/** What the loader takes for a program; `ldd` starts a shell and more. */
function linkedFiles(program: string): readonly string[] {
  const known = linked.get(program);
  if (known !== undefined) return known;
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  const found = [...stdout.matchAll(/(\/[^ ]+) \(0x/g)].map(([, path = '']) => path);
  linked.set(program, found);
  return found;
}

function config(options: BundleOptions, log: string): object {
  const { args = ['/bin/probe'], hook, user = 0, capabilities, seccomp, annotations = {} } = options;
  const { rlimits = [], mounts = [] } = options;
  const hooks = hook === undefined ? {} : loggedHooks(hook, log);
  const sets = ['bounding', 'effective', 'permitted'].map((set) => [set, capabilities]);
  const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const ownUsers = options.userNamespace === true;
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: user, gid: user },
      cwd: '/',
      env: ['PATH=/bin'],
      args,
      noNewPrivileges: options.noNewPrivileges ?? false,
      rlimits,
      ...(capabilities === undefined ? {} : { capabilities: Object.fromEntries(sets) }),
    },
    root: { path: 'rootfs', readonly: options.readonlyRoot ?? false },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      ...mounts,
    ],
    annotations,
    hooks: options.editHooks === undefined ? hooks : options.editHooks(hooks),
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'mount' }, ...(ownUsers ? [{ type: 'user' }] : [])],
      ...(ownUsers ? { uidMappings: map, gidMappings: map } : {}),
      ...(seccomp === undefined ? {} : { seccomp }),
    },
  };
}

/** crun takes hybrid cgroups for an error; without the unified part they look like version 1. */
function prefix({ family, path }: HookedRuntime): readonly string[] {
  if (family === 'runc' || !existsSync('/sys/fs/cgroup/unified')) return [path];
  return ['unshare', '-m', 'sh', '-c', 'umount /sys/fs/cgroup/unified; exec "$@"', 'sh', path];
}

/** With its output in a file: a pipe would stay open as long as the container holds it. */
function runLogged(folder: string, [command = '', ...args]: readonly string[]) {
  const path = join(folder, `out-${Date.now()}-${Math.random()}`);
  const fd = openSync(path, 'w');
  try {
    const { status } = spawnSync(command, args, {
      stdio: ['ignore', fd, fd],
      cwd: folder,
      timeout: HANGS_AFTER,
      killSignal: 'SIGKILL',
    });
    return { status, output: readFileSync(path, 'utf8') };
  } finally {
    closeSync(fd);
  }
}

function startLogged(folder: string, [program = '', ...args]: readonly string[]): Promise<string> {
  const path = join(folder, 'out');
  const fd = openSync(path, 'w');
  const child = spawn(program, args, { stdio: ['ignore', fd, fd], cwd: folder, timeout: HANGS_AFTER });
  closeSync(fd);
  return new Promise((resolve) => child.once('exit', () => resolve(readFileSync(path, 'utf8'))));
}

/** Supervisors that are still there, of containers made by this test file, or of those whose ids are said. */
export function leftBehind(ids = OWN): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' });
  const pattern = new RegExp(`supervisor\\.cjs ${ids}`);
  return stdout.split('\n').filter((line) => pattern.test(line));
}

/** Waits for what happens on its own. */
export function eventually(condition: () => boolean, timeoutMs = HANGS_AFTER): boolean {
  for (const end = Date.now() + timeoutMs; !condition(); ) {
    if (Date.now() > end) return false;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  return true;
}
