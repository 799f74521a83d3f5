/**
 * Bundles whose containers are recorded by `record --container`, and the command lines for that.
 * @module
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { program, searchPath } from '../../cli/run.ts';
import { makeShortFolder } from '../../support/short-folder.ts';
import { runtimeCommand, until } from './gates.ts';

export type Kind = 'runc' | 'crun';

export interface Bundle {
  readonly id: string;
  readonly path: string;
}

/** The words that have busybox's shell run a script. */
export function sh(script: string): readonly string[] {
  return ['/bin/busybox', 'sh', '-c', script];
}

/** A folder for the bundles of a test file, with a root that holds busybox; it is gone after the file's tests. */
export function openRecordedBundles(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `oci-seccomp-${name}-`));
  chmodSync(folder, 0o755);
  /** What the recorder puts into a folder for temporary files is gone after each test. */
  const temporary = makeShortFolder();
  const rootfs = join(folder, 'rootfs');
  for (const each of ['bin', 'proc', 'dev', 'tmp']) mkdirSync(join(rootfs, each), { recursive: true });
  if (existsSync('/bin/busybox')) copyFileSync('/bin/busybox', join(rootfs, 'bin/busybox'));
  afterAll(() => {
    for (const each of [folder, temporary]) rmSync(each, { recursive: true, force: true });
  });
  afterEach(async () => {
    await until('the folder of the recorder is gone', () => readdirSync(temporary).length === 0);
  });
  let made = 0;
  return {
    ...{ folder, temporary, rootfs, env: { PATH: searchPath, TMPDIR: temporary } },
    bundleOf: (args: readonly string[], seccomp?: object): Bundle => {
      made += 1;
      const path = join(folder, `bundle-${made}`);
      mkdirSync(path);
      writeFileSync(join(path, 'config.json'), JSON.stringify(configOf(args, seccomp)));
      return { id: `${name}-${process.pid}-${made}`, path };
    },
    words,
    hasState: ({ id, path }: Bundle): boolean => existsSync(join(path, 'state', id)),
  };
}

function configOf(args: readonly string[], seccomp: object | undefined) {
  return {
    ociVersion: '1.0.2',
    process: {
      ...{ terminal: false, user: { uid: 0, gid: 0 }, cwd: '/', env: ['PATH=/bin'] },
      args,
    },
    root: { path: '../rootfs' },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
    ],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'mount' }],
      ...(seccomp === undefined ? {} : { seccomp }),
    },
  };
}

/** crun may want a mount namespace of its own: then the recorder starts in it. */
function words(
  kind: Kind,
  { id, path }: Bundle,
  ...options: readonly string[]
): readonly [string, ...string[]] {
  const call = runtimeCommand(kind, path, ['run', '--bundle', path, id]);
  const at = call.indexOf(kind);
  const recorder = [process.execPath, program, 'record', '--container', ...options, '--'];
  const [first = '', ...rest] = [...call.slice(0, at), ...recorder, ...call.slice(at)];
  return [first, ...rest];
}
