/**
 * Whether the chosen readers of a profile can use it.
 * @module
 */
import { fileWord, shellCommand } from '../abi/shell-word.ts';
import type { Consumer } from '../consumers.ts';
import { type ErrorCode, OciSeccompError } from '../errors.ts';
import { type ProblemCategory, type ProblemCode, problemInfo } from './problem-codes.ts';
import { blocks, type Problem } from './problems.ts';
import type { Profile } from './profile.ts';
import type { ReadProfileResult } from './read-profile-tree.ts';

const codes = {
  syntax: 'ERR_PROFILE_SYNTAX',
  schema: 'ERR_PROFILE_SCHEMA',
  semantics: 'ERR_PROFILE_SEMANTICS',
} as const satisfies Record<ProblemCategory, ErrorCode>;

/** The profile that was read, if none of its problems stops one of the readers. */
export function usableProfile(
  { profile, problems }: Pick<ReadProfileResult, 'profile' | 'problems'>,
  readers: readonly Consumer[],
  name: string,
  operand: string = name,
  dialect?: string,
): Profile {
  const blocking = problems.filter((problem) => blocks(problem, readers));
  if (profile !== undefined && blocking.length === 0) return profile;
  throw unusable(blocking, readers, name, { operand, dialect, isAll: blocking.length === problems.length });
}

/**
 * Refuses a profile that its readers cannot use, if it was read without {@link usableProfile}.
 *
 * @param refusals - of the profile or of what it was resolved to
 * @throws OciSeccompError as {@link usableProfile}
 */
export function requireUsable(refusals: readonly Problem[] = [], readers: readonly Consumer[]): void {
  const blocking = refusals.filter((problem) => blocks(problem, readers));
  const [first] = blocking;
  if (first !== undefined) throw unusable(blocking, readers, first.file, { operand: first.file });
}

const OTHER_KINDS = new Set<ProblemCode>([
  'foreign-file',
  'kubernetes-dialect',
  'not-a-profile',
  'empty-document',
]);

interface Asked {
  readonly operand: string;
  readonly dialect?: string | undefined;
  /** Whether no other problems were found: then no command shows more. */
  readonly isAll?: boolean;
}

function unusable(
  blocking: readonly Problem[],
  readers: readonly Consumer[],
  name: string,
  { operand, dialect, isAll = false }: Asked,
): OciSeccompError {
  const [first] = blocking;
  const category = first === undefined ? 'schema' : problemInfo[first.code].category;
  const asked = dialect === undefined ? [] : ['--dialect', dialect];
  const who = readers.length === 0 ? 'anyone' : readers.join(' and ');
  return new OciSeccompError(codes[category], `${name} is not a profile that ${who} can use`, {
    // A file of another kind has one problem, and its hint says more.
    ...(isAll || blocking.every(({ code }) => OTHER_KINDS.has(code))
      ? {}
      : {
          hint: `${shellCommand(['oci-seccomp', 'validate', fileWord(operand), ...asked])} shows every problem`,
        }),
    details: { problems: blocking },
  });
}
