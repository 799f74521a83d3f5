/**
 * The work of `init`: looks at the profiles of a project, and writes what is missing to lint them.
 * @module
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Preset } from '../../lint/engine/presets.ts';
import type { Dialect } from '../../oci/profile.ts';
import { ioReason, statsOf } from '../../pipeline/files.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { CONFIG_NAME } from '../lint/config.ts';
import { PACKAGE_VERSION } from '../version.ts';
import { type CiFile, type CiName, ciFiles } from './ci-files.ts';
import { type FoundProfile, findProfiles, targetsOf } from './find-profiles.ts';

interface InitRequest {
  readonly folder: string;
  readonly preset?: Preset;
  readonly ci: readonly CiName[];
}

export interface InitReport {
  readonly folder: string;
  readonly profiles: readonly FoundProfile[];
  /** How many profiles of each dialect. */
  readonly dialects: Readonly<Partial<Record<Dialect, number>>>;
  /** The preset of the written configuration; `undefined`: one was there, and stays. */
  readonly preset: Preset | undefined;
  readonly runtimes: readonly string[] | undefined;
  /** Relative to the folder. */
  readonly written: readonly string[];
  /** The configuration, if it was there and only a job was asked for. */
  readonly kept: readonly string[];
  /** Files that were there, and what belongs into them. */
  readonly toAdd: readonly CiFile[];
  /** What to lint. */
  readonly targets: readonly string[];
}

/**
 * Writes a configuration, and what `ci` asks for. A configuration that is there stays, if a job is asked for and no preset.
 * If another file that is the project's own to change is there, nothing is written.
 *
 * @throws OciSeccompError `ERR_USAGE` for a file that is there, for something else than a folder, and for a job in a
 * folder where no CI system looks; `ERR_IO`
 */
export async function initProject({ folder, preset: asked, ci }: InitRequest): Promise<InitReport> {
  requireFolder(folder);
  if (ci.length > 0) requireTop(folder);
  const profiles = await findProfiles(folder);
  const dialects = countDialects(profiles);
  const preset = asked ?? presetFor(dialects);
  const runtimes = runtimesFor(dialects, preset);
  const targets = targetsOf(profiles);
  const job = { targets, tool: `oci-seccomp@${PACKAGE_VERSION}` };
  const config: CiFile = { path: CONFIG_NAME, text: configText(folder, preset, runtimes) };
  const isThere = ({ path }: CiFile): boolean => isTaken(join(folder, path));
  const keepsConfig = ci.length > 0 && asked === undefined && isThere(config);
  const jobs = [...new Set(ci)].flatMap((name) => ciFiles[name](job));
  const files = keepsConfig ? jobs : [config, ...jobs];
  const inTheWay = files.find((file) => file.shared !== true && isThere(file));
  if (inTheWay !== undefined) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `${join(folder, inTheWay.path)} is there already: nothing was written`,
      { hint: hintFor(inTheWay === config && ci.length === 0) },
    );
  }
  const toAdd = files.filter(isThere);
  const written = files.filter((file) => !toAdd.includes(file));
  writeNew(folder, written);
  return {
    folder,
    profiles,
    dialects,
    ...(keepsConfig ? { preset: undefined, runtimes: undefined } : { preset, runtimes }),
    kept: keepsConfig ? [CONFIG_NAME] : [],
    written: written.map(({ path }) => path),
    toAdd,
    targets,
  };
}

/** Whether a name is taken, also by a broken link. If the folder cannot be read, the write fails later and says why. */
function isTaken(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function hintFor(wantsJob: boolean): string {
  const place = wantsJob ? '; --ci github, gitlab or pre-commit adds a job and keeps it' : '';
  return `init overwrites no file; remove it, or change it by hand${place}`;
}

function requireFolder(folder: string): void {
  const found = statsOf(folder);
  if (found?.isDirectory() === true) return;
  const reason = found === undefined ? 'is not there' : 'is not a folder';
  throw new OciSeccompError('ERR_USAGE', `${displayName(folder)} ${reason}`, {
    hint: 'name the folder of your project',
  });
}

/** CI systems and pre-commit look for their files at the top of a repository: a job in a folder below would never run. */
function requireTop(folder: string): void {
  const start = realpathSync(folder);
  const above = (at: string): string => (isTop(at) || dirname(at) === at ? at : above(dirname(at)));
  const top = above(start);
  if (top === start || !isTop(top)) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    `${displayName(folder)} is inside the repository ${displayName(top)}: a job in it would never run, since CI looks at the top only`,
    {
      hint: `write the job there, ${shellCommand(['oci-seccomp', 'init', fileWord(top)])} --ci …; without --ci, init writes the configuration here`,
    },
  );
}

/** Whether git takes a folder for the top of a working tree: in one of `git worktree`, and in a submodule, `.git` is a file. */
function isTop(folder: string): boolean {
  return existsSync(join(folder, '.git/HEAD')) || statsOf(join(folder, '.git'))?.isFile() === true;
}

function countDialects(profiles: readonly FoundProfile[]): Partial<Record<Dialect, number>> {
  const counts: Partial<Record<Dialect, number>> = {};
  for (const { dialect } of profiles) counts[dialect] = (counts[dialect] ?? 0) + 1;
  return counts;
}

/** The preset for clusters, if all profiles are for a cluster. */
function presetFor(dialects: Partial<Record<Dialect, number>>): Preset {
  const names = Object.keys(dialects);
  return names.length > 0 && names.every((name) => name === 'kubernetes') ? 'kubernetes' : 'recommended';
}

/** Podman runs crun on some distributions and runc on others; the preset for clusters has its own. */
function runtimesFor({ podman }: Partial<Record<Dialect, number>>, preset: Preset): readonly string[] {
  if (preset === 'kubernetes') return [];
  return podman === undefined ? ['runc'] : ['runc', 'crun'];
}

const INSTALLED = 'node_modules/oci-seccomp/schemas/lint-config.schema.json';
const PUBLIC = 'https://cdn.jsdelivr.net/npm/oci-seccomp@0/schemas/lint-config.schema.json';

function configText(folder: string, preset: Preset, runtimes: readonly string[]): string {
  const config = {
    $schema: existsSync(join(folder, INSTALLED)) ? `./${INSTALLED}` : PUBLIC,
    preset,
    ...(runtimes.length === 0 ? {} : { runtimes }),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** Creates the files, all or none: ones that appeared meanwhile, also links, are not overwritten. */
function writeNew(folder: string, files: readonly CiFile[]): void {
  const created: string[] = [];
  for (const { path, text } of files) {
    const file = join(folder, path);
    try {
      mkdirSync(dirname(file), { recursive: true });
      const fd = openSync(file, 'wx');
      created.push(file);
      try {
        writeFileSync(fd, text);
      } finally {
        closeSync(fd);
      }
    } catch (cause) {
      for (const each of created) rmSync(each, { force: true });
      throw new OciSeccompError('ERR_IO', `cannot write ${file}: ${ioReason(cause)}`, { cause });
    }
  }
}
