/**
 * What the wrapper does before the real runtime makes a container: puts the filter into its config.json.
 * @module
 */
import { dirname } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { type BundleConfig, readBundleConfig } from '../bundle-config.ts';
import { type ChoosingContainer, type Chosen, readNamed } from '../choice.ts';
import { chooseForContainer } from '../choose-profile.ts';
import { putIntoConfig, RAW_PROGRAM } from '../config-json.ts';
import { PROFILE_ANNOTATION } from '../profile-annotation.ts';
import { readTrustedFileIn } from '../trusted-file.ts';
import type { FitTask, Fitted } from './fit-profile.ts';
import type { Identity } from './identify-runtime.ts';
import { type Creation, parseRuntimeCall } from './runtime-call.ts';
import type { WrapperConfiguration } from './wrapper-configuration.ts';

/** What the wrapper needs besides its configuration. */
interface GuardWorld {
  /** Where the real runtime is going to run. */
  readonly workingFolder: string;
  /** Says what the real runtime is. @param isAnew - it is asked, whatever is remembered of it */
  readonly identify: (isAnew?: true) => Promise<Identity>;
  /** Opens the config.json of a bundle. */
  readonly openConfig: (path: string) => ConfigFile;
  readonly fitProfile: (task: FitTask) => Promise<Fitted>;
  /** Throws if a path names another file for the runtime than here; absent: it cannot. */
  readonly requireSameFile?: (path: string, what: string) => void;
}

/** A config.json that is open: what is replaced is what was read. */
export interface ConfigFile {
  readonly read: () => Uint8Array;
  /** Whole or not at all; owner and mode stay. */
  readonly replace: (text: string) => void;
  readonly close: () => void;
}

/** What became of a call. */
export interface Guarded {
  /** `passed`: it makes no container; `kept`: the configuration says that the container stays as it is. */
  readonly result: 'passed' | 'kept' | 'written';
  /** The container's config.json. */
  readonly configFile?: string;
  readonly profile?: string;
}

/**
 * Puts the filter into the config.json of the container that a call makes; does nothing for any other call.
 *
 * @param args - the runtime's command line without its name
 * @throws OciSeccompError if the container cannot be given its filter, and must not start therefore
 */
export async function guardContainer(
  args: readonly string[],
  configuration: WrapperConfiguration,
  world: GuardWorld,
): Promise<Guarded> {
  const { identify, openConfig, workingFolder } = world;
  const identity = await identify();
  const { creates } = parseRuntimeCall(args, identity.name);
  if (creates === undefined) return { result: 'passed' };
  const path = configPath(creates, workingFolder);
  const file = openConfig(path);
  try {
    return { configFile: path, ...(await guardConfig(file, path, configuration, identity, world)) };
  } finally {
    file.close();
  }
}

async function guardConfig(
  file: ConfigFile,
  path: string,
  configuration: WrapperConfiguration,
  identity: Identity,
  { fitProfile, identify, requireSameFile }: GuardWorld,
): Promise<Guarded> {
  const config = readBundleConfig(file.read(), path);
  const { source, files } = await chooseProfile(config, configuration, dirname(path));
  for (const each of files) requireSameFile?.(each.path, each.what);
  if (source === undefined) return { result: 'kept' };
  if (source.bytes !== undefined) requireSameFile?.(source.name, 'the profile');
  const { as: form, backend, library, strict, otherLibrary } = configuration;
  const { capabilities } = config;
  const task = { source, capabilities, runtime: identity.spelling, form, backend, library, strict };
  const fitted = await fitProfile(task).catch(advise);
  if (form === 'oci' && otherLibrary === 'refuse' && !hasSameLibrary(identity, fitted)) {
    // Its library may have been updated since it was asked.
    requireSameLibrary(await identify(true), fitted);
  }
  const text = putIntoConfig(config, fitted);
  if (text !== config.document.text) file.replace(text);
  return { result: 'written', profile: source.name };
}

/** The hint of the error names an option of a command, and the wrapper has a configuration instead. */
function advise(error: unknown): never {
  if (!(error instanceof OciSeccompError) || error.code !== 'ERR_CLAIM') throw error;
  const { code, message, details, cause } = error;
  const hint = 'change the profile, or write "strict": false in the configuration to accept this';
  throw new OciSeccompError(code, message, { hint, details, cause });
}

/**
 * The file that the runtime will read. The words are put together and nothing is shortened: behind a symbolic link to a
 * folder, `..` leads elsewhere for the kernel than for path.join().
 *
 * crun takes `--config config.json`, written exactly so, for the bundle's own file, and every other relative path from
 * the working folder: crun 1.8.1 to 1.28, src/create.c (crun_command_create).
 */
export function configPath(
  { bundle, config = 'config.json' }: Creation,
  workingFolder = process.cwd(),
): string {
  if (config === 'config.json') return from(workingFolder, `${bundle || '.'}/config.json`);
  return from(workingFolder, config);
}

function from(folder: string, path: string): string {
  return path.startsWith('/') ? path : `${folder}/${path}`;
}

/**
 * The profile for a container. Without a source it stays as it is, which the configuration has to say.
 *
 * @throws OciSeccompError `ERR_HOOK`, `ERR_IO`
 */
async function chooseProfile(
  config: BundleConfig,
  configuration: WrapperConfiguration,
  bundle: string,
): Promise<Chosen> {
  const { choices, profilesDir, whenPresent, unconfined } = configuration;
  const { annotations, hasSeccomp, document } = config;
  const named = annotations.get(PROFILE_ANNOTATION);
  if (named !== undefined && choices === undefined) {
    if (profilesDir === undefined) {
      throw new OciSeccompError(
        'ERR_HOOK',
        `the container's annotation ${PROFILE_ANNOTATION} names ${JSON.stringify(named.slice(0, 80))}, but the configuration names no folder for it`,
        { hint: 'give the configuration "profilesDir", or remove the annotation' },
      );
    }
    const { path, bytes } = readTrustedFileIn(profilesDir, named, 'the profile');
    return { source: { name: path, bytes }, files: [] };
  }
  if (named === undefined && hasSeccomp && whenPresent === 'refuse') {
    throw new OciSeccompError('ERR_HOOK', `${document.name} has a linux.seccomp of its own`, {
      hint: 'the configuration says "whenPresent": "refuse"',
    });
  }
  const stays = named === undefined && (hasSeccomp ? whenPresent === 'keep' : unconfined === 'leave');
  const chosen = stays ? NOTHING : await chosenFor(configuration, { annotations, bundle });
  if (chosen.source !== undefined || !annotations.has(RAW_PROGRAM)) return chosen;
  throw new OciSeccompError(
    'ERR_HOOK',
    `the container's annotation ${RAW_PROGRAM} would replace its filter`,
    {
      hint: 'remove the annotation',
    },
  );
}

const NOTHING: Chosen = { source: undefined, files: [] };

async function chosenFor(
  { profile, choices }: WrapperConfiguration,
  container: ChoosingContainer,
): Promise<Chosen> {
  // One of the two is there: the configuration was checked.
  if (choices === undefined) return { source: readNamed(profile ?? ''), files: [] };
  return chooseForContainer({ choices }, container);
}

/** The program is proven for one library; another may build another program. */
function requireSameLibrary({ name, libseccomp }: Identity, { library }: Fitted): void {
  if (library === undefined || hasSameLibrary({ libseccomp }, { library })) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `${name} builds filters with libseccomp ${libseccomp}, but the filter was proven with ${library.version} (${library.path})`,
    {
      hint: `name a libseccomp ${libseccomp} in the configuration as "library", or say "otherLibrary": "accept"`,
    },
  );
}

function hasSameLibrary(
  { libseccomp }: Pick<Identity, 'libseccomp'>,
  { library }: Pick<Fitted, 'library'>,
): boolean {
  return library === undefined || libseccomp === undefined || libseccomp === library.version;
}
