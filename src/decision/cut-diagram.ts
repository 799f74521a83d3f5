/**
 * Diagrams cut into the parts that people think in: architectures, system calls, and conditions on arguments.
 * @module
 */
import { type ArchName, allArchitectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { FIELD_ARCH, FIELD_NR, type Field, WORD_BITS } from './diagram-variables.ts';
import { countStep, FALSE, highOf, levelAt, lowOf, type Node, type Space, tooComplex } from './space.ts';

/** A part of a word's values, both ends included, u32, and what holds for it. */
interface Interval {
  readonly from: number;
  readonly to: number;
  readonly node: Node;
}

/** The most intervals that a word is split into. No program that the kernel accepts has nearly as many. */
const MAX_INTERVALS = 100_000;

/**
 * Splits a word's values by the diagram that each of them leads to.
 *
 * @returns ascending, together all of 0..2^32-1, neighbours different; `undefined` if there are more than 100,000
 */
function wordIntervals(space: Space, root: Node, field: Field): readonly Interval[] | undefined {
  const end = (field + 1) * WORD_BITS;
  const intervals: { from: number; to: number; node: Node }[] = [];
  const add = (from: number, to: number, node: Node): boolean => {
    const last = intervals.at(-1);
    if (last !== undefined && last.node === node) last.to = to;
    else intervals.push({ from, to, node });
    return intervals.length <= MAX_INTERVALS;
  };
  const walk = (node: Node, from: number, bits: number): boolean => {
    countStep(space);
    const level = levelAt(space, node);
    if (level >= end) return add(from, from + 2 ** bits - 1, node);
    const half = 2 ** (bits - 1);
    const asked = level === end - bits;
    return (
      walk(asked ? lowOf(space, node) : node, from, bits - 1) &&
      walk(asked ? highOf(space, node) : node, from + half, bits - 1)
    );
  };
  return walk(root, 0, WORD_BITS) ? intervals : undefined;
}

/** A part of a word's values that no diagram of several splits further. */
export interface Part {
  /** The first value. */
  readonly from: number;
  /** The last value. */
  readonly to: number;
  /** For each diagram, in their order: the diagram that these values lead to. */
  readonly nodes: readonly Node[];
}

/**
 * Splits a word's values by what several diagrams, none depending on an earlier word, make of them.
 *
 * @returns ascending, together all of 0..2^32-1
 * @throws OciSeccompError `ERR_UNDECIDED` if that takes more than 100,000 parts
 */
function splitWord(space: Space, roots: readonly Node[], field: Field): readonly Part[] {
  const lists = roots.map((root) => {
    const intervals = wordIntervals(space, root, field);
    if (intervals === undefined) throw tooComplex('architecture or number are tested bit by bit');
    return intervals;
  });
  const ends = [...new Set(lists.flatMap((list) => list.map(({ to }) => to)))].sort((a, b) => a - b);
  const positions = lists.map(() => 0);
  countStep(space, STEPS_A_PART * ends.length);
  let from = 0;
  return ends.map((to) => {
    const nodes = lists.map((list, i) => {
      let position = positions[i] ?? 0;
      while ((list[position]?.to ?? LAST) < from) position++;
      positions[i] = position;
      return list[position]?.node ?? FALSE;
    });
    const part = { from, to, nodes };
    from = to + 1;
    return part;
  });
}

const LAST = 0xffff_ffff;
/** Making a part counts as so many steps, because a part takes memory. */
const STEPS_A_PART = 20;

/** The numbers of one architecture, and what diagrams make of them. */
export interface Slice {
  /** The word in `seccomp_data.arch`; for words that libseccomp does not know, the first of a range. */
  readonly auditArch: number;
  /** The last of the range; for a known architecture the same word. */
  readonly lastAuditArch: number;
  /** The architecture; `undefined` for words that libseccomp does not know. */
  readonly arch: ArchName | undefined;
  /** By ranges of nr, ascending, together all that are the architecture's. */
  readonly numbers: readonly Part[];
}

/** Cuts several diagrams by architecture and number at once. */
export function cutByCall(space: Space, roots: readonly Node[]): readonly Slice[] {
  const known: Slice[] = [];
  const unknown: Slice[] = [];
  for (const part of splitWord(space, roots, FIELD_ARCH)) {
    const rows = allArchitectures.filter(({ auditArch }) => auditArch >= part.from && auditArch <= part.to);
    const numbers = splitWord(space, part.nodes, FIELD_NR);
    for (const { name, auditArch } of rows) {
      known.push({ auditArch, lastAuditArch: auditArch, arch: name, numbers: ownNumbers(name, numbers) });
    }
    if (part.to - part.from + 1 > new Set(rows.map(({ auditArch }) => auditArch)).size) {
      unknown.push({ auditArch: part.from, lastAuditArch: part.to, arch: undefined, numbers });
    }
  }
  const order = (slice: Slice): number => allArchitectures.findIndex(({ name }) => name === slice.arch);
  return [...known.sort((a, b) => order(a) - order(b)), ...unknown];
}

/**
 * x86_64 and x32 share a word: numbers below 0x40000000 are x86_64's, all others x32's, but for -1. A tracer writes it to skip a
 * call, and libseccomp leaves it to the rules of x86_64.
 */
function ownNumbers(arch: ArchName, numbers: readonly Part[]): readonly Part[] {
  if (arch === 'x86_64') return [...clip(numbers, 0, X32_SYSCALL_BIT - 1), ...clip(numbers, LAST, LAST)];
  return arch === 'x32' ? clip(numbers, X32_SYSCALL_BIT, LAST - 1) : numbers;
}

function clip(parts: readonly Part[], from: number, to: number): readonly Part[] {
  return parts
    .filter((part) => part.to >= from && part.from <= to)
    .map((part) => ({ ...part, from: Math.max(part.from, from), to: Math.min(part.to, to) }));
}
