/**
 * Tests of the system call number, the accumulator holding it.
 *
 * x86_64 shares its audit architecture with x32, whose numbers have bit 30; bit 31 may be anything in both. Three ways to
 * tell them apart are tried:
 *
 * - by intervals, as if the bit were any other;
 * - by the bit, behind the last of x86_64's numbers, where frequent calls do not pass: seen to be as short as the next way, and
 *   never shorter;
 * - by the bit, before all: then x32's numbers, without the bit, may be led into the tests of x86_64's.
 * @module
 */
import { X32_SYSCALL_BIT } from '../../abi/architectures.ts';
import { type Code, maskCode, testCode } from './code-graph.ts';
import type { Piece } from './segments.ts';
import { NO_TREES, offerTrees, type SharedTrees, shareTree } from './shared-trees.ts';
import { bitPlan, fewest, piecePlan, type WordPlan, type WordTask } from './word-code.ts';
import type { WordRun } from './word-runs.ts';

const BLOCK = X32_SYSCALL_BIT;
const OTHER_BITS = (0xffff_ffff - X32_SYSCALL_BIT) >>> 0;

/** A way to test the number, with the trees that others may be led into when it is taken. */
interface NumberPlan extends WordPlan {
  readonly plantShared: () => { readonly code: Code; readonly trees: SharedTrees };
}

interface NumberTask {
  readonly task: WordTask;
  readonly runs: readonly WordRun[];
  readonly trees: SharedTrees;
  /** Whether no code is made later that could be led into this. */
  readonly isLast: boolean;
  /** Whether code is what is decided after the number. */
  readonly isEnd: (code: Code) => boolean;
}

/** Makes the code for the number, and the trees that are known with it. */
export function numberCode(number: NumberTask): { readonly code: Code; readonly trees: SharedTrees } {
  const best = bestPlan(number);
  // No profile tests bits of numbers, but programs may.
  const bits = bitPlan(number.task, best.instructions - 1);
  return bits === undefined ? best.plantShared() : { code: bits.plant(), trees: number.trees };
}

function bestPlan(number: NumberTask): NumberPlan {
  const { runs } = number;
  const whole = (): NumberPlan =>
    planOf(
      number,
      runs.map((run) => pieceOf(number, run)),
    );
  const splits = runs.some(({ from }) => from >= BLOCK && from < 2 * BLOCK);
  if (!splits) return whole();
  const { plan: first, least } = bitFirst(number);
  if (least > first.instructions) return first;
  return fewest([whole(), bitLast(number), first]);
}

function pieceOf({ task }: NumberTask, run: WordRun, more: readonly Code[] = []): Piece {
  const { from, to } = run;
  return { from, to, codes: [task.codeOf(run.node), ...more], weight: task.weigh(from, to) };
}

function planOf(
  { task, trees, isEnd, isLast }: NumberTask,
  pieces: readonly Piece[],
  weigh = task.weigh,
): NumberPlan {
  const { instructions, plant } = piecePlan(task, offerTrees(trees, pieces, weigh));
  return {
    instructions,
    plant,
    plantShared: () => {
      const code = plant();
      return { code, trees: isLast ? trees : shareTree(trees, task.graph, code, isEnd) };
    },
  };
}

/** The values of one block of equal highest two bits. */
function inBlock(runs: readonly WordRun[], block: number): readonly WordRun[] {
  const [first, last] = [block * BLOCK, (block + 1) * BLOCK - 1];
  return runs
    .filter(({ from, to }) => from <= last && to >= first)
    .map(({ from, to, node }) => ({ from: Math.max(from, first), to: Math.min(to, last), node }));
}

/**
 * All pieces of a plan for every other block: no values of the others come.
 *
 * @param shift - taken from the values before they are tested and weighed
 */
function piecesOf(
  { task, runs }: NumberTask,
  asked: 'even' | 'odd',
  shift = 0,
  weigh = task.weigh,
): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let block = 0; block < 4; block += 1) {
    if ((block % 2 === 0) !== (asked === 'even')) {
      pieces.push(nothing(block));
      continue;
    }
    const first = block * BLOCK + shift;
    const last = first + BLOCK - 1;
    for (let at = 0; at < runs.length; at += 1) {
      const run = runs[at];
      if (run === undefined || run.from > last) break;
      if (run.to < first) continue;
      const from = (run.from > first ? run.from : first) - shift;
      const to = (run.to < last ? run.to : last) - shift;
      pieces.push({ from, to, codes: [task.codeOf(run.node)], weight: weigh(from, to) });
    }
  }
  return pieces;
}

function nothing(block: number): Piece {
  return { from: block * BLOCK, to: (block + 1) * BLOCK - 1, codes: undefined, weight: 0 };
}

function bitLast(number: NumberTask): NumberPlan {
  const { task, runs } = number;
  const fallback = inBlock(runs, 2).at(-1);
  if (fallback === undefined) throw new RangeError('the runs of a word are not all of its values');
  const high = highPlan(number);
  // The code behind the bit takes part in the plan, but no instruction of it may be in a tree that is offered.
  const rest = testCode(task.graph, 'set', X32_SYSCALL_BIT, high.plant(), task.codeOf(fallback.node));
  const pieces = [0, 1, 2, 3].flatMap((block): readonly Piece[] =>
    block % 2 === 1
      ? [{ ...nothing(block), codes: [rest] }]
      : inBlock(runs, block).map((run) => pieceOf(number, run, run.node === fallback.node ? [rest] : [])),
  );
  const low = planOf(number, pieces);
  return { ...low, instructions: low.instructions + 1 + high.instructions };
}

/** @returns `least`: what the other plans take at least */
function bitFirst(number: NumberTask): { readonly plan: NumberPlan; readonly least: number } {
  const { task } = number;
  // x32's numbers may be led into it.
  const low = planOf({ ...number, isLast: false }, piecesOf(number, 'even'));
  const planted = low.plantShared();
  const withoutBit = highWithoutBit({ ...number, trees: planted.trees });
  // Usually it is clear without a plan that the numbers as they are take more.
  const leastTests = leastAsItIs(number);
  const asTheyAre = leastTests > withoutBit.instructions + WITHOUT_CUTS + 1 ? undefined : highAsItIs(number);
  const high = asTheyAre === undefined ? withoutBit : fewest([asTheyAre, withoutBit]);
  const plant = (): Code => testCode(task.graph, 'set', X32_SYSCALL_BIT, high.plant(), planted.code);
  return {
    plan: {
      instructions: 1 + low.instructions + high.instructions,
      plant,
      plantShared: () => ({ code: plant(), trees: planted.trees }),
    },
    least: leastOfOthers(number, low, asTheyAre?.instructions ?? leastTests),
  };
}

/**
 * The least that plans take that do not ask the bit first. They cut both parts too, except for two cuts between blocks.
 *
 * @returns 0 where it is not known: trees that they are led into, or windows, make them shorter
 */
function leastOfOthers({ task, trees }: NumberTask, low: WordPlan, highTests: number): number {
  if (trees !== NO_TREES || task.windows !== undefined) return 0;
  return low.instructions + highTests - WITHOUT_CUTS;
}

/** Cuts between blocks, which a plan of all numbers may do without. */
const WITHOUT_CUTS = 2;

/** The numbers with the bit. */
function highPlan(number: NumberTask): WordPlan {
  return fewest([highAsItIs(number), highWithoutBit(number)]);
}

function highAsItIs(number: NumberTask): WordPlan {
  return planOf({ ...number, trees: NO_TREES }, piecesOf(number, 'odd'));
}

/**
 * The least tests that {@link highAsItIs} takes: a test ends two runs at most.
 *
 * @returns 0 where it is not known: a window parts more runs
 */
function leastAsItIs({ task, runs }: NumberTask): number {
  if (task.windows !== undefined) return 0;
  let ends = 0;
  for (const { from } of runs) if (from % BLOCK !== 0 && Math.floor(from / BLOCK) % 2 === 1) ends += 1;
  return Math.ceil(ends / 2);
}

/** Removing the bit takes one more instruction, but then they can jump into other code. */
function highWithoutBit(number: NumberTask): WordPlan {
  const { task } = number;
  const weigh = (from: number, to: number): number => task.weigh(from + BLOCK, to + BLOCK);
  const without = planOf(number, piecesOf(number, 'even', BLOCK, weigh), weigh);
  return {
    instructions: 1 + without.instructions,
    plant: () => maskCode(task.graph, OTHER_BITS, without.plant()),
  };
}
