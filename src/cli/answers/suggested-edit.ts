/**
 * What `explain --suggest` finds: the edit of the profile that turns the answer about a call round.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { isDenied, isMade } from '../../abi/carried-out.ts';
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { OciSeccompError } from '../../errors.ts';
import { type Explanation, unlistedArch } from '../../report/explain-call.ts';
import type { ReadingOptions } from '../define/shared-options.ts';
import type { Filtered } from '../operands/filter-operand.ts';
import { type EditedProfile, editFile } from './edited-profile.ts';

/**
 * `unlisted`: the profile leaves out this architecture, which the call is of. `undefined`: some of these calls get through and others do not, or another process decides. `too-complex`: no edit can be
 * proven.
 */
export type Suggestion = EditedProfile | { readonly unlisted: ArchName } | 'too-complex' | undefined;

/** @throws OciSeccompError `ERR_USAGE` for a program or standard input; as `allow` and `deny` */
export async function suggestEdit(
  subject: string,
  { asked, ways }: Explanation,
  { work, name }: Filtered,
  { dialect, object, baseDir }: ReadingOptions,
): Promise<Suggestion> {
  if (work === undefined) {
    throw new OciSeccompError('ERR_USAGE', `${name} is a program: --suggest edits rules, and it has none`, {
      hint: `${shellCommand(['oci-seccomp', 'decompile', fileWord(subject), '-o', 'profile.json'])} writes a profile that means the same, where one can`,
    });
  }
  if (subject === '-') {
    throw new OciSeccompError(
      'ERR_USAGE',
      '--suggest reads the profile again, and standard input is at its end',
      {
        hint: 'write the profile to a file',
      },
    );
  }
  const unlisted = unlistedArch({ ways });
  if (unlisted !== undefined) return { unlisted };
  const words = ways.flatMap(({ answer }) =>
    answer.outcomes.map((outcome) => (outcome.kind === 'word' ? outcome.word : undefined)),
  );
  const all = (test: (word: number) => boolean): boolean =>
    words.every((word) => word !== undefined && test(word));
  const verb = all(isMade) ? 'deny' : all(isDenied) ? 'allow' : undefined;
  if (verb === undefined) return undefined;
  const given = Object.entries({ dialect, object, baseDir, arch: asked.arch });
  const options = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  try {
    return await editFile(subject, verb, options, () => asked);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_UNDECIDED') return 'too-complex';
    throw error;
  }
}
