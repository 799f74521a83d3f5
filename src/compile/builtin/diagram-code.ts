/**
 * A decision diagram to a program, in one manner.
 *
 * The program asks what the diagram asks, word by word: the architecture, the number, halves of arguments. Up to the first
 * load of an argument it uses only loads of words, comparisons with constants, `and` with constants, jumps and returns of
 * constants: what the kernel follows to find the calls that are always allowed (Linux 6.18 kernel/seccomp.c
 * seccomp_is_const_allow), for which it then does not run the filter at all.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import type { Endian } from '../../abi/architectures.ts';
import { BPF_MAXINSNS } from '../../bpf/longest-program.ts';
import type { Program } from '../../bpf/program.ts';
import { withBits } from '../../decision/cofactor.ts';
import { allHold } from '../../decision/decide-policy.ts';
import {
  FIELD_ARCH,
  FIELD_NR,
  type Field,
  fieldAt,
  highHalf,
  lowHalf,
  WORD_BITS,
} from '../../decision/diagram-variables.ts';
import { tryWithin } from '../../decision/node-room.ts';
import { FALSE, isLeaf, levelAt, type Node, outcomeAt, type Space, TRUE } from '../../decision/space.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import { countTables, type NumberTable, orderTables } from './architecture-tables.ts';
import type { FindWindows } from './bit-windows.ts';
import type { CallWeights, RangeWeight } from './call-weights.ts';
import {
  type Code,
  type CodeGraph,
  constantCode,
  countCode,
  createCodeGraph,
  isLonger,
  loadCode,
  placeOfCell,
  returnCode,
  storeCode,
  testCode,
  type WordPlace,
} from './code-graph.ts';
import { type TableRule, tableCode } from './constant-tables.ts';
import { type EarlyWord, findEarlyWord } from './early-words.ts';
import { type FoldedArgument, foldArguments } from './folded-arguments.ts';
import { layOut } from './layout.ts';
import { numberCode } from './number-word.ts';
import { packConstants } from './packed-constants.ts';
import { passConstants } from './passed-constants.ts';
import type { ChainManner } from './plant-segments.ts';
import { findRequiredWord } from './required-words.ts';
import type { FindRules, RulesInTurn } from './rules-in-turn.ts';
import { NO_TREES, type SharedTrees } from './shared-trees.ts';
import { type WeighedRun, type WordTask, wordCode } from './word-code.ts';
import { runsOfWord } from './word-runs.ts';

/** How a program is made. */
export interface Manner {
  readonly endian: Endian;
  readonly weights: CallWeights;
  readonly longestChain: number;
  readonly windows: FindWindows | undefined;
  /** Whether long code for arguments is made in other orders of words too. */
  readonly tryOrders: boolean;
  /** Whether arguments are made one word, in scratch memory. */
  readonly fold: boolean;
  /** Finds the calls whose rules are asked one after the other, where arguments are made one word. `undefined`: none is. */
  readonly findRules: FindRules | undefined;
  /** Whether constants of these rules may be in tables. */
  readonly asTables: boolean;
}

interface Synthesis extends Omit<Manner, 'findRules'> {
  readonly space: Space;
  readonly graph: CodeGraph;
  /** What was made of each node, and of which node each code. */
  readonly made: Map<Node, Code>;
  readonly ends: Map<Code, Node>;
  /** The numbers of the architectures, by what is decided behind each. */
  readonly tables: Map<Node, NumberTable | undefined>;
  /** Words that are in scratch memory. */
  readonly cells: ReadonlyMap<Field, WordPlace>;
  /** The rules of calls, by what is decided of the arguments. */
  readonly rules: ReadonlyMap<Node, RulesInTurn>;
  trees: SharedTrees;
  /** The numbers whose code is made last: nothing is led into it. `undefined`: that is not known. */
  lastTable: Node | undefined;
  /** Whether the code for some arguments is long. */
  hasLongPart: boolean;
}

/** A program that was made in one manner. */
export interface Made {
  readonly program: Program;
  /** Whether the code for some arguments is long. */
  readonly hasLongPart: boolean;
  /** Makes the same with packed constants. */
  readonly pack: () => Program;
}

/** Makes a program in one manner. */
export function makeProgram(space: Space, root: Node, manner: Manner): Made {
  const graph = createCodeGraph();
  const synthesis: Synthesis = {
    ...{ space, graph, ...manner },
    made: new Map(),
    ends: new Map(),
    tables: new Map(),
    cells: new Map(),
    rules: manner.findRules?.(space, root) ?? new Map(),
    trees: NO_TREES,
    lastTable: undefined,
    hasLongPart: false,
  };
  const code = codeOf(synthesis, root, undefined);
  const plain = layOut(graph, code);
  const { hasLongPart } = synthesis;
  const pack = (): Program => layOut(graph, passConstants(graph, packConstants(graph, code)));
  if (plain.length <= BPF_MAXINSNS) return { program: plain, hasLongPart, pack };
  const passing = layOut(graph, passConstants(graph, code));
  return { program: passing.length < plain.length ? passing : plain, hasLongPart, pack };
}

/** @param arch - the audit architecture, if it is known */
function codeOf(synthesis: Synthesis, node: Node, arch: number | undefined): Code {
  const known = synthesis.made.get(node);
  if (known !== undefined) return known;
  const code = makeCode(synthesis, node, arch);
  synthesis.made.set(node, code);
  synthesis.ends.set(code, node);
  return code;
}

function makeCode(synthesis: Synthesis, node: Node, arch: number | undefined): Code {
  const { space, graph } = synthesis;
  if (isLeaf(space, node)) {
    const outcome = outcomeAt(space, node);
    if (outcome.kind !== 'word') throw new RangeError('a leaf was not settled');
    return returnCode(graph, outcome.word);
  }
  const field = Math.floor(levelAt(space, node) / WORD_BITS);
  if (synthesis.fold && field !== FIELD_ARCH && field !== FIELD_NR) {
    const code = foldedCode(synthesis, node);
    if (code !== undefined) return code;
  }
  const code = loadCode(graph, placeOf(synthesis, field), testsOf(synthesis, node, field, arch));
  if (field === FIELD_ARCH || field === FIELD_NR) return code;
  const best = shorter(graph, code, requiredFirst(synthesis, node));
  if (!isLonger(graph, best, LONG_PART)) return best;
  synthesis.hasLongPart = true;
  return synthesis.tryOrders ? inShortestOrder(synthesis, node, best) : best;
}

/** Longer code for arguments is worth a search for other orders of words. */
const LONG_PART = 48;

function shorter(graph: CodeGraph, code: Code, other: Code | undefined): Code {
  return other !== undefined && countCode(graph, other) < countCode(graph, code) ? other : code;
}

function testsOf(synthesis: Synthesis, root: Node, field: Field, arch: number | undefined): Code {
  const { space, graph, weights, longestChain, windows, ends } = synthesis;
  const ofArch = field === FIELD_ARCH;
  const task: WordTask = {
    ...{ space, graph, root, field, windows },
    place: placeOf(synthesis, field),
    chains: { longest: longestChain, sharedBy: field === FIELD_NR ? sharingOf(synthesis) : undefined },
    codeOf: (node, value) => codeOf(synthesis, node, ofArch ? value : arch),
    weigh: (ofArch ? weights.architectures : callsOf(weights, field, arch)) ?? weighNothing,
    order: ofArch ? (ways) => orderArchitectures(synthesis, ways) : (ways) => ways,
  };
  const runs = field === FIELD_NR ? tableOf(synthesis, root) : undefined;
  if (runs === undefined) return wordCode(task);
  const { trees, lastTable } = synthesis;
  const number = numberCode({ task, runs, trees, isEnd: (end) => ends.has(end), isLast: root === lastTable });
  synthesis.trees = number.trees;
  return number.code;
}

function tableOf({ space, tables }: Synthesis, node: Node): NumberTable | undefined {
  if (!tables.has(node)) tables.set(node, runsOfWord(space, node, FIELD_NR));
  return tables.get(node);
}

function orderArchitectures(synthesis: Synthesis, ways: readonly WeighedRun[]): readonly WeighedRun[] {
  const ordered = orderTables(ways.map((way) => ({ ...way, table: tableOf(synthesis, way.node) })));
  const toMake = ordered.flatMap(({ node, table = [] }) => (table.length > 1 ? node : []));
  synthesis.lastTable = [...new Set(toMake)].at(-1);
  return ordered;
}

/** How many architectures answer a number so; `undefined` if there is one only. */
function sharingOf({ tables, ends }: Synthesis): ChainManner['sharedBy'] {
  const known = [...tables.values()].flatMap((table = []) => (table.length > 1 ? [table] : []));
  return known.length < 2 ? undefined : (nr, code) => countTables(known, nr, ends.get(code));
}

function callsOf({ calls }: CallWeights, field: Field, arch: number | undefined): RangeWeight | undefined {
  return field === FIELD_NR && arch !== undefined ? calls.get(arch) : undefined;
}

const weighNothing: RangeWeight = () => 0;

/** Code that asks a word first which has to have one value; `undefined` where no word has to. */
function requiredFirst(synthesis: Synthesis, node: Node): Code | undefined {
  const { space, graph } = synthesis;
  const required = findRequiredWord(space, node);
  if (required === undefined) return undefined;
  const { field, value, otherwise } = required;
  const rest = withBits(space, node, field, ALL_BITS, value);
  const test = testCode(
    graph,
    'eq',
    value,
    codeOf(synthesis, rest, undefined),
    codeOf(synthesis, otherwise, undefined),
  );
  return loadCode(graph, placeOf(synthesis, field), test);
}

/** Code that asks another word first than the diagram does, if that is shorter than `code`. */
function inShortestOrder(synthesis: Synthesis, node: Node, code: Code): Code {
  const word = findEarlyWord(synthesis.space, node);
  return shorter(synthesis.graph, code, word && earlyCode(synthesis, word));
}

function earlyCode(synthesis: Synthesis, word: EarlyWord): Code {
  const codes = new Map([...word.rests].map(([leaf, rest]) => [leaf, codeOf(synthesis, rest, undefined)]));
  return answersCode(synthesis, word, codes);
}

function answersCode(
  synthesis: Synthesis,
  { field, answers, root }: EarlyWord,
  codes: ReadonlyMap<Node, Code>,
): Code {
  const { graph, longestChain, windows } = synthesis;
  const place = placeOf(synthesis, field);
  const tests = wordCode({
    ...{ space: answers, graph, root, field, place, windows, weigh: weighNothing },
    chains: { longest: longestChain, sharedBy: undefined },
    codeOf: (leaf) => {
      const known = codes.get(leaf);
      if (known === undefined) throw new RangeError('an answer leads nowhere');
      return known;
    },
    order: (ways) => ways,
  });
  return loadCode(graph, place, tests);
}

/**
 * Code that makes one word of each argument before it compares.
 *
 * @returns `undefined` if no argument can be made one word, and no rules are known
 */
function foldedCode(synthesis: Synthesis, root: Node): Code | undefined {
  const { space } = synthesis;
  const { folded, rest } = foldArguments(space, root);
  const rules = synthesis.rules.get(root);
  if (folded.length === 0 && rules === undefined) return undefined;
  const inside = behindFold(synthesis, folded);
  if (rules === undefined) return foldCode(inside, folded, codeOf(inside, rest, undefined));
  const table = synthesis.asTables ? inTables(inside, folded, rules) : undefined;
  if (table !== undefined) return foldCode(inside, folded, table);
  const { steps } = space.work;
  const inTurn = inTurnCode(inside, folded, rules);
  // A diagram that takes more steps than its rules is hardly shorter. Its nodes may be freed, so nothing else may know them.
  const byDiagram = tryWithin(space, space.work.steps - steps, () =>
    codeOf(behindFold(synthesis, folded), rest, undefined),
  );
  return foldCode(inside, folded, shorter(synthesis.graph, inTurn, byDiagram));
}

/** Code that asks the rules of a call one after the other. */
function inTurnCode(
  inside: Synthesis,
  folded: readonly FoldedArgument[],
  { rules, bits, otherwise }: RulesInTurn,
): Code {
  const { graph } = inside;
  return rules.reduceRight(
    (next, rule) => codeOfRule(inside, rule.returnWord, conditionOf(inside, folded, rule, bits), next),
    returnCode(graph, otherwise),
  );
}

/** When a rule matches, if upper halves are those for which lower ones matter. */
function conditionOf(
  { space }: Synthesis,
  folded: readonly FoldedArgument[],
  { comparisons }: ArchRule,
  bits: 32 | 64,
): Node {
  return folded.reduce(
    (rest, { index, usual }) => withBits(space, rest, highHalf(space, index), ALL_BITS, usual),
    allHold(space, comparisons, bits),
  );
}

function codeOfRule(inside: Synthesis, returnWord: ReturnWord, condition: Node, next: Code): Code {
  const made = new Map([
    [TRUE, returnCode(inside.graph, returnWord)],
    [FALSE, next],
  ]);
  return codeOf({ ...inside, made, ends: new Map() }, condition, undefined);
}

/** Code that finds a rule by the value of an argument. @returns `undefined` if no argument has another value in each rule */
function inTables(
  inside: Synthesis,
  folded: readonly FoldedArgument[],
  { rules, bits, otherwise }: RulesInTurn,
): Code | undefined {
  const { space, graph } = inside;
  const telling = valuesApart(space, rules);
  if (telling === undefined) return undefined;
  const { index, values } = telling;
  const end = returnCode(graph, otherwise);
  const inTable = rules.map((rule, at): TableRule => {
    const value = values[at] ?? 0;
    const rest = withBits(
      space,
      conditionOf(inside, folded, rule, bits),
      lowHalf(space, index),
      ALL_BITS,
      value,
    );
    return { value, compare: codeOfRule(inside, rule.returnWord, rest, end) };
  });
  return tableCode(graph, placeOf(inside, lowHalf(space, index)), inTable, end);
}

/**
 * The argument that is equal to another value in each rule, with the lower halves of the values. It is the first one that rules
 * compare: a proof asks it first, and would take too many steps if the others came before.
 */
function valuesApart(
  { order }: Space,
  rules: readonly ArchRule[],
): { readonly index: number; readonly values: readonly number[] } | undefined {
  const compared = new Set(rules.flatMap(({ comparisons }) => comparisons.map(({ index }) => index)));
  const index = order.find((each) => compared.has(each)) ?? 0;
  const values = rules.flatMap(({ comparisons }) => {
    const own = comparisons.find((each) => each.index === index && each.op === 'eq');
    return own === undefined ? [] : Number(BigInt.asUintN(WORD_BITS, own.value));
  });
  const areApart = values.length === rules.length && new Set(values).size === values.length;
  return areApart ? { index, values } : undefined;
}

/** What code is made with behind {@link foldCode}. */
function behindFold(synthesis: Synthesis, folded: readonly FoldedArgument[]): Synthesis {
  const { space } = synthesis;
  const inCells = folded.filter(({ standIns }) => standIns.size > 0);
  const cells = new Map(inCells.map(({ index }) => [lowHalf(space, index), placeOfCell(index)]));
  return { ...synthesis, fold: false, cells, made: new Map(), ends: new Map() };
}

/** Code that makes one word of each argument, before the code that compares the words. */
function foldCode(inside: Synthesis, folded: readonly FoldedArgument[], compare: Code): Code {
  const { space, graph, endian } = inside;
  let code = compare;
  for (const { index, upper, standIns } of folded.toReversed()) {
    const next = standIns.size > 0 ? storeCode(graph, index, code) : code;
    const usual =
      standIns.size > 0 ? loadCode(graph, offsetOf(space, lowHalf(space, index), endian), next) : code;
    const ends = new Map(
      [...upper.rests].map(([answer, end]): [Node, Code] => {
        if (isLeaf(space, end)) return [answer, codeOf(inside, end, undefined)];
        const standIn = standIns.get(answer);
        return [answer, standIn === undefined ? usual : constantCode(graph, standIn, next)];
      }),
    );
    code = answersCode(inside, upper, ends);
  }
  return code;
}

const ALL_BITS = 0xffff_ffff;

/** Where a word is loaded from. */
function placeOf({ space, cells, endian }: Synthesis, field: Field): WordPlace {
  return cells.get(field) ?? offsetOf(space, field, endian);
}

/** Where a word is in seccomp_data. */
export function offsetOf(space: Space, field: Field, endian: Endian): number {
  const offset = offsets.find((each) => fieldAt(space, each, endian) === field);
  if (offset === undefined) throw new RangeError(`there is no word ${field}`);
  return offset;
}

const offsets = Array.from({ length: 16 }, (_, word) => 4 * word);
