/**
 * Which profile a container gets.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import type { ProfileSource } from './container-filter.ts';
import { PROFILE_ANNOTATION } from './profile-annotation.ts';
import { readTrustedFile, readTrustedFileIn } from './trusted-file.ts';

export interface ChoiceOptions {
  /** For every container: a built-in profile's name, or the absolute path of a profile or program. */
  readonly profile?: string;
  /** Where containers may choose from: an absolute path. */
  readonly profilesDir?: string;
  /** For containers that name none: as `profile`, or `none` for no filter of ours. */
  readonly defaultProfile?: string;
}

/** `undefined`: the container gets no filter from us. */
export type Choice = ProfileSource | undefined;

const WHAT = 'the profile';

/**
 * Checks options that do not depend on the container.
 *
 * @throws OciSeccompError `ERR_USAGE` for options that contradict each other or name nothing
 */
export async function requireChoice({ profile, profilesDir, defaultProfile }: ChoiceOptions): Promise<void> {
  if (profile === undefined && profilesDir === undefined && defaultProfile === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'no profile is named', {
      hint: '--profile FILE is for every container, --profiles-dir FOLDER lets containers choose by annotation',
    });
  }
  if (profile !== undefined && (profilesDir ?? defaultProfile) !== undefined) {
    throw new OciSeccompError(
      'ERR_USAGE',
      '--profile gives every container the same profile, so a container has no choice',
      {
        hint: '--profiles-dir FOLDER --default FILE lets containers choose, and FILE is for those that do not',
      },
    );
  }
  if (profilesDir !== undefined && !profilesDir.startsWith('/')) {
    throw new OciSeccompError('ERR_USAGE', `--profiles-dir takes an absolute path, not '${profilesDir}'`);
  }
  if (profile !== undefined) await requireNameOrPath(profile, '--profile');
  if (defaultProfile !== undefined && defaultProfile !== 'none')
    await requireNameOrPath(defaultProfile, '--default');
}

/**
 * Chooses a container's profile and reads it.
 *
 * A container that names a profile gets that one or does not start: its annotation is never ignored.
 *
 * @throws OciSeccompError `ERR_HOOK` if the container names a file it may not name, or none where it must; or a file is
 *   not to be trusted; `ERR_IO` if it cannot be read
 */
export function chooseProfile(options: ChoiceOptions, annotations: ReadonlyMap<string, string>): Choice {
  const { profile, profilesDir, defaultProfile } = options;
  const asked = annotations.get(PROFILE_ANNOTATION);
  if (asked !== undefined) {
    if (profilesDir === undefined) {
      throw new OciSeccompError(
        'ERR_HOOK',
        `the container asks for a profile, but containers may not choose here (${PROFILE_ANNOTATION})`,
        {
          hint: 'remove the annotation, or call the hook with --profiles-dir FOLDER instead of --profile',
        },
      );
    }
    const { path, bytes } = readTrustedFileIn(profilesDir, asked, WHAT);
    return { name: path, bytes };
  }
  const named = profile ?? defaultProfile;
  if (named === 'none' && profile === undefined) return undefined;
  if (named !== undefined) return readNamed(named);
  throw new OciSeccompError('ERR_HOOK', `the container names no profile (annotation ${PROFILE_ANNOTATION})`, {
    hint: 'set with --default what such containers get: a profile, or none',
  });
}

/** Paths are absolute: what does not start with / is the name of a built-in profile. */
function readNamed(name: string): ProfileSource {
  return name.startsWith('/') ? { name, bytes: readTrustedFile(name, WHAT) } : { name };
}

/** A relative path is refused: a hook runs in a folder that the runtime, or who made the container, chose. */
async function requireNameOrPath(value: string, option: string): Promise<void> {
  if (value.startsWith('/')) return;
  // Loaded here: most hooks name a file.
  const { builtinFamilies, namesBuiltin } = await import('../oci/builtin/index.ts');
  if (namesBuiltin(value)) return;
  const names = builtinFamilies.join(', ');
  throw new OciSeccompError(
    'ERR_USAGE',
    `${option} takes an absolute path or a built-in profile, not '${value}'`,
    {
      hint: `built-in profiles are ${names}`,
    },
  );
}
