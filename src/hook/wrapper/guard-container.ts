/**
 * What the wrapper does before the real runtime makes a container: puts the filter into its config.json.
 * @module
 */
import { dirname } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { formatVersion, openLibrary } from '../../libseccomp/library.ts';
import { type BundleConfig, readBundleConfig } from '../bundle-config.ts';
import { type ChoosingContainer, readNamed } from '../choice.ts';
import { chooseForContainer } from '../choose-profile.ts';
import { applyProfileToConfig, RAW_PROGRAM } from '../config-json.ts';
import type { ProfileSource } from '../container-filter.ts';
import { ownFiles, requireTrustedFiles } from '../own-files.ts';
import { PROFILE_ANNOTATION } from '../profile-annotation.ts';
import { readFileBounded } from '../read-bundle.ts';
import { replaceFile } from '../replace-file.ts';
import { readTrustedFileIn } from '../trusted-file.ts';
import { type Identity, identifyRuntime } from './identify-runtime.ts';
import { type Creation, parseRuntimeCall } from './runtime-call.ts';
import type { WrapperConfiguration } from './wrapper-configuration.ts';

/**
 * Puts the filter into the config.json of the container that a call makes; does nothing for any other call.
 *
 * @param args - the runtime's command line without its name
 * @param runtimePath - the real runtime
 * @param program - the wrapper's own file
 * @throws OciSeccompError if the container cannot be given its filter, and must not start therefore
 */
export async function guardContainer(
  args: readonly string[],
  configuration: WrapperConfiguration,
  runtimePath: string,
  program: string,
): Promise<void> {
  const runtimeFile = { what: 'the real runtime', path: runtimePath };
  requireTrustedFiles([...ownFiles(program, configuration.library), runtimeFile]);
  const identity = await identifyRuntime(runtimePath, configuration.behavesAs);
  const { creates } = parseRuntimeCall(args, identity.name);
  if (creates === undefined) return;
  const file = configPath(creates);
  const config = readBundleConfig(readFileBounded(file), file);
  const source = await chooseProfile(config, configuration, dirname(file));
  if (source === undefined) return;
  const { as: form, backend, library, otherLibrary, strict } = configuration;
  const { runtime } = identity;
  const applied = await applyProfileToConfig(config, source, {
    runtime,
    form,
    backend,
    library,
    strict,
  }).catch(advise);
  if (form === 'oci' && otherLibrary === 'refuse') requireSameLibrary(identity, library);
  if (applied.text !== config.document.text) replaceFile(file, applied.text);
}

/** Nobody gives the wrapper an option. */
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
 * The profile for a container; `undefined`: it stays as it is, which the configuration has to say.
 *
 * @throws OciSeccompError `ERR_HOOK`, `ERR_IO`
 */
export async function chooseProfile(
  config: BundleConfig,
  configuration: WrapperConfiguration,
  bundle: string,
): Promise<ProfileSource | undefined> {
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
    return { name: path, bytes };
  }
  if (named === undefined && hasSeccomp && whenPresent === 'refuse') {
    throw new OciSeccompError('ERR_HOOK', `${document.name} has a linux.seccomp of its own`, {
      hint: 'the configuration says "whenPresent": "refuse"',
    });
  }
  const stays = named === undefined && (hasSeccomp ? whenPresent === 'keep' : unconfined === 'leave');
  const source = stays ? undefined : await sourceFor(configuration, { annotations, bundle });
  if (source !== undefined || !annotations.has(RAW_PROGRAM)) return source;
  throw new OciSeccompError(
    'ERR_HOOK',
    `the container's annotation ${RAW_PROGRAM} would replace its filter`,
    {
      hint: 'remove the annotation',
    },
  );
}

async function sourceFor(
  { profile, choices }: WrapperConfiguration,
  container: ChoosingContainer,
): Promise<ProfileSource | undefined> {
  // One of the two is there: the configuration was checked.
  if (choices === undefined) return readNamed(profile ?? '');
  return (await chooseForContainer({ choices }, container)).source;
}

/** The program is proven for one library; another may build another program. */
function requireSameLibrary({ name, libseccomp }: Identity, asked: string | undefined): void {
  const library = openLibrary(asked);
  const version = formatVersion(library.version);
  if (libseccomp === undefined || libseccomp === version) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `${name} builds filters with libseccomp ${libseccomp}, but the filter was proven with ${version} (${library.path})`,
    {
      hint: `name a libseccomp ${libseccomp} in the configuration as "library", or say "otherLibrary": "accept"`,
    },
  );
}
