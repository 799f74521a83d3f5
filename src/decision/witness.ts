/**
 * Concrete calls out of diagrams.
 * @module
 */
import { type ArchName, allArchitectures, architectures } from '../abi/architectures.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { directSyscallNumbers } from '../abi/syscall-numbers.ts';
import { isX32Number } from '../abi/x32-number.ts';
import {
  dataOf,
  FIELD_ARCH,
  FIELD_COUNT,
  FIELD_NR,
  type Field,
  WORD_BITS,
  wordsOf,
} from './diagram-variables.ts';
import {
  FALSE,
  highOf,
  LEAF_LEVEL,
  levelAt,
  lowOf,
  type Node,
  type Outcome,
  outcomeAt,
  type Space,
} from './space.ts';

/**
 * What remains of a diagram when a word has a value. The diagram must not ask an earlier word.
 *
 * Lint asks for hundreds of calls, before V8 has optimized the code. So it reads the arrays itself, as `ifThenElse` does.
 */
export function restrict({ level, low, high }: Space, root: Node, field: Field, value: number): Node {
  const last = (field + 1) * WORD_BITS - 1;
  let node = root;
  for (let at = level[node] ?? LEAF_LEVEL; at <= last; at = level[node] ?? LEAF_LEVEL) {
    node = (((value >>> (last - at)) & 1) === 1 ? high[node] : low[node]) ?? FALSE;
  }
  return node;
}

/** What remains of a diagram for one call, whatever its arguments are. @param nr - i32 or u32; of x32 calls with bit 30 */
export function nodeOfCall(space: Space, root: Node, arch: ArchName, nr: number): Node {
  return restrict(space, restrict(space, root, FIELD_ARCH, architectures[arch].auditArch), FIELD_NR, nr);
}

/** The outcome of a call. */
export function evaluate(space: Space, root: Node, data: SeccompData): Outcome {
  const words = wordsOf(space, data);
  let node = root;
  for (let field = 0; field < FIELD_COUNT; field++) node = restrict(space, node, field, words[field] ?? 0);
  return outcomeAt(space, node);
}

/**
 * The architecture of a call, if libseccomp knows it, from `seccomp_data.arch` and, for x86_64, bit 30 of the number.
 * Negative numbers, which are no call of x32, are x86_64's.
 */
export function archOfCall({ arch, nr }: Pick<SeccompData, 'arch' | 'nr'>): ArchName | undefined {
  const x32 = isX32Number(nr >>> 0);
  const rows = allArchitectures.filter(({ auditArch }) => auditArch === arch);
  return (rows.find(({ name }) => (name === 'x32') === x32) ?? rows[0])?.name;
}

/**
 * Finds a call for which a condition holds, one that people can read: a known architecture, a system call that it
 * has, and the smallest arguments.
 */
export function findWitness(
  space: Space,
  condition: Node,
  preferred: readonly ArchName[] = [],
): SeccompData | undefined {
  if (condition === FALSE) return undefined;
  const archWords = [...preferred.map((name) => architectures[name]), ...allArchitectures];
  const arch = pick(
    space,
    condition,
    FIELD_ARCH,
    archWords.map(({ auditArch }) => auditArch),
  );
  let node = restrict(space, condition, FIELD_ARCH, arch);
  const nr = pick(space, node, FIELD_NR, numbersOf(arch, preferred));
  node = restrict(space, node, FIELD_NR, nr);
  return smallestArguments(space, node, arch, nr);
}

/**
 * Completes a call with the smallest arguments for which a condition holds.
 *
 * @param condition - does not depend on architecture and number
 * @returns `undefined` if the condition holds for none
 */
export function smallestArguments(
  space: Space,
  condition: Node,
  auditArch: number,
  nr: number,
): SeccompData | undefined {
  if (condition === FALSE) return undefined;
  const words = [auditArch, nr >>> 0];
  let node = condition;
  for (let field = FIELD_NR + 1; field < FIELD_COUNT; field++) {
    const value = smallest(space, node, field);
    words.push(value);
    node = restrict(space, node, field, value);
  }
  return dataOf(space, words);
}

/** The first of the values for which the condition can still hold, else the smallest of all. */
function pick(space: Space, node: Node, field: Field, values: readonly number[]): number {
  return (
    values.find((value) => restrict(space, node, field, value) !== FALSE) ?? smallest(space, node, field)
  );
}

/** The smallest value of a word for which a condition, not FALSE, can still hold. */
function smallest(space: Space, root: Node, field: Field): number {
  const end = (field + 1) * WORD_BITS;
  let value = 0;
  let node = root;
  for (let level = levelAt(space, node); level < end; level = levelAt(space, node)) {
    const low = lowOf(space, node);
    if (low !== FALSE) node = low;
    else {
      value += 2 ** (WORD_BITS - 1 - (level % WORD_BITS));
      node = highOf(space, node);
    }
  }
  return value;
}

const numberLists = new Map<string, readonly number[]>();

/** The numbers of all calls that architectures of this word have, ascending. */
function numbersOf(auditArch: number, preferred: readonly ArchName[]): readonly number[] {
  const key = `${auditArch} ${preferred.join()}`;
  const known = numberLists.get(key) ?? findNumbers(auditArch, preferred);
  numberLists.set(key, known);
  return known;
}

function findNumbers(auditArch: number, preferred: readonly ArchName[]): readonly number[] {
  const rows = allArchitectures.filter((row) => row.auditArch === auditArch);
  const named = rows.filter(({ name }) => preferred.includes(name));
  const names = (named.length > 0 ? named : rows).map(({ name }) => name);
  return names.flatMap(directSyscallNumbers);
}
