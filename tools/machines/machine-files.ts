/**
 * What a machine starts from, kept in `.cache/machines/<name>/`: its kernel, and an initramfs of Debian's packages with
 * Node. The project itself comes on top at each start, as it is then.
 * @module
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { mirror, openSuite, run } from '../debian-apt.ts';
import { projectRoot } from '../debian-cache.ts';
import { unpackNpm } from '../unpack-npm.ts';
import { buildKoffi } from './build-koffi.ts';
import type { Machine } from './machine-list.ts';

export interface MachineFiles {
  readonly kernel: string;
  /** Archives of cpio, to be unpacked one over the other. */
  readonly base: string;
  readonly modules: string;
}

/** Programs that are wanted there, and what Node needs. */
const PACKAGES = ['busybox-static', 'runc', 'crun', 'libseccomp2', 'libstdc++6', 'libgcc-s1', 'libatomic1'];
/** Large folders that are of no use without an init system. */
const UNUSED = ['boot', 'lib/modules', 'usr/lib/modules', 'usr/lib/systemd', 'lib/systemd', 'var', 'etc'];
/** Debian's Node reads some of its own modules from there. */
const SHARED = ['nodejs'];

/** What has been fetched. `undefined`: not all of it, see {@link fetchMachine}. */
export function machineFiles(machine: Machine): MachineFiles | undefined {
  const folder = machineFolder(machine);
  const files = {
    kernel: join(folder, 'kernel'),
    base: join(folder, 'base.cpio'),
    modules: join(folder, 'modules.cpio'),
  };
  const recipe = join(folder, 'recipe.json');
  if (!existsSync(recipe) || readFileSync(recipe, 'utf8') !== recipeOf(machine)) return undefined;
  return Object.values(files).every((file) => existsSync(file)) ? files : undefined;
}

/** What decides about the files: those of another recipe are fetched anew. */
function recipeOf(machine: Machine): string {
  const { suite, programs, debian, kernelPackage, node, koffi, koffiBuild } = machine;
  const parts = { suite, programs, debian, kernelPackage, node, koffi, koffiBuild, PACKAGES, UNUSED, SHARED };
  return JSON.stringify(parts);
}

/** Downloads what is missing; a second call finds everything there. */
export function fetchMachine(machine: Machine): MachineFiles {
  const have = machineFiles(machine);
  if (have !== undefined) return have;
  const folder = machineFolder(machine);
  rmSync(folder, { recursive: true, force: true });
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch, { recursive: true });
  fetchPackages(machine, scratch);
  const root = join(scratch, 'root');
  const kernel = readdirSync(join(root, 'boot')).find((file) => /^vmlinu[xz]-/.test(file));
  if (kernel === undefined) throw new Error(`${machine.kernelPackage} has no kernel`);
  run('mv', [join(root, 'boot', kernel), join(folder, 'kernel')]);
  const share = readdirSync(join(root, 'usr/share')).filter((name) => !SHARED.includes(name));
  for (const unused of [...UNUSED, ...share.map((name) => `usr/share/${name}`)])
    rmSync(join(root, unused), { recursive: true, force: true });
  if (machine.node !== undefined) unpackNpm(machine.node, join(root, 'usr/local'), ['bin/node']);
  packModules(machine, scratch, join(folder, 'modules.cpio'));
  packFolder(root, join(folder, 'base.cpio'));
  rmSync(scratch, { recursive: true });
  writeFileSync(join(folder, 'recipe.json'), recipeOf(machine));
  const fetched = machineFiles(machine);
  if (fetched === undefined) throw new Error(`${machine.name} is not complete`);
  return fetched;
}

function machineFolder(machine: Machine): string {
  return join(projectRoot(), '.cache/machines', machine.name);
}

function fetchPackages(machine: Machine, scratch: string): void {
  const debs = join(scratch, 'debs');
  mkdirSync(debs);
  const kernels = openSuite(mirror(), machine.suite, machine.debian);
  kernels.download(
    kernels.closure(machine.kernelPackage).filter((name) => /^linux-image-\d/.test(name)),
    debs,
  );
  const programs = openSuite(mirror(), machine.programs ?? machine.suite, machine.debian);
  const wanted = machine.node === undefined ? [...PACKAGES, 'nodejs'] : PACKAGES;
  programs.download([...new Set(wanted.flatMap((name) => programs.closure(name)))], debs);
  const root = join(scratch, 'root');
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const deb of readdirSync(debs)) {
    const archive = execFileSync('dpkg-deb', ['--fsys-tarfile', join(debs, deb)], { maxBuffer: 2 ** 30 });
    execFileSync('tar', ['--keep-directory-symlink', '-x', '-C', root], { input: archive });
  }
}

/** What the project depends on, with koffi's binary for the machine in place of this one's. */
function packModules({ koffi, koffiBuild }: Machine, scratch: string, archive: string): void {
  const root = projectRoot();
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; version: string }>;
  };
  const needed = Object.keys(packages).filter(
    (name) => name !== '' && packages[name]?.dev !== true && packages[name]?.optional !== true,
  );
  const target = join(scratch, 'modules/project');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-C', root, '-cf', join(scratch, 'modules.tar'), ...needed]);
  execFileSync('tar', ['-C', target, '-xf', join(scratch, 'modules.tar')]);
  if (koffi !== undefined) {
    const { version } = packages[`node_modules/${koffi}`] ?? {};
    const place = join(target, 'node_modules', koffi);
    unpackNpm(`${koffi}@${version}`, place, []);
    const names = readdirSync(place, { recursive: true, encoding: 'utf8' });
    const binary = names.find((name) => name.endsWith('koffi.node'));
    if (koffiBuild !== undefined && binary !== undefined)
      buildKoffi(koffiBuild, join(scratch, 'koffi'), join(place, binary));
  }
  packFolder(join(scratch, 'modules'), archive);
}

/** An initramfs of what lies below a folder. */
export function packFolder(folder: string, archive: string): void {
  const options = { cwd: folder, maxBuffer: 2 ** 30 };
  const names = execFileSync('find', ['.', '-print0'], options);
  const words = ['--null', '--create', '--format=newc', '--owner=+0:+0', '--quiet'];
  writeFileSync(archive, execFileSync('cpio', words, { ...options, input: names }));
}
