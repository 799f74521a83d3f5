/**
 * Which profile a container gets.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { type ChoosingContainer, type Chosen, type ProfileChoice, readNamed } from './choice.ts';
import { PROFILE_ANNOTATION } from './profile-annotation.ts';
import { readTrustedFileIn } from './trusted-file.ts';

export interface ChoiceOptions {
  /** For every container: a built-in profile's name, or the absolute path of a profile or program. */
  readonly profile?: string | undefined;
  /** Where containers may choose from: an absolute path. */
  readonly profilesDir?: string | undefined;
  /** For containers that name none: as `profile`, or `none` for no filter of ours. */
  readonly defaultProfile?: string | undefined;
  /** In place of all of these: the absolute path of a table of choices. */
  readonly choices?: string | undefined;
}

const WHAT = 'the profile';

/**
 * Checks options that do not depend on the container.
 *
 * @throws OciSeccompError `ERR_USAGE` for options that contradict each other or name nothing
 */
export async function requireChoice(options: ChoiceOptions): Promise<void> {
  const { profile, profilesDir, defaultProfile } = options;
  if (options.choices !== undefined) {
    requireChoicesAlone(options, options.choices);
    return;
  }
  if (profile === undefined && profilesDir === undefined && defaultProfile === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'no profile is named', {
      hint: '--profile FILE is for every container, --profiles-dir FOLDER lets containers choose by annotation, --choices FILE chooses by image, labels and annotations',
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

function requireChoicesAlone({ profile, profilesDir, defaultProfile }: ChoiceOptions, path: string): void {
  if ((profile ?? profilesDir ?? defaultProfile) !== undefined) {
    throw new OciSeccompError(
      'ERR_USAGE',
      '--choices takes the place of --profile, --profiles-dir and --default',
      {
        hint: 'write into the table what these options say: "profile", "profilesDir" and "default"',
      },
    );
  }
  if (!path.startsWith('/')) {
    throw new OciSeccompError('ERR_USAGE', `--choices takes an absolute path, not '${path}'`);
  }
}

/**
 * Chooses a container's profile by a table, if the options name one, or else as {@link chooseProfile}; and reads it.
 *
 * @throws OciSeccompError as {@link chooseProfile}; `ERR_HOOK` for a table that cannot be used or trusted, or that does
 *   not say what this container gets
 */
export async function chooseForContainer(
  options: ChoiceOptions,
  container: ChoosingContainer,
): Promise<Chosen> {
  const { choices } = options;
  if (choices === undefined) return { source: chooseProfile(options, container.annotations), files: [] };
  // Loaded here: most hooks have no table.
  return (await import('./choices/choose-by-table.ts')).chooseByTable(choices, container);
}

/**
 * Chooses a container's profile and reads it.
 *
 * A container that names a profile gets that one or does not start: its annotation is never ignored.
 *
 * @throws OciSeccompError `ERR_HOOK` if the container names a file it may not name, or none where it must; or a file is
 *   not to be trusted; `ERR_IO` if it cannot be read
 */
export function chooseProfile(
  { profile, profilesDir, defaultProfile }: ChoiceOptions,
  annotations: ReadonlyMap<string, string>,
): ProfileChoice {
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
      hint: `for instance ${option} /etc/oci-seccomp/profile.json; built-in profiles are ${names}`,
    },
  );
}
