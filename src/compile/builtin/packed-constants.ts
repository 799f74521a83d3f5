/**
 * Several constants of a rule in one instruction.
 *
 * The comparisons at the end of many rules may differ in their constants only. If these constants are small, or have bits in
 * common, those of one rule fit into one word. Then the comparisons are there once. The test that leads to them puts the word
 * into X first, and they take their constants out of it, each into a cell of scratch memory:
 *
 *     ldx #0x640032; jeq 7, a, no;  a: txa; and #0xffff; st M[6]; txa; rsh #16; st M[7]
 *                                      ld arg2; ldx M[6]; jge x, b, no;  b: ldx M[7]; jgt x, no, yes
 *
 * So these comparisons take one instruction a rule. The call takes more steps: this is for programs that are too long.
 * @module
 */
import {
  BPF_ALU_ADD_X,
  BPF_ALU_AND_X,
  BPF_ALU_LSH_K,
  BPF_ALU_OR_K,
  BPF_ALU_RSH_K,
  BPF_LDX_MEM,
  BPF_MISC_TXA,
} from '../../bpf/computing-codes.ts';
import { BPF_ALU_AND_K, BPF_LD_MEM } from '../../bpf/program.ts';
import {
  type Code,
  type CodeGraph,
  type CodeNode,
  codeAt,
  codesBehind,
  computeCode,
  constantCode,
  copyCode,
  operandCode,
  storeCode,
  successorsOf,
  testXCode,
} from './code-graph.ts';
import {
  type Constants,
  maskOf,
  packWord,
  type Slot,
  slotsOf,
  startVarying,
  type Varying,
  withUse,
} from './packed-word.ts';
import { beforeArguments, countUses, looksAtArgument } from './passed-constants.ts';

/** Comparisons to which one test leads, and nothing else: a load and what follows it, up to code that others lead to. */
interface Ending {
  /** The test. */
  readonly from: Code;
  readonly to: Code;
  readonly inside: ReadonlySet<Code>;
  /** Their instructions without the constants. */
  readonly shape: string;
  readonly constants: Constants;
}

/** Endings of one shape whose constants fit into a word. */
interface Group {
  readonly members: Ending[];
  varying: Varying;
}

/** Longer ones are trees of tests that find a rule. */
const LONGEST_ENDING = 12;
/** Cells of scratch memory. Those before hold arguments (folded-arguments.ts). */
const FIRST_CELL = 6;
const MOST_CONSTANTS = 10;

/** Makes code that does the same, in which constants are passed together. */
export function packConstants(graph: CodeGraph, root: Code): Code {
  const codes = [...codesBehind(graph, root)].sort((a, b) => a - b);
  const groupAt = new Map<Code, { readonly group: Group; readonly ending: Ending }>();
  for (const group of findGroups(graph, root, codes)) {
    for (const ending of group.members) groupAt.set(ending.from, { group, ending });
  }
  const common = new Map<Group, Code>();
  const made = new Map<Code, Code>();
  const nextOf = (next: Code): Code => made.get(next) ?? next;
  // What code leads to has a lower number, and is made before it.
  for (const code of codes) {
    const node = codeAt(graph, code);
    const found = groupAt.get(code);
    if (found === undefined) {
      made.set(code, copyCode(graph, node, nextOf));
      continue;
    }
    const { group, ending } = found;
    const slots = slotsOf(group.varying);
    const to = common.get(group) ?? commonEnding(graph, ending, slots, nextOf);
    common.set(group, to);
    const test = copyCode(graph, node, (next) => (next === ending.to ? to : nextOf(next)));
    made.set(code, operandCode(graph, packWord(slots, ending.constants), test));
  }
  return made.get(root) ?? root;
}

/** Finds the groups that save instructions. The longest endings come first, because a shorter one may be part of them. */
function findGroups(graph: CodeGraph, root: Code, codes: readonly Code[]): readonly Group[] {
  const byShape = new Map<string, Ending[]>();
  for (const ending of endingsOf(graph, root, codes)) {
    const known = byShape.get(ending.shape);
    if (known === undefined) byShape.set(ending.shape, [ending]);
    else known.push(ending);
  }
  const taken = new Set<Code>();
  const sizeOf = ([first]: readonly Ending[]): number => first?.inside.size ?? 0;
  return [...byShape.values()]
    .sort((a, b) => sizeOf(b) - sizeOf(a))
    .flatMap((endings) =>
      groupsOf(endings.filter(({ from }) => !taken.has(from))).filter((group) => {
        if (!pays(sizeOf(endings), group)) return false;
        for (const { from, inside } of group.members) for (const code of [from, ...inside]) taken.add(code);
        return true;
      }),
    );
}

function endingsOf(graph: CodeGraph, root: Code, codes: readonly Code[]): readonly Ending[] {
  const uses = countUses(graph, codes);
  const early = beforeArguments(graph, root);
  return codes.flatMap((from) => {
    const node = codeAt(graph, from);
    if (node.kind !== 'test' || early.has(from)) return [];
    return [node.yes, node.no].flatMap((to) => endingAt(graph, from, to, uses) ?? []);
  });
}

/** @returns `undefined` if it looks at no argument, is too long, or has too many constants */
function endingAt(
  graph: CodeGraph,
  from: Code,
  to: Code,
  uses: ReadonlyMap<Code, number>,
): Ending | undefined {
  if (!looksAtArgument(codeAt(graph, to))) return undefined;
  const inside = new Set<Code>();
  const values: number[] = [];
  const before: (number | undefined)[] = [];
  let shape = '';
  /** @param last - the constant that the word was compared with last */
  const walk = (code: Code, last?: number): void => {
    const node = codeAt(graph, code);
    if (uses.get(code) !== 1 || !isComparison(node.kind) || inside.size > LONGEST_ENDING) {
      shape += `${code};`;
      return;
    }
    inside.add(code);
    shape += node.kind === 'test' ? node.test : node.kind === 'load' ? `load ${node.place} ` : node.kind;
    const constant = node.kind === 'test' ? node.operand : node.kind === 'mask' ? node.mask : undefined;
    const own = node.kind === 'test' ? values.length : undefined;
    if (constant !== undefined) {
      values.push(constant);
      before.push(last);
    }
    for (const next of successorsOf(node)) walk(next, own);
  };
  walk(to);
  const isRight = inside.size <= LONGEST_ENDING && values.length <= MOST_CONSTANTS && inside.size > 1;
  return isRight ? { from, to, inside, shape, constants: { values, before } } : undefined;
}

function isComparison(kind: CodeNode['kind']): boolean {
  return kind === 'load' || kind === 'mask' || kind === 'test';
}

/** Puts each ending into the first group whose constants fit into a word with its own. A test passes one word only. */
function groupsOf(endings: readonly Ending[]): readonly Group[] {
  const groups: Group[] = [];
  const passing = new Set<Code>();
  for (const ending of endings) {
    if (passing.has(ending.from)) continue;
    passing.add(ending.from);
    const { constants } = ending;
    const fits = groups.some((group) => {
      const varying = withUse(group.varying, constants);
      if (varying === undefined) return false;
      group.varying = varying;
      group.members.push(ending);
      return true;
    });
    if (fits || groups.length === MOST_GROUPS) continue;
    groups.push({ members: [ending], varying: startVarying(constants) });
  }
  return groups;
}

/** The most groups of one shape. If there are more, they are so small that they save nothing. */
const MOST_GROUPS = 64;

/**
 * About how many instructions take a constant out of the word and use it: a copy, a shift, a mask, common bits, a store and a
 * load into X; an addition takes four more.
 */
const INSTRUCTIONS_A_CONSTANT = 8;

/** Whether what is there once is at most half of what is saved: if not, shorter endings may save more. */
function pays(size: number, { members, varying }: Group): boolean {
  const constants = slotsOf(varying).filter((slot) => slot !== undefined).length;
  return 2 * (size + INSTRUCTIONS_A_CONSTANT * constants) <= (size - 1) * members.length;
}

/** The comparisons of an ending, with constants from the word in X. */
function commonEnding(
  graph: CodeGraph,
  { to, inside }: Ending,
  slots: readonly (Slot | undefined)[],
  nextOf: (next: Code) => Code,
): Code {
  // A constant that fills the word need not be taken out.
  const isWord = slots.filter((slot) => slot !== undefined).length === 1;
  let index = 0;
  const make = (code: Code): Code => {
    if (!inside.has(code)) return nextOf(code);
    const node = codeAt(graph, code);
    if (node.kind !== 'mask' && node.kind !== 'test') return copyCode(graph, node, make);
    const cell = FIRST_CELL + index;
    const slot = slots[index];
    index += 1;
    if (slot === undefined) return copyCode(graph, node, make);
    const own =
      node.kind === 'mask'
        ? computeCode(graph, BPF_ALU_AND_X, 0, make(node.next))
        : testXCode(graph, node.test, make(node.yes), make(node.no));
    return isWord ? own : computeCode(graph, BPF_LDX_MEM, cell, own);
  };
  const compare = make(to);
  if (isWord) return compare;
  const added = slots.reduceRight((next, slot, at) => addCode(graph, slot, at, next), compare);
  return slots.reduceRight((next, slot, at) => unpackCode(graph, slot, at, next), added);
}

/** Code that puts a constant, or its difference from another one, into its cell. The word is in X. */
function unpackCode(graph: CodeGraph, slot: Slot | undefined, index: number, next: Code): Code {
  if (slot === undefined) return next;
  const { at, width, lowest, fixed } = slot;
  let code = storeCode(graph, FIRST_CELL + index, next);
  if (width === 0) return constantCode(graph, fixed, code);
  if (fixed !== 0) code = computeCode(graph, BPF_ALU_OR_K, fixed, code);
  code = computeCode(graph, BPF_ALU_AND_K, maskOf(slot), code);
  if (at > lowest) code = computeCode(graph, BPF_ALU_RSH_K, at - lowest, code);
  if (at < lowest) code = computeCode(graph, BPF_ALU_LSH_K, lowest - at, code);
  return computeCode(graph, BPF_MISC_TXA, 0, code);
}

/** Code that makes a constant of its difference from another one. */
function addCode(graph: CodeGraph, slot: Slot | undefined, index: number, next: Code): Code {
  if (slot?.base === undefined) return next;
  const cell = FIRST_CELL + index;
  const add = computeCode(graph, BPF_ALU_ADD_X, 0, storeCode(graph, cell, next));
  const base = computeCode(graph, BPF_LDX_MEM, FIRST_CELL + slot.base, add);
  return computeCode(graph, BPF_LD_MEM, cell, base);
}
