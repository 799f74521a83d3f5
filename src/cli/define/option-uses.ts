/**
 * Options that only some subjects have a use for: an option that does nothing is refused.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import type { FilterSource } from '../../pipeline/filter-source.ts';
import { type CommandDefinition, camelCase } from './command-definition.ts';
import { namedOf } from './named-files.ts';

/** What a command reads: a profile that comes with the program, one in a file, a Kubernetes object, a program in a file, a process. */
type SubjectKind = 'builtin' | 'file' | 'object' | 'program' | 'process';

interface Subject {
  readonly name: string;
  readonly kind: SubjectKind;
}

/** Options with one use. */
interface Use {
  readonly options: readonly string[];
  /** Whose options they are. */
  readonly of: readonly SubjectKind[];
  /** The same in words. */
  readonly words: string;
}

const profiles: Pick<Use, 'of' | 'words'> = { of: ['builtin', 'file', 'object'], words: 'profiles' };

const uses: readonly Use[] = [
  { options: ['object', 'base-dir'], of: ['object'], words: 'files with Kubernetes objects' },
  { options: ['dialect'], of: ['file', 'object'], words: 'profiles in files' },
  {
    options: ['engine', 'kernel', 'caps', 'cap', 'runtime', 'library', 'table', 'host-arch'],
    ...profiles,
  },
  { options: ['timeout', 'store', 'allow-unproven'], ...profiles },
  { options: ['endian'], of: ['program'], words: 'BPF programs in files' },
];

type Options = Readonly<Record<string, unknown>>;

/**
 * Refuses options that none of the filters has a use for, once they are read.
 *
 * @param prefix - of the options' names: `other-` for those of the second filter
 * @param more - options that are for profiles in this command only
 * @throws OciSeccompError `ERR_USAGE`
 */
export function refuseUnusedOptions(
  options: Options,
  sources: readonly FilterSource[],
  { prefix = '', more = [] }: { readonly prefix?: string; readonly more?: readonly string[] | undefined },
): void {
  refuseUnused(options, sources.map(subjectOf), prefix, [...uses, { options: more, ...profiles }]);
}

function subjectOf(source: FilterSource): Subject {
  if (source.kind === 'program') {
    return { name: source.name, kind: source.from === 'kernel' ? 'process' : 'program' };
  }
  const { name, object, source: file } = source.input;
  return { name, kind: file === undefined ? 'builtin' : object === undefined ? 'file' : 'object' };
}

/**
 * The same before anything is read, if all operands are built-in profiles and processes. Of a file only its reader knows.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireUsesOfNames(
  definition: CommandDefinition,
  operands: readonly string[],
  options: Options,
): void {
  const names = namedOf(definition, operands, options, ['profile', 'filter']);
  const subjects = names.flatMap((name): readonly Subject[] => {
    if (namesBuiltin(name)) return [{ name, kind: 'builtin' }];
    return /^pid:\d+$/.test(name) ? [{ name, kind: 'process' }] : [];
  });
  if (subjects.length < names.length) return;
  // Of the other options, some commands have a use for built-in profiles too: they read their texts.
  refuseUnused(options, subjects, '', uses.slice(0, 1));
}

function refuseUnused(
  options: Options,
  subjects: readonly Subject[],
  prefix: string,
  rows: readonly Use[],
): void {
  if (subjects.length === 0) return;
  for (const { options: names, of, words } of rows) {
    if (subjects.some(({ kind }) => of.includes(kind))) continue;
    const unused = names.map((name) => prefix + name).find((name) => options[camelCase(name)] !== undefined);
    if (unused === undefined) continue;
    const named = listWords([...new Set(subjects.map(({ name }) => name))]);
    throw new OciSeccompError('ERR_USAGE', `--${unused} is for ${words}, not for ${named}`, {
      hint: `leave --${unused} out`,
    });
  }
}
