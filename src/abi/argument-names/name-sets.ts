/**
 * Names of values that arguments take, read from the generated table on first use.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { type NameSetId, nameSetTable } from './name-sets.generated.ts';

/** Names that belong together because one argument takes them. */
export interface NameSet {
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

export type NameSets = Readonly<Record<NameSetId, NameSet>>;

let sets: NameSets | undefined;

/** All sets by their ids. */
export function nameSets(): NameSets {
  sets ??= Object.fromEntries(nameSetTable.trim().split('\n\n').map(setOfText)) as NameSets;
  return sets;
}

/** A set that is made when it is looked at: there are many, and most runs need few. */
export function lazySet(make: () => NameSet): NameSet {
  let made: NameSet | undefined;
  const set = (): NameSet => {
    made ??= make();
    return made;
  };
  return {
    get archs() {
      return set().archs;
    },
    get values() {
      return set().values;
    },
    get differs() {
      return set().differs;
    },
  };
}

function setOfText(text: string): readonly [string, NameSet] {
  return [/^\w+/.exec(text)?.[0] ?? '', lazySet(() => parseSet(text))];
}

/** Parses `ID ARCH,ARCH`, then a line for each name: `NAME VALUE ARCH,ARCH=VALUE`. Values are hexadecimal; `-` means no such name. */
function parseSet(text: string): NameSet {
  const lines = text.split('\n');
  const only = lines[0]?.split(' ')[1];
  const values: Record<string, number> = {};
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
