/**
 * A container's profile by a table of choices. The table is read anew for each container, like a profile, so there is
 * nothing to reload, and a container gets what one whole table says.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { quote } from '../../oci/read-json.ts';
import { type ChoosingContainer, type Chosen, type ProfileChoice, readNamed } from '../choice.ts';
import { PROFILE_ANNOTATION } from '../profile-annotation.ts';
import { readTrustedFile, readTrustedFileIn } from '../trusted-file.ts';
import { readChoices } from './choices-table.ts';
import { chooseRow, type RowChoice } from './choose-row.ts';
import { podmanList } from './container-facts.ts';

const WHAT = 'the table of choices';

/** Reads a table that nobody but root can have written. @throws OciSeccompError `ERR_HOOK`, `ERR_IO` */
export function readChoicesFile(path: string): ReturnType<typeof readChoices> {
  return readChoices(readTrustedFile(path, WHAT), path);
}

/**
 * Chooses by the table in a file, and reads the profile.
 *
 * @throws OciSeccompError `ERR_HOOK` for a table that cannot be used or trusted, or that does not say what this container
 *   gets; a profile that cannot be trusted; `ERR_IO`
 */
export async function chooseByTable(path: string, container: ChoosingContainer): Promise<Chosen> {
  const table = readChoicesFile(path);
  const { annotations, bundle, written } = container;
  if (written !== undefined) requireSame(annotations, await written(), table.keys);
  const choice = chooseRow(table, { annotations, bundle });
  const list = table.imageFrom.includes('podman') ? podmanList(bundle) : undefined;
  return {
    source: sourceOf(choice, annotations, path),
    row: choice.row ?? 'default',
    files: [
      { path, what: WHAT },
      ...(list === undefined ? [] : [{ path: list, what: "Podman's list of containers" }]),
    ],
  };
}

/** A container's own choice is never ignored: it gets what it names, or does not start. */
function sourceOf(
  { row, profile, profilesDir }: RowChoice,
  annotations: ReadonlyMap<string, string>,
  path: string,
): ProfileChoice {
  const asked = annotations.get(PROFILE_ANNOTATION);
  const who = row === undefined ? 'the default' : `the row ${quote(row)}`;
  if (asked !== undefined && profilesDir === undefined) {
    throw new OciSeccompError(
      'ERR_HOOK',
      `the container asks for a profile (${PROFILE_ANNOTATION}), but ${who} of ${path} does not let it choose`,
      { hint: 'remove the annotation, or give the row a "profilesDir"' },
    );
  }
  if (asked !== undefined && profilesDir !== undefined) {
    const { path: name, bytes } = readTrustedFileIn(profilesDir, asked, 'the profile');
    return { name, bytes };
  }
  if (profile === 'none') return undefined;
  if (profile !== undefined) return readNamed(profile);
  throw new OciSeccompError(
    'ERR_HOOK',
    `the container names no profile (annotation ${PROFILE_ANNOTATION}), and ${who} of ${path} has none for such containers`,
    { hint: 'give the row a "profile" beside its "profilesDir"' },
  );
}

/**
 * runc keeps annotations as texts KEY=VALUE, so one whose key has an equals sign looks like another in the state that it
 * hands out (seen with runc 1.1.5). What decides must stand in config.json under the same key.
 */
function requireSame(
  told: ReadonlyMap<string, string>,
  written: ReadonlyMap<string, string>,
  keys: readonly string[],
): void {
  const other = keys.find((key) => told.get(key) !== written.get(key));
  if (other === undefined) return;
  throw new OciSeccompError('ERR_HOOK', `state and config.json disagree on the annotation ${other}`, {
    hint: 'config.json was changed after the runtime had read it, or has an annotation with "=" in its key',
  });
}
