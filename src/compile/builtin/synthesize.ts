/**
 * A decision diagram to a small program: which programs are made of it, and which one is taken.
 *
 * 1. One in the order of the diagram's words (diagram-code.ts). Of usual profiles this is the only one.
 * 2. If the code for some call's arguments is long, others, and the shortest one is kept:
 *    - if the program is long, with a single word for each argument, in scratch memory (folded-arguments.ts);
 *    - if a kernel does not take it, with the rules of each call one after the other (rules-in-turn.ts);
 *    - with other orders of words (early-words.ts).
 * 3. If a kernel does not take that, the same again without a limit for chains of tests.
 *
 * A program that is too long has constants passed in the register X too (passed-constants.ts). If none of all these fits, several
 * constants are passed in one word (packed-constants.ts), and if that does not fit, constants are in tables (constant-tables.ts).
 * @module
 */
import type { Endian } from '../../abi/architectures.ts';
import { BPF_MAXINSNS } from '../../bpf/longest-program.ts';
import { BPF_LD_W_ABS, type Program } from '../../bpf/program.ts';
import { highHalf } from '../../decision/diagram-variables.ts';
import { clearRoom, openRoom } from '../../decision/node-room.ts';
import { mapLeaves, winningWord } from '../../decision/relate.ts';
import { type Node, outcomeAt, type Space, wordLeaf } from '../../decision/space.ts';
import { askPart, askWithin, workLeft } from '../../decision/work.ts';
import { OciSeccompError } from '../../errors.ts';
import type { FindWindows } from './bit-windows.ts';
import { type CallWeights, NO_WEIGHTS } from './call-weights.ts';
import { type Made, type Manner, makeProgram, offsetOf } from './diagram-code.ts';
import { countRepeats } from './repeated-tests.ts';
import type { FindRules } from './rules-in-turn.ts';

export interface SynthesisOptions {
  /** How often calls come. Default: nothing is known. */
  readonly weights?: CallWeights | undefined;
  /** From `createWindowFinder`, for a shorter program that takes seconds to make. Default: windows are not looked for. */
  readonly windows?: FindWindows | undefined;
  /** As `findRulesInTurn`, for a diagram whose code has no room. Default: no rules are known. */
  readonly findRules?: FindRules | undefined;
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
  { weights = NO_WEIGHTS, windows, findRules }: SynthesisOptions = {},
): Program {
  // Most policies have no rules in conflict, and then no leaf of the space is one.
  const isSettled = space.outcomes.every(({ kind }) => kind === 'word' || kind === 'boolean');
  const settled = isSettled ? root : mapLeaves(space, root, (leaf) => settle(space, leaf));
  const manner: Manner = {
    ...{ endian, weights, windows, longestChain: LONGEST_CHAIN },
    ...{ tryOrders: false, fold: false, findRules: undefined, asTables: false },
  };
  const first = makeProgram(space, settled, manner);
  const { program, hasLongPart } = first;
  // Usual profiles have no long part.
  const task = { space, root: settled, findRules, made: [first] };
  const short = hasLongPart ? shorten(task, manner, program) : program;
  const made = hasRoom(short) ? short : makeRoom(task, manner, short);
  const packed = hasRoom(made) ? made : shortestPacked(task, made);
  return hasRoom(packed) ? packed : inTables(task, manner, packed);
}

interface Task {
  readonly space: Space;
  /** Without conflicts. */
  readonly root: Node;
  readonly findRules: FindRules | undefined;
  /** The programs that were made so far. */
  readonly made: Made[];
}

function hasRoom({ length }: Program): boolean {
  return length <= BPF_MAXINSNS;
}

/** Longer chains save cuts, and jumps that are far: seen to save a fifth. Of a program that is longer they save too little. */
const MOST_WITH_CHAINS = 2 * BPF_MAXINSNS;

/** Makes a program shorter that is too long for any kernel, if it can become short enough. Its calls then take more steps. */
function makeRoom(task: Task, manner: Manner, program: Program): Program {
  if (program.length > MOST_WITH_CHAINS) return program;
  const chained = { ...manner, longestChain: Number.POSITIVE_INFINITY };
  const plain = attempt(task, chained, SHARE_OF_SEARCH * workLeft(task.space.work));
  const short = shorterProgram(program, plain);
  return hasRoom(short) ? short : shorten(task, chained, short);
}

/** The longest program that is tried with packed constants, in instructions. Longer ones would take time and not fit. */
const MOST_PACKED = 4 * BPF_MAXINSNS;

/** The shortest program with packed constants, or the one that is known. */
function shortestPacked({ made }: Task, known: Program): Program {
  return made
    .filter(({ program }) => program.length <= MOST_PACKED)
    .reduce((best, { pack }) => shorterProgram(best, pack()), known);
}

/** Of their own: the searches before may have used all. */
const STEPS_OF_TABLES = 12_000_000;

/** The program with constants of rules in tables, if that is shorter. */
function inTables(task: Task, manner: Manner, known: Program): Program {
  if (task.findRules === undefined || known.length > MOST_PACKED) return known;
  const tables = { ...manner, findRules: task.findRules, fold: true, asTables: true };
  return askWithin(task.space.work, STEPS_OF_TABLES, () =>
    shorterProgram(known, attempt(task, tables, STEPS_OF_TABLES)),
  );
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

/** Of the steps that are left, a search for other orders of words may take this part. */
const SHARE_OF_SEARCH = 0.5;
/** The steps of a search, whatever it may save. */
const STEPS_OF_SEARCH = 1_000_000;
/** The steps of a search for each test that the program repeats: a shorter one may have it once. */
const STEPS_A_REPEAT = 32_768;

/** Shorter programs use no scratch memory: they are simple, and there is room for them. */
const LONG_PROGRAM = 1024;

/** Tries other manners: other orders of words, and for a long program one word for each argument. */
function shorten(task: Task, manner: Manner, program: Program): Program {
  const { work } = task.space;
  let shortest = program;
  const tryManner = (how: Partial<Manner>): void => {
    const part = SHARE_OF_SEARCH * workLeft(work);
    const most = program.length > LONG_PROGRAM ? Math.min(part, stepsWorth(shortest)) : part;
    // What is shorter for one part may be longer for all, which share code.
    shortest = shorterProgram(shortest, attempt(task, { ...manner, ...how }, most));
  };
  // Where no upper half is asked, nothing is folded, and the steps are the other search's.
  if (program.length > LONG_PROGRAM && asksUpperHalf(task.space, program, manner.endian))
    tryManner({ fold: true });
  if (!hasRoom(shortest) && task.findRules !== undefined) {
    tryManner({ fold: true, findRules: task.findRules });
  }
  tryManner({ tryOrders: true });
  return shortest;
}

function asksUpperHalf(space: Space, program: Program, endian: Endian): boolean {
  const upper = new Set(space.order.map((index) => offsetOf(space, highHalf(space, index), endian)));
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
function attempt({ space, root, made }: Task, manner: Manner, most: number): Program | undefined {
  const room = openRoom(space);
  try {
    const own = askPart(space.work, most, () => makeProgram(space, root, manner));
    made.push(own);
    return own.program;
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
