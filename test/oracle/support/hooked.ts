/**
 * Runs containers whose hook hands them to a supervisor.
 * @module
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { supervisorHook } from '../../hook/support/supervisor-hook-program.ts';
import { HANGS_AFTER } from '../../support/patience.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { helperPath } from './native.ts';

export type HookStage = 'prestart' | 'createRuntime';

export interface HookedOptions {
  readonly stage?: HookStage;
  readonly program: Uint8Array;
  readonly args: readonly string[];
  /** Merged over `process`. */
  readonly process?: Readonly<Record<string, unknown>>;
  /** Merged over `linux`. */
  readonly linux?: Readonly<Record<string, unknown>>;
  /** Of the root file system: a user outside. */
  readonly owner?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** For the hook: see test/hook/support/supervisor-hook.ts. */
  readonly hook?: Readonly<Record<string, unknown>>;
  /** Other hooks, beside ours. */
  readonly hooks?: Readonly<Record<string, unknown>>;
  /** Where the log goes. */
  readonly logFile?: string;
  /** Commands of the runtime in place of `run`. */
  readonly commands?: readonly (readonly string[])[];
}

export interface HookedResult {
  readonly status: number;
  readonly output: string;
  readonly log: string;
  readonly id: string;
}

export function runHooked(runtime: 'runc' | 'crun', options: HookedOptions): HookedResult {
  const folder = mkdtempSync(join(tmpdir(), `oci-seccomp-hooked-${process.pid}-`));
  // Also for the users of a user namespace.
  chmodSync(folder, 0o755);
  const id = folder.replace(/.*oci-seccomp-/, '');
  const log = options.logFile ?? join(folder, 'log');
  try {
    mkdirSync(join(folder, 'rootfs/bin'), { recursive: true });
    for (const name of ['proc', 'dev', 'tmp']) mkdirSync(join(folder, 'rootfs', name));
    copyFileSync('/bin/busybox', join(folder, 'rootfs/bin/busybox'));
    // busybox goes by its file's name.
    mkdirSync(join(folder, 'rootfs/setuid'));
    copyFileSync('/bin/busybox', join(folder, 'rootfs/setuid/busybox'));
    chmodSync(join(folder, 'rootfs/setuid/busybox'), 0o4755);
    copyFileSync(helperPath('exec-probe'), join(folder, 'rootfs/bin/probe'));
    // The root of a user namespace makes its devices there.
    if (options.owner !== undefined)
      spawnSync('chown', ['-R', String(options.owner), join(folder, 'rootfs')]);
    writeFileSync(join(folder, 'program'), options.program);
    writeFileSync(join(folder, 'config.json'), configText(folder, log, options));
    const base = [runtime, '--root', join(folder, 'state')];
    const commands = options.commands ?? [['run', '--bundle', folder, id]];
    let output = '';
    let status = 0;
    for (const words of commands) {
      const filled = words.map((word) => word.replace('BUNDLE', folder).replace('ID', id));
      ({ status, output } = runOne(folder, runtime, [...base, ...filled], output));
    }
    // Whoever starts does not wait for the program.
    if (commands.some(([verb]) => verb === 'start')) awaitSupervisor(id);
    if (existsSync(join(folder, 'state', id)))
      runOne(folder, runtime, [...base, 'delete', '--force', id], '');
    awaitSupervisor(id);
    return {
      status,
      output,
      log: log.startsWith(folder) && existsSync(log) ? readFileSync(log, 'utf8') : '',
      id,
    };
  } finally {
    removeFolder(folder);
  }
}

/** Its last line comes after the container's end: on a busy machine seconds after. */
function awaitSupervisor(id: string): void {
  spawnSync('sh', ['-c', `while pgrep -f 'supervisor.cj[s] ${id}'; do sleep 0.01; done`], {
    stdio: 'ignore',
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
  });
}

/** crun 1.8 takes hybrid cgroups for an error. */
function runOne(folder: string, runtime: string, words: readonly string[], before: string) {
  const prepare =
    runtime === 'crun' && existsSync('/sys/fs/cgroup/unified') ? 'umount /sys/fs/cgroup/unified; ' : '';
  const out = join(folder, 'out');
  const fd = openSync(out, 'w');
  const command = ['-m', 'sh', '-c', `${prepare}exec "$@"`, 'sh', ...words];
  const { status, signal } = spawnSync('unshare', command, {
    stdio: ['ignore', fd, fd],
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
    cwd: folder,
  });
  closeSync(fd);
  return {
    status: status ?? 128,
    output: before + readFileSync(out, 'utf8') + (signal === null ? '' : `ended by ${signal}\n`),
  };
}

function configText(folder: string, log: string, options: HookedOptions): string {
  const hook = {
    path: process.execPath,
    args: [
      'node',
      supervisorHook(),
      `${projectRoot()}/dist`,
      join(folder, 'program'),
      log,
      JSON.stringify(options.hook ?? {}),
    ],
  };
  return JSON.stringify({
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      cwd: '/',
      env: ['PATH=/bin'],
      args: options.args,
      noNewPrivileges: false,
      ...options.process,
    },
    root: { path: 'rootfs', readonly: true },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    hooks: { [options.stage ?? 'createRuntime']: [hook], ...options.hooks },
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], ...options.linux },
  });
}
