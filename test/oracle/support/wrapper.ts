/**
 * The runtime wrapper as an engine has it: a program of its own, with a configuration of its own, and bundles for it.
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { HANGS_AFTER } from '../../support/patience.ts';
import type { RuntimeBinary } from '../libraries.ts';
import { exactJson } from './runtime.ts';

export const wrapperProgram = `${projectRoot()}/dist/bin/runtime.cjs`;

export interface Wrapper {
  readonly folder: string;
  /** A program that runs the wrapper with this configuration. */
  readonly path: string;
  readonly profilesDir: string;
  /** Changes the configuration; `undefined` takes a key out. */
  readonly configure: (keys: Readonly<Record<string, string | boolean | undefined>>) => void;
  readonly close: () => void;
}

/** Path of a runtime as PATH finds it. */
export function programPath({ path }: Pick<RuntimeBinary, 'path'>): string {
  return path.includes('/') ? path : execFileSync('which', [path], { encoding: 'utf8' }).trim();
}

/** Makes a wrapper around a runtime, with the profile `docker-default`. */
export function openWrapper(runtime: Pick<RuntimeBinary, 'path'>): Wrapper {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-wrapper-')));
  const profilesDir = join(folder, 'profiles');
  mkdirSync(profilesDir);
  const config = join(folder, 'config.json');
  let current: Record<string, string | boolean | undefined> = {
    runtime: programPath(runtime),
    profile: 'docker-default',
    profilesDir,
  };
  const configure: Wrapper['configure'] = (keys) => {
    current = { ...current, ...keys };
    writeFileSync(config, JSON.stringify(current, undefined, 2));
  };
  configure({});
  const path = join(folder, 'runtime');
  writeFileSync(path, `#!/bin/sh\nexport OCI_SECCOMP_CONFIG='${config}'\nexec '${wrapperProgram}' "$@"\n`);
  chmodSync(path, 0o755);
  return {
    folder,
    path,
    profilesDir,
    configure,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface BundleOptions {
  readonly args?: readonly string[];
  /** JSON value of `linux.seccomp`. */
  readonly seccomp?: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of all five sets; absent: no capability sets. */
  readonly capabilities?: readonly string[];
}

export interface Bundle {
  readonly folder: string;
  readonly id: string;
  readonly configText: () => string;
  /** Runs the wrapper, or any runtime, in the bundle: `run ID`. */
  readonly call: (program: string, ...args: readonly string[]) => Called;
  /** The same after a piece of shell, in the same process. */
  readonly callAfter: (prelude: string, program: string, ...args: readonly string[]) => Called;
  readonly close: () => void;
}

export interface Called {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let count = 0;

/** A bundle with busybox alone in it. */
export function makeBundle({
  args = ['sleep', '300'],
  seccomp,
  annotations = {},
  capabilities,
}: BundleOptions = {}): Bundle {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-bundle-')));
  mkdirSync(join(folder, 'rootfs/bin'), { recursive: true });
  for (const name of ['proc', 'dev']) mkdirSync(join(folder, 'rootfs', name));
  copyFileSync('/bin/busybox', join(folder, 'rootfs/bin/busybox'));
  const sets = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'];
  const held = capabilities && Object.fromEntries(sets.map((name) => [name, capabilities]));
  const config = {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      cwd: '/',
      env: ['PATH=/bin'],
      args: ['/bin/busybox', ...args],
      capabilities: held,
      // RLIM_INFINITY, which no double holds.
      rlimits: [{ type: 'RLIMIT_CORE', hard: 18446744073709551615n, soft: 18446744073709551615n }],
    },
    root: { path: 'rootfs', readonly: true },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    annotations,
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], seccomp },
  };
  const file = join(folder, 'config.json');
  writeFileSync(file, exactJson(config), { mode: 0o640 });
  count += 1;
  const id = `wrapped-${process.pid}-${count}`;
  const callAfter: Bundle['callAfter'] = (prelude, program, ...words) => {
    const line = [program, '--root', join(folder, 'state'), ...words];
    // crun takes hybrid cgroups for an error; without the unified part they look like version 1.
    const umount = existsSync('/sys/fs/cgroup/unified') ? 'umount /sys/fs/cgroup/unified' : ':';
    // A container that goes on holds what it has inherited: a file, not a pipe that would have to be waited for.
    const streams = `exec </dev/null >'${folder}/out' 2>'${folder}/err'`;
    const script = [streams, umount, prelude, 'exec "$@"'].join('\n');
    const options = { cwd: folder, timeout: HANGS_AFTER };
    const { status } = spawnSync('unshare', ['-m', 'sh', '-ec', script, 'sh', ...line], options);
    const [stdout = '', stderr = ''] = ['out', 'err'].map((name) => readFileSync(join(folder, name), 'utf8'));
    return { status, stdout, stderr };
  };
  const call: Bundle['call'] = (program, ...words) => callAfter(':', program, ...words);
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  return { folder, id, configText: () => readFileSync(file, 'utf8'), call, callAfter, close };
}
