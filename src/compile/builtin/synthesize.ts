/**
 * A decision diagram to a small program.
 *
 * The program asks what the diagram asks, word by word: the architecture, the number, halves of arguments. It uses only
 * loads of words, comparisons with constants, `and` with constants, jumps and returns of constants: what the kernel follows
 * to find the calls that are always allowed (Linux 6.18 kernel/seccomp.c seccomp_is_const_allow), for which it then does
 * not run the filter at all.
 * @module
 */
import type { Endian } from '../../abi/architectures.ts';
import { BPF_MAXINSNS, type Program } from '../../bpf/program.ts';
import { withBits } from '../../decision/cofactor.ts';
import { FIELD_ARCH, FIELD_NR, type Field, fieldAt, WORD_BITS } from '../../decision/diagram-variables.ts';
import { mapLeaves, winningWord } from '../../decision/relate.ts';
import { isLeaf, levelAt, type Node, outcomeAt, type Space, wordLeaf } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { countTables, type NumberTable, orderTables } from './architecture-tables.ts';
import type { FindWindows } from './bit-windows.ts';
import { type CallWeights, NO_WEIGHTS, type RangeWeight } from './call-weights.ts';
import {
  type Code,
  type CodeGraph,
  countCode,
  createCodeGraph,
  loadCode,
  returnCode,
  testCode,
} from './code-graph.ts';
import { layOut } from './layout.ts';
import { numberCode } from './number-word.ts';
import type { ChainManner } from './plant-segments.ts';
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
  const how = { endian, weights, windows };
  const program = synthesize(space, settled, { ...how, longestChain: LONGEST_CHAIN });
  if (program.length <= BPF_MAXINSNS) return program;
  return synthesize(space, settled, { ...how, longestChain: Number.POSITIVE_INFINITY });
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
}

interface Synthesis extends Manner {
  readonly space: Space;
  readonly graph: CodeGraph;
  /** What was made of each node, and of which node each code. */
  readonly made: Map<Node, Code>;
  readonly ends: Map<Code, Node>;
  /** The numbers of the architectures, by what is decided behind each. */
  readonly tables: Map<Node, NumberTable | undefined>;
  trees: SharedTrees;
}

function synthesize(space: Space, root: Node, manner: Manner): Program {
  const graph = createCodeGraph();
  const synthesis: Synthesis = {
    ...{ space, graph, ...manner },
    made: new Map(),
    ends: new Map(),
    tables: new Map(),
    trees: NO_TREES,
  };
  return layOut(graph, codeOf(synthesis, root, undefined));
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
  const { space, graph, endian } = synthesis;
  if (isLeaf(space, node)) {
    const outcome = outcomeAt(space, node);
    if (outcome.kind !== 'word') throw new RangeError('a leaf was not settled');
    return returnCode(graph, outcome.word);
  }
  const field = Math.floor(levelAt(space, node) / WORD_BITS);
  const offset = offsetOf(field, endian);
  const code = loadCode(graph, offset, testsOf(synthesis, node, field, arch));
  if (field === FIELD_ARCH || field === FIELD_NR) return code;
  const other = requiredFirst(synthesis, node);
  return other !== undefined && countCode(graph, other) < countCode(graph, code) ? other : code;
}

function testsOf(synthesis: Synthesis, root: Node, field: Field, arch: number | undefined): Code {
  const { space, graph, endian, weights, longestChain, windows, ends } = synthesis;
  const ofArch = field === FIELD_ARCH;
  const task: WordTask = {
    ...{ space, graph, root, field, windows },
    offset: offsetOf(field, endian),
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
  const { space, graph, endian } = synthesis;
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
  return loadCode(graph, offsetOf(field, endian), test);
}

/** Where a word is in seccomp_data. */
function offsetOf(field: Field, endian: Endian): number {
  const offset = offsets.find((each) => fieldAt(each, endian) === field);
  if (offset === undefined) throw new RangeError(`there is no word ${field}`);
  return offset;
}

const offsets = Array.from({ length: 16 }, (_, word) => 4 * word);
