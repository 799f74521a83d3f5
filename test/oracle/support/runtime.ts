/**
 * Runs containers with a given `linux.seccomp` under runc or crun and says which programs the kernel was given.
 *
 * Two ways to see them: {@link installedFilters} reads the filters of the running container back from the kernel;
 * {@link handedPrograms} watches the runtime's system calls, so it also sees flags, and profiles no container can
 * start under. Both leave nothing behind. Needs root, /bin/busybox (static), unshare(1).
 * @module
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HANGS_AFTER } from '../../support/patience.ts';
import { fromHex, helperPath, runHelper } from './native.ts';

export interface Runtime {
  readonly name: 'runc' | 'crun';
  /** A path, or a name PATH finds. */
  readonly path: string;
}

export interface RunOptions {
  /** A libseccomp to use in place of the one the runtime is linked with. */
  readonly library?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly noNewPrivileges?: boolean;
  /** User and group of the container's process; 0 unless told. */
  readonly user?: number;
  readonly timeoutMs?: number;
  /** For {@link installedFilters}: what reads the filters of the running container; {@link readFilters} unless told. */
  readonly read?: (pid: number) => Uint8Array[];
  /** For {@link handedPrograms}: end everything when the first program is installed; some containers hang under theirs. */
  readonly firstOnly?: boolean;
}

export interface Installed {
  /** Raw sock_filter arrays in this machine's byte order, in the order they were attached; empty without a filter. */
  readonly filters: readonly Uint8Array[];
  /** What the runtime said when it refused, or that the workload ended; `undefined` when the container ran. */
  readonly error: string | undefined;
  /** Everything the runtime printed, warnings included. */
  readonly output: string;
}

/** One successful or refused call that would attach a program. */
export interface Handed {
  readonly call: 'seccomp' | 'prctl';
  /** `SECCOMP_FILTER_FLAG_*` bits; 0 for prctl. */
  readonly flags: number;
  /** Return value; negative: errno. */
  readonly result: number;
  readonly program: Uint8Array;
}

export interface HandedPrograms {
  readonly calls: readonly Handed[];
  readonly exitCode: number;
  readonly output: string;
}

const ID = 'workload';

/** JSON text of a value; `bigint` becomes an exact number, which JSON.stringify cannot do. */
export function exactJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${exactJson(each)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

function configText(linuxSeccompJson: string | undefined, options: RunOptions): string {
  const seccomp = linuxSeccompJson === undefined ? '' : `,"seccomp":${linuxSeccompJson}`;
  return `{"ociVersion":"1.0.2",
    "process":{"terminal":false,"user":{"uid":${options.user ?? 0},"gid":${options.user ?? 0}},"cwd":"/","env":["PATH=/bin"],
      "args":["/bin/busybox","sleep","300"],"noNewPrivileges":${options.noNewPrivileges ?? false}},
    "root":{"path":"rootfs","readonly":true},
    "mounts":[{"destination":"/proc","type":"proc","source":"proc"}],
    "annotations":${JSON.stringify(options.annotations ?? {})},
    "linux":{"namespaces":[{"type":"pid"},{"type":"mount"}]${seccomp}}}`;
}

interface Sandbox {
  readonly folder: string;
  /** Turns arguments of the runtime into a whole command line. */
  readonly command: (...args: string[]) => readonly [string, ...string[]];
  readonly timeout: number;
}

const linked = new Map<string, string>();

/** The library file a program loads as libseccomp, by the dynamic loader's own account. */
export function linkedLibrary(path: string): string {
  // Asked for every container; ldd starts a shell and a dozen more processes.
  const known = linked.get(path) ?? askLoader(path);
  linked.set(path, known);
  return known;
}

function askLoader(path: string): string {
  const which = path.includes('/') ? path : spawnSync('which', [path], { encoding: 'utf8' }).stdout.trim();
  const { stdout } = spawnSync('ldd', [which], { encoding: 'utf8' });
  const found = /libseccomp\.so\.2 => (\S+)/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`${path} is not linked with libseccomp`);
  return realpathSync(found);
}

/** Commands for a mount namespace of its own, or none. */
function preparation(runtime: Runtime, options: RunOptions): string[] {
  const steps: string[] = [];
  // crun takes hybrid cgroups for an error; without the unified part they look like version 1.
  if (runtime.name === 'crun' && existsSync('/sys/fs/cgroup/unified'))
    steps.push('umount /sys/fs/cgroup/unified');
  // runc starts its second stage with an empty environment, so LD_LIBRARY_PATH would reach only the first.
  if (options.library !== undefined) {
    const quoted = [realpathSync(options.library), linkedLibrary(runtime.path)].map((path) => `'${path}'`);
    steps.push(`mount --bind ${quoted.join(' ')}`);
  }
  return steps;
}

function makeSandbox(runtime: Runtime, linuxSeccompJson: string | undefined, options: RunOptions): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), `oci-seccomp-oracle-${process.pid}-`));
  mkdirSync(join(folder, 'rootfs/bin'), { recursive: true });
  for (const name of ['proc', 'dev']) mkdirSync(join(folder, 'rootfs', name));
  copyFileSync('/bin/busybox', join(folder, 'rootfs/bin/busybox'));
  writeFileSync(join(folder, 'config.json'), configText(linuxSeccompJson, options));
  const steps = preparation(runtime, options);
  const base = [runtime.path, '--root', join(folder, 'state')];
  const command = (...args: string[]): readonly [string, ...string[]] =>
    steps.length === 0
      ? [runtime.path, ...base.slice(1), ...args]
      : ['unshare', '-m', 'sh', '-ec', `${steps.join('\n')}\nexec "$@"`, 'sh', ...base, ...args];
  return { folder, command, timeout: options.timeoutMs ?? HANGS_AFTER };
}

function runArguments(folder: string): string[] {
  return ['run', '-d', '--bundle', folder, '--pid-file', join(folder, 'pid'), uniqueId(folder)];
}

/** The container's name is also its cgroup's, so it must not be shared by parallel tests. */
function uniqueId(folder: string): string {
  return folder.replace(/.*oci-seccomp-oracle/, ID);
}

/** Runs a command with its output in a file: a pipe would stay open as long as the container holds it. */
function runLogged(
  sandbox: Sandbox,
  command: readonly [string, ...string[]],
): { status: number; output: string } {
  const log = join(sandbox.folder, 'log');
  const fd = openSync(log, 'w');
  try {
    const { status, signal } = spawnSync(command[0], command.slice(1), {
      stdio: ['ignore', fd, fd],
      timeout: sandbox.timeout,
      killSignal: 'SIGKILL',
      cwd: sandbox.folder,
    });
    const output = readFileSync(log, 'utf8') + (signal === null ? '' : `\nended by ${signal}`);
    return { status: status ?? 128, output };
  } finally {
    closeSync(fd);
  }
}

function workloadPid(sandbox: Sandbox): number | undefined {
  const file = join(sandbox.folder, 'pid');
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** `undefined` when the process is gone or only a zombie. */
function executable(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

function sleepMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function waitUntil(condition: () => boolean): boolean {
  const end = Date.now() + HANGS_AFTER;
  while (!condition()) {
    if (Date.now() > end) return false;
    sleepMs(1);
  }
  return true;
}

function cleanUp(sandbox: Sandbox): void {
  const pid = workloadPid(sandbox);
  // Killed here, not by the runtime: runc's own kill waits in steps of 100 ms.
  if (pid !== undefined && executable(pid)?.endsWith('/busybox') === true) {
    process.kill(pid, 'SIGKILL');
    waitUntil(() => executable(pid) === undefined);
  }
  removeCgroups(uniqueId(sandbox.folder));
  rmSync(sandbox.folder, { recursive: true, force: true });
}

/**
 * What the runtime's own `delete --force` does, which is one more process for each container: the rest of a container is in
 * the sandbox's folder. A runtime that was killed half-way leaves processes too.
 */
function removeCgroups(id: string): void {
  const root = '/sys/fs/cgroup';
  const parents = [root, ...readdirSync(root).map((name) => join(root, name))];
  for (const path of parents.map((parent) => join(parent, id)).filter((each) => existsSync(each))) {
    for (const pid of processesOf(path)) killIfThere(pid);
    // Busy until the last of the killed processes is gone.
    waitUntil(() => removed(path));
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function processesOf(cgroup: string): readonly number[] {
  const text = readFileSync(join(cgroup, 'cgroup.procs'), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [Number(line)]));
}

function removed(path: string): boolean {
  try {
    rmdirSync(path);
  } catch {
    return !existsSync(path);
  }
  return true;
}

/** Raw filters of a live process in the order they were attached; it is stopped for a moment. */
export function readFilters(pid: number): Uint8Array[] {
  const { status, stdout, stderr } = runHelper('dump-filter', [String(pid)]);
  if (status !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => fromHex(line.split(' ')[2] ?? ''));
}

/**
 * Starts a container and reads the filters its first process runs under.
 *
 * @param linuxSeccompJson - JSON text for `linux.seccomp`, put into config.json as it is; `undefined`: no such key
 * @throws Error if the filters cannot be read; a runtime that refuses is no error here but a result
 */
export function installedFilters(
  runtime: Runtime,
  linuxSeccompJson: string | undefined,
  options: RunOptions = {},
): Installed {
  const sandbox = makeSandbox(runtime, linuxSeccompJson, options);
  try {
    const { status, output } = runLogged(sandbox, sandbox.command(...runArguments(sandbox.folder)));
    const pid = workloadPid(sandbox);
    if (status !== 0 || pid === undefined)
      return { filters: [], error: output.trim() || `exit ${status}`, output };
    waitUntil(() => executable(pid)?.endsWith('/bin/busybox') ?? true);
    if (executable(pid) === undefined) return { filters: [], error: 'the workload has ended', output };
    return { filters: (options.read ?? readFilters)(pid), error: undefined, output };
  } finally {
    cleanUp(sandbox);
  }
}

/**
 * Starts a container, does something with its first process while it runs, and ends it.
 *
 * @param linuxSeccompJson - as for {@link installedFilters}
 * @throws Error if the container does not come up
 */
export function withContainer<T>(
  runtime: Runtime,
  linuxSeccompJson: string | undefined,
  use: (pid: number) => T,
  options: RunOptions = {},
): T {
  const sandbox = makeSandbox(runtime, linuxSeccompJson, options);
  try {
    const { status, output } = runLogged(sandbox, sandbox.command(...runArguments(sandbox.folder)));
    const pid = workloadPid(sandbox);
    if (status !== 0 || pid === undefined) throw new Error(output.trim() || `exit ${status}`);
    waitUntil(() => executable(pid)?.endsWith('/bin/busybox') ?? true);
    return use(pid);
  } finally {
    cleanUp(sandbox);
  }
}

/**
 * Starts a container and records each program that the runtime hands to the kernel, whether or not the container
 * comes up under it.
 *
 * @param linuxSeccompJson - as for {@link installedFilters}
 */
export function handedPrograms(
  runtime: Runtime,
  linuxSeccompJson: string | undefined,
  options: RunOptions = {},
): HandedPrograms {
  const sandbox = makeSandbox(runtime, linuxSeccompJson, options);
  const record = join(sandbox.folder, 'calls');
  try {
    const command = sandbox.command(...runArguments(sandbox.folder));
    const first = options.firstOnly === true ? ['-1'] : [];
    const tracer = [helperPath('trace-install'), ...first, record] as const;
    const { status, output } = runLogged(sandbox, [...tracer, ...command]);
    const lines = existsSync(record) ? readFileSync(record, 'utf8').split('\n') : [];
    return { calls: lines.filter((line) => line !== '').map(parseCall), exitCode: status, output };
  } finally {
    cleanUp(sandbox);
  }
}

function parseCall(line: string): Handed {
  const [call = '', flags = '', result = '', hex = ''] = line.split(' ');
  return {
    call: call === 'prctl' ? 'prctl' : 'seccomp',
    flags: Number.parseInt(flags, 16),
    result: Number(result),
    program: fromHex(hex),
  };
}
