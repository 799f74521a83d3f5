/**
 * A decision diagram to a small program.
 *
 * The program asks what the diagram asks, word by word: the architecture, the number, halves of arguments. Up to the first
 * load of an argument it uses only loads of words, comparisons with constants, `and` with constants, jumps and returns of
 * constants: what the kernel follows to find the calls that are always allowed (Linux 6.18 kernel/seccomp.c
 * seccomp_is_const_allow), for which it then does not run the filter at all. Behind such a load, long programs use scratch
 * memory too (folded-arguments.ts), and programs that are too long the register X (passed-constants.ts).
 * @module
 */
import type { Endian } from '../../abi/architectures.ts';
import { BPF_LD_W_ABS, BPF_MAXINSNS, type Program } from '../../bpf/program.ts';
import { withBits } from '../../decision/cofactor.ts';
import {
  FIELD_ARCH,
  FIELD_NR,
  type Field,
  fieldAt,
  highHalf,
  lowHalf,
  WORD_BITS,
} from '../../decision/diagram-variables.ts';
import { clearRoom, openRoom } from '../../decision/node-room.ts';
import { mapLeaves, winningWord } from '../../decision/relate.ts';
import { isLeaf, levelAt, type Node, outcomeAt, type Space, wordLeaf } from '../../decision/space.ts';
import { askPart, workLeft } from '../../decision/work.ts';
import { OciSeccompError } from '../../errors.ts';
import { countTables, type NumberTable, orderTables } from './architecture-tables.ts';
import type { FindWindows } from './bit-windows.ts';
import { type CallWeights, NO_WEIGHTS, type RangeWeight } from './call-weights.ts';
import {
  type Code,
  type CodeGraph,
  constantCode,
  countCode,
  createCodeGraph,
  loadCode,
  type Place,
  placeOfCell,
  returnCode,
  storeCode,
  testCode,
} from './code-graph.ts';
import { type EarlyWord, findEarlyWord } from './early-words.ts';
import { foldArguments } from './folded-arguments.ts';
import { layOut } from './layout.ts';
import { numberCode } from './number-word.ts';
import { passConstants } from './passed-constants.ts';
import type { ChainManner } from './plant-segments.ts';
import { countRepeats } from './repeated-tests.ts';
import { findRequiredWord } from './required-words.ts';
import { NO_TREES, type SharedTrees } from './shared-trees.ts';
import { type WeighedRun, type WordTask, wordCode } from './word-code.ts';
import { runsOfWord } from './word-runs.ts';

export interface SynthesisOptions {
  /** How often calls come. Default: nothing is known. */
  readonly weights?: CallWeights;
  /** From `createWindowFinder`, for a shorter program that takes seconds to make. Default: windows are not looked for. */
  readonly windows?: FindWindows;
}

/** Longer chains of single values save instructions, one for each cut, and take time. */
const LONGEST_CHAIN = 8;

/**
 * Builds a program that does what a diagram says.
 *
 * If rules conflict, the program does what the strictest of them says.
 *
 * @param root - outcomes `word` and `conflict`
 * @param endian - the target's byte order
 * @returns a program, of more than 4096 instructions where there is no room for all that it has to tell apart
 * @throws OciSeccompError `ERR_UNDECIDED` if the diagram is too much for its space, or has an outcome that is not decided
 */
export function synthesizeProgram(
  space: Space,
  root: Node,
  endian: Endian,
  { weights = NO_WEIGHTS, windows }: SynthesisOptions = {},
): Program {
  // Most policies have no rules in conflict, and then no leaf of the space is one.
  const isSettled = space.outcomes.every(({ kind }) => kind === 'word' || kind === 'boolean');
  const settled = isSettled ? root : mapLeaves(space, root, (leaf) => settle(space, leaf));
  const how = { endian, weights, windows, tryOrders: false, fold: false };
  const manner: Manner = { ...how, longestChain: LONGEST_CHAIN };
  const { program, hasLongPart } = synthesize(space, settled, manner);
  // Usual profiles have no long part.
  const short = hasLongPart ? shorten(space, settled, manner, program) : program;
  return short.length > BPF_MAXINSNS ? makeRoom(space, settled, manner, short) : short;
}

/** Longer chains save cuts, and jumps that are far: seen to save a fifth. Of a program that is longer they save too little. */
const MOST_WITH_CHAINS = 2 * BPF_MAXINSNS;

/** Makes a program shorter that is too long for any kernel, if it can become short enough. Its calls then take more steps. */
function makeRoom(space: Space, root: Node, manner: Manner, program: Program): Program {
  if (program.length > MOST_WITH_CHAINS) return program;
  const chained = { ...manner, longestChain: Number.POSITIVE_INFINITY };
  const plain = attempt(space, root, chained, SHARE_OF_SEARCH * workLeft(space.work));
  const short = shorterProgram(program, plain);
  return short.length > BPF_MAXINSNS ? shorten(space, root, chained, short) : short;
}

function settle(space: Space, leaf: Node): Node {
  const outcome = outcomeAt(space, leaf);
  if (outcome.kind === 'word') return leaf;
  const [first, ...others] = outcome.kind === 'conflict' ? outcome.words : [];
  if (first !== undefined) return wordLeaf(space, others.reduce(winningWord, first));
  const reason = outcome.kind === 'undecided' ? outcome.reason : 'it is a condition';
  throw new OciSeccompError('ERR_UNDECIDED', `no program can be made of this decision: ${reason}`, {
    details: { reason: 'undecided outcome' },
  });
}

interface Manner {
  readonly endian: Endian;
  readonly weights: CallWeights;
  readonly longestChain: number;
  readonly windows: FindWindows | undefined;
  /** Whether long code for arguments is made in other orders of words too. */
  readonly tryOrders: boolean;
  /** Whether arguments are made one word, in scratch memory. */
  readonly fold: boolean;
}

interface Synthesis extends Manner {
  readonly space: Space;
  readonly graph: CodeGraph;
  /** What was made of each node, and of which node each code. */
  readonly made: Map<Node, Code>;
  readonly ends: Map<Code, Node>;
  /** The numbers of the architectures, by what is decided behind each. */
  readonly tables: Map<Node, NumberTable | undefined>;
  /** Words that are in scratch memory. */
  readonly cells: ReadonlyMap<Field, Place>;
  trees: SharedTrees;
  /** Whether the code for some arguments is long. */
  hasLongPart: boolean;
}

/** Of the steps that are left, a search for other orders of words may take this part. */
const SHARE_OF_SEARCH = 0.5;
/** The steps of a search, whatever it may save. */
const STEPS_OF_SEARCH = 1_000_000;
/** The steps of a search for each test that the program repeats: a shorter one may have it once. */
const STEPS_A_REPEAT = 32_768;

/** Shorter programs use no scratch memory: they are simple, and there is room for them. */
const LONG_PROGRAM = 1024;

/** Tries other orders of words, and for a long program one word for each argument. */
function shorten(space: Space, root: Node, manner: Manner, program: Program): Program {
  const ordered = { ...manner, tryOrders: true };
  let shortest = program;
  // Where no upper half is asked, nothing is folded, and the steps are the other search's.
  const canFold = program.length > LONG_PROGRAM && asksUpperHalf(program, manner.endian);
  for (const other of canFold ? [{ ...manner, fold: true }, ordered] : [ordered]) {
    const part = SHARE_OF_SEARCH * workLeft(space.work);
    const most = program.length > LONG_PROGRAM ? Math.min(part, stepsWorth(shortest)) : part;
    // What is shorter for one part may be longer for all, which share code.
    shortest = shorterProgram(shortest, attempt(space, root, other, most));
  }
  return shortest;
}

function asksUpperHalf(program: Program, endian: Endian): boolean {
  const upper = new Set(argumentIndexes.map((index) => offsetOf(highHalf(index), endian)));
  return program.some(({ code, k }) => code === BPF_LD_W_ABS && upper.has(k));
}

/** The most steps of a search for a program that is shorter than this one, which is long. */
function stepsWorth(program: Program): number {
  return Math.max(STEPS_OF_SEARCH, STEPS_A_REPEAT * countRepeats(program));
}

/**
 * Makes another program, which need not succeed, and frees its nodes: the proof needs the room.
 *
 * @returns `undefined` if it takes more than `most` steps
 */
function attempt(space: Space, root: Node, manner: Manner, most: number): Program | undefined {
  const room = openRoom(space);
  try {
    return askPart(space.work, most, () => synthesize(space, root, manner)).program;
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_UNDECIDED') return undefined;
    throw error;
  } finally {
    clearRoom(room, []);
  }
}

function shorterProgram(program: Program, other: Program | undefined): Program {
  return other !== undefined && other.length < program.length ? other : program;
}

function synthesize(
  space: Space,
  root: Node,
  manner: Manner,
): { readonly program: Program; readonly hasLongPart: boolean } {
  const graph = createCodeGraph();
  const synthesis: Synthesis = {
    ...{ space, graph, ...manner },
    made: new Map(),
    ends: new Map(),
    tables: new Map(),
    cells: new Map(),
    trees: NO_TREES,
    hasLongPart: false,
  };
  const code = codeOf(synthesis, root, undefined);
  const plain = layOut(graph, code);
  const program =
    plain.length > BPF_MAXINSNS ? shorterProgram(plain, layOut(graph, passConstants(graph, code))) : plain;
  return { program, hasLongPart: synthesis.hasLongPart };
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
  if (countCode(graph, best) <= LONG_PART) return best;
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
  const { code, trees } = numberCode({ task, runs, trees: synthesis.trees, isEnd: (end) => ends.has(end) });
  synthesis.trees = trees;
  return code;
}

function tableOf({ space, tables }: Synthesis, node: Node): NumberTable | undefined {
  if (!tables.has(node)) tables.set(node, runsOfWord(space, node, FIELD_NR));
  return tables.get(node);
}

function orderArchitectures(synthesis: Synthesis, ways: readonly WeighedRun[]): readonly WeighedRun[] {
  return orderTables(ways.map((way) => ({ ...way, table: tableOf(synthesis, way.node) })));
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
  const rest = withBits(space, node, field, 0xffff_ffff, value);
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

/** Code that makes one word of each argument before it compares; `undefined` if that is possible for none. */
function foldedCode(synthesis: Synthesis, root: Node): Code | undefined {
  const { space, graph, endian } = synthesis;
  const { folded, rest } = foldArguments(space, root);
  if (folded.length === 0) return undefined;
  const inCells = folded.filter(({ standIns }) => standIns.size > 0);
  const cells = new Map(inCells.map(({ index }) => [lowHalf(index), placeOfCell(index)]));
  const inside = { ...synthesis, fold: false, cells, made: new Map(), ends: new Map() };
  let code = codeOf(inside, rest, undefined);
  for (const { index, upper, standIns } of folded.toReversed()) {
    const next = standIns.size > 0 ? storeCode(graph, index, code) : code;
    const usual = standIns.size > 0 ? loadCode(graph, offsetOf(lowHalf(index), endian), next) : code;
    const ends = new Map(
      [...upper.rests].map(([answer, end]): [Node, Code] => {
        if (isLeaf(space, end)) return [answer, codeOf(inside, end, undefined)];
        const standIn = standIns.get(answer);
        return [answer, standIn === undefined ? usual : constantCode(graph, standIn, next)];
      }),
    );
    code = answersCode(synthesis, upper, ends);
  }
  return code;
}

/** Where a word is loaded from. */
function placeOf({ cells, endian }: Synthesis, field: Field): Place {
  return cells.get(field) ?? offsetOf(field, endian);
}

/** Where a word is in seccomp_data. */
function offsetOf(field: Field, endian: Endian): number {
  const offset = offsets.find((each) => fieldAt(each, endian) === field);
  if (offset === undefined) throw new RangeError(`there is no word ${field}`);
  return offset;
}

const offsets = Array.from({ length: 16 }, (_, word) => 4 * word);
const argumentIndexes = Array.from({ length: 6 }, (_, index) => index);
