/**
 * What the architectures of a filter have in common. Many give a number the same answer: a table of calls was often made from
 * another one, and from number 424 on (Linux 5.1) all tables are alike.
 *
 * Code of one architecture jumps into that of another one (shared-trees.ts). How often it can depends on which is made first.
 * @module
 */
import type { Node } from '../../decision/space.ts';
import type { WordRun } from './word-runs.ts';

/** The runs of an architecture's numbers, ascending. */
export type NumberTable = readonly WordRun[];

/** An architecture whose code is to be made. */
interface ArchitectureTable {
  /** `undefined`: its numbers are too many runs. */
  readonly table: NumberTable | undefined;
  /** How often its calls come. */
  readonly weight: number;
}

/** A table is simpler than another one if it has so many runs less and shares most of its borders. */
const RUNS_LESS = 8;
const COMMON_BORDERS = 0.5;

/**
 * Says whose code is made first: frequent architectures come first, for their ways to be short. But one that another one is
 * made from comes before that one. s390x has the numbers of s390, with holes: a hole is a test more behind the code of
 * s390, but the code of s390x asks the holes all over.
 */
export function orderTables<Item extends ArchitectureTable>(items: readonly Item[]): readonly Item[] {
  const ordered: Item[] = [];
  for (const item of items.toSorted((a, b) => b.weight - a.weight)) {
    const at = ordered.findIndex(({ table }) => isSimpler(item.table, table));
    ordered.splice(at < 0 ? ordered.length : at, 0, item);
  }
  return ordered;
}

function isSimpler(table: NumberTable | undefined, other: NumberTable | undefined): boolean {
  if (table === undefined || other === undefined || other.length < table.length + RUNS_LESS) return false;
  const borders = new Set(other.map(({ from }) => from));
  const common = table.filter(({ from }) => borders.has(from)).length;
  return common > COMMON_BORDERS * table.length;
}

/** How many of the architectures continue in the same way behind a number. */
export function countTables(tables: readonly NumberTable[], nr: number, node: Node | undefined): number {
  return tables.filter((table) => nodeAt(table, nr) === node).length;
}

function nodeAt(table: NumberTable, nr: number): Node | undefined {
  let at = 0;
  for (let end = table.length - 1; at < end; ) {
    const middle = (at + end) >>> 1;
    if ((table[middle]?.to ?? 0) < nr) at = middle + 1;
    else end = middle;
  }
  return table[at]?.node;
}
