/**
 * Names of values that arguments take, read from the generated table on first use.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { type NameSetId, nameSetTable } from './name-sets.generated.ts';

/** A set of names: its id in the generated table, or what makes it. */
export type NameSet = NameSetId | (() => SetOfNames);

/** Names that belong together because one argument takes them. */
export interface SetOfNames {
  /** The only architectures that have these names; all by default. */
  readonly archs?: readonly ArchName[] | undefined;
  /** Values on x86_64, as C integers. Of two names with one value the first is printed. */
  readonly values: Readonly<Record<string, number>>;
  readonly differs?: readonly NameDifference[] | undefined;
}

export interface NameDifference {
  readonly archs: readonly ArchName[];
  /** The values these architectures have instead; null for names that they lack. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** By id, once it was asked for: there are many sets, and most runs need few. */
const read = new Map<NameSetId, SetOfNames>();

/** The names of a set. */
export function namesOf(set: NameSet): SetOfNames {
  if (typeof set === 'function') return set();
  const known = read.get(set) ?? parseSet(textOf(set));
  read.set(set, known);
  return known;
}

/** The sets of the table. */
export function allNameSets(): readonly SetOfNames[] {
  return nameSetTable
    .trim()
    .split('\n\n')
    .map((text) => namesOf(text.slice(0, text.search(/\W/)) as NameSetId));
}

/** The lines of a set. No name of a value is like an id. Behind the last set is the end of a line, which -1 leaves out. */
function textOf(id: NameSetId): string {
  const at = 1 + Math.max(...['\n', ' '].map((after) => nameSetTable.indexOf(`\n${id}${after}`)));
  return nameSetTable.slice(at, nameSetTable.indexOf('\n\n', at));
}

/** A set that is made when it is first asked for. */
export function once(make: () => SetOfNames): () => SetOfNames {
  let made: SetOfNames | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Parses `ID ARCH,ARCH`, then a line for each name: `NAME VALUE ARCH,ARCH=VALUE`. Values are hexadecimal; `-` means no such name. */
function parseSet(text: string): SetOfNames {
  const lines = text.split('\n');
  const only = lines[0]?.split(' ')[1];
  // Without a prototype it is a table from the start: V8 describes any other object anew with each name that it gets.
  const values: Record<string, number> = Object.create(null);
  const differs = new Map<string, Record<string, number | null>>();
  // Words by position: until V8 has optimized the code, destructuring a list makes an object for each element.
  lines.forEach((line, at) => {
    if (at === 0) return;
    const words = line.split(' ');
    const name = words[0] ?? '';
    const here = parseValue(words[1] ?? '');
    if (here !== null) values[name] = here;
    for (let i = 2; i < words.length; i += 1) {
      const [archs = '', theirs = ''] = words[i]?.split('=') ?? [];
      const group = differs.get(archs) ?? {};
      group[name] = parseValue(theirs);
      differs.set(archs, group);
    }
  });
  const differences = [...differs].map(([archs, each]) => ({ archs: parseArchs(archs), values: each }));
  return {
    values,
    ...(only === undefined ? {} : { archs: parseArchs(only) }),
    ...(differences.length === 0 ? {} : { differs: differences }),
  };
}

function parseArchs(text: string): readonly ArchName[] {
  return text.split(',') as ArchName[];
}

function parseValue(text: string): number | null {
  return text === '-' ? null : Number.parseInt(text, 16);
}
