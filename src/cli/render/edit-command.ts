/**
 * The command line that makes an edit.
 * @module
 */
import { isFlagSet } from '../../abi/flag-sets.ts';
import { fileWord } from '../../abi/shell-word.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import type { EditedProfile } from '../answers/edited-profile.ts';

/** What commands that are advised call the copy of a built-in profile. */
export const COPY = 'profile.json';

/** Words of a command that reads the file with the same options, and writes it in place; of a built-in profile, a copy. */
export function editCommand({ verb, file, call, dangers, reading }: EditedProfile): readonly string[] {
  const { dialect, object, baseDir, arch } = reading;
  const options = { dialect, object, 'base-dir': baseDir, arch };
  const args = call.args.map((value) =>
    value === undefined ? '_' : isFlagSet(value) ? value.text : `${value}`,
  );
  return [
    'oci-seccomp',
    verb,
    fileWord(file),
    call.syscall,
    ...args,
    ...Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value],
    ),
    ...['-o', namesBuiltin(file) ? COPY : fileWord(file)],
    ...(dangers.some(({ isMeant }) => isMeant) ? ['--force'] : []),
  ];
}
