/**
 * Podman with containers, images and state in a temporary folder of its own, without a registry.
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HANGS_AFTER } from '../../support/patience.ts';
import { makeShortFolder } from '../../support/short-folder.ts';
import { readFilters } from './runtime.ts';

export interface Podman {
  readonly folder: string;
  /** Starts a container that sleeps and reads the filters of its first process. */
  readonly filters: (...flags: readonly string[]) => readonly Uint8Array[];
  /** Runs a container to its end with hooks of a folder, and says what it and podman print. */
  readonly run: (hooks: string, flags: readonly string[], command: readonly string[]) => PodmanRun;
  /** The command line that runs a container to its end, with the hooks that the caller names. */
  readonly words: (command: readonly string[]) => readonly string[];
  /** Removes containers, image and state. */
  readonly close: () => void;
}

export interface PodmanRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const IMAGE = 'oracle-busybox';

/**
 * @param runtime - a path, or a name Podman knows
 * @throws Error with what podman or tar printed
 */
export function openPodman(runtime = 'runc'): Podman {
  const folder = makeShortFolder();
  const places = ['root', 'runroot', 'tmpdir'].map((name) => `--${name}=${join(folder, name)}`);
  const global = [...places, '--storage-driver=vfs', `--runtime=${runtime}`, '--cgroup-manager=cgroupfs'];
  const run = (command: string, ...args: readonly string[]): string =>
    execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: HANGS_AFTER,
    }).trim();
  const podman = (...args: readonly string[]): string =>
    run('podman', ...global, '--events-backend=none', ...args);

  mkdirSync(join(folder, 'rootfs/bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(folder, 'rootfs/bin/busybox'));
  run('tar', '-C', join(folder, 'rootfs'), '-cf', join(folder, 'rootfs.tar'), '.');
  podman('import', join(folder, 'rootfs.tar'), IMAGE);

  // Podman asks for limits above the hard ones of an ordinary machine.
  const limits = ['--network=none', '--ulimit=nofile=1024:1024', '--ulimit=nproc=100:100'];
  const filters = (...flags: readonly string[]): readonly Uint8Array[] => {
    const id = podman('run', '-d', ...limits, ...flags, IMAGE, '/bin/busybox', 'sleep', '300');
    try {
      return readFilters(Number(podman('inspect', '--format', '{{.State.Pid}}', id)));
    } finally {
      podman('rm', '-f', '-t', '0', id);
    }
  };
  const runWithHooks = (hooks: string, flags: readonly string[], command: readonly string[]): PodmanRun => {
    const words = [
      ...global,
      '--events-backend=none',
      `--hooks-dir=${hooks}`,
      'run',
      '--rm',
      ...limits,
      ...flags,
    ];
    const options = { encoding: 'utf8', input: '', timeout: HANGS_AFTER } as const;
    return spawnSync('podman', [...words, IMAGE, ...command], options);
  };
  const wordsOf = (command: readonly string[]): readonly string[] => [
    ...['podman', ...global, '--events-backend=none', 'run', '--rm', ...limits],
    ...[IMAGE, ...command],
  ];
  const close = (): void => {
    podman('rmi', '-af');
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, filters, run: runWithHooks, words: wordsOf, close };
}
