/**
 * Runs of tests of one word, split by the word's values.
 * @module
 */
import {
  BPF_ALU_AND_K,
  BPF_CLASS,
  BPF_JMP,
  BPF_JMP_JA,
  BPF_JMP_JEQ_K,
  BPF_JMP_JGE_K,
  BPF_JMP_JGT_K,
  BPF_JMP_JSET_K,
  BPF_LD_W_ABS,
  BPF_RET,
  type Program,
  type SockFilter,
} from '../bpf/program.ts';

/**
 * Values here have this bit flipped, so that they compare as signed numbers. V8 would make objects of larger numbers, in code
 * that it has not optimized.
 */
const SIGN = 0x8000_0000;
const LEAST = -0x8000_0000;
const GREATEST = 0x7fff_ffff;

/** How many blocks of values one `jset` may make. For more blocks, a diagram of the bits is smaller. */
const MAX_BLOCKS = 8;
/**
 * How many parts of the values are followed behind an `and` in a program: the numbers of x32 are two. All other tests behind one are a
 * run of their own, which is followed once, however many runs lead there.
 */
const MAX_MASKED = 16;
/** After so many tests in a row, the value is looked up in a table of the row's `jeq`. */
const MANY_TESTS = 32;
/** The number of tests that count as a step of work. */
const TESTS_A_STEP = 8;

/** The ways out of a run of tests. */
export interface Region {
  /** Instructions, each once. */
  readonly targets: readonly number[];
  /** For each target, the first and the last value that goes there. */
  readonly hulls: readonly (readonly [number, number])[];
  /** All values of the word in parts, ascending: the last value of each. */
  readonly ends: readonly number[];
  /** For each part, an index into {@link Region.targets}; neighbours differ. */
  readonly ways: readonly number[];
}

/** A program, and facts about its tests that are computed on first use. */
export interface Tests {
  readonly program: Program;
  /** By instruction, how many ways lead there. */
  entries?: readonly number[];
  /** By instruction, the length of the row of `jeq` that starts there: each is reached if the one before fails. */
  lengths?: readonly number[];
  /** By the first instruction. */
  readonly rows: Map<number, Row>;
  /** How many parts of values were followed behind an `and`. */
  masked: number;
}

/** A row of `jeq`. */
interface Row {
  /** The values that they test for, ascending. */
  readonly found: Int32Array;
  /** Where each of them leads. */
  readonly targets: readonly number[];
  /** Where all others lead. */
  readonly end: number;
}

export function testsOf(program: Program): Tests {
  return { program, rows: new Map(), masked: 0 };
}

/** Where a run of tests starts, and in which program. */
interface RegionStart {
  readonly tests: Tests;
  /** A conditional jump that leads to two instructions, the accumulator holding the word. */
  readonly start: number;
  /** The word's offset in seccomp_data; `undefined` if no load brings this word. */
  readonly offset: number | undefined;
  /** Called with the amount of work, for the budget. */
  readonly count: (work: number) => void;
  /** Whether the accumulator is read at an instruction, or behind it, before something else is loaded. */
  readonly readsWord: (at: number) => boolean;
  /** By instruction, how many ways of the run lead there; made on use. */
  arrivals?: readonly number[];
  /** Whether the run is one behind an `and` in another. */
  readonly isMasked?: boolean;
}

/**
 * The values `from` to `to` that are followed, and larger ones that wait at an instruction. Each waiting range has its last value,
 * and starts where the one before ends.
 */
interface Values {
  from: number;
  to: number;
  readonly waitingAt: number[];
  readonly waitingTo: number[];
}

/**
 * Follows all values of a word through jumps that compare it with constants, through `ja`, and through loads of the same word,
 * until they reach another instruction. A load that is also reached from elsewhere ends the run. Its tests are then a run of their
 * own, which is followed once.
 *
 * Neighbouring values that go the same way are followed together. If a test separates them, the larger ones wait. So parts end in
 * ascending order, and need no sorting.
 *
 * @param first - the first of the values, with its highest bit flipped
 * @param last - as `first`
 * @returns `undefined` if the first test does not split by intervals
 */
export function splitRegion(run: RegionStart, first = LEAST, last = GREATEST): Region | undefined {
  const { tests, start, count } = run;
  const { program } = tests;
  const exits: Exits = { targets: [], firsts: [], lasts: [], ends: [], ways: [], wayOf: new Map() };
  const values: Values = { from: first, to: last, waitingAt: [start], waitingTo: [last] };
  let work = 0;
  for (let at = values.waitingAt.pop(); at !== undefined; at = values.waitingAt.pop()) {
    values.to = values.waitingTo.pop() ?? last;
    let followed = 0;
    for (let next = at; next >= 0; followed += 1) {
      at = next;
      const row = followed > MANY_TESTS ? rowAt(tests, at) : undefined;
      next = row === undefined ? follow(program[at], at, values, run) : lookUp(row, values);
    }
    if (at === start) return undefined;
    const isAnd = program[at]?.code === BPF_ALU_AND_K;
    if (!isAnd || !leaveMasked(exits, at, values, run)) leave(exits, at, values.from, values.to);
    values.from = values.to + 1;
    work += followed;
  }
  count(1 + Math.floor(work / TESTS_A_STEP));
  return regionOf(exits);
}

/**
 * Follows the values behind an `and`, if it clears bits that all of them have alike: each value then becomes less by the same
 * number. So x32's numbers are told apart without the bit that they have in common, by the tests of x86_64's numbers.
 *
 * @returns whether they left the run
 */
function leaveMasked(exits: Exits, at: number, { from, to }: Values, run: RegionStart): boolean {
  const { isMasked, tests, readsWord } = run;
  const cleared = ~(tests.program[at]?.k ?? 0);
  if (isMasked || tests.masked === MAX_MASKED || (from ^ to) >>> 0 >= lowestBit(cleared)) return false;
  tests.masked += 1;
  const less = ((from ^ SIGN) & cleared) >>> 0;
  const behind: RegionStart = { ...run, start: at + 1, offset: undefined, isMasked: true };
  const region = splitRegion(behind, from - less, to - less);
  // The word as a whole is what the accumulator holds elsewhere.
  if (region === undefined || region.targets.some(readsWord)) return false;
  const { targets, ends, ways } = region;
  let next = from;
  for (let part = 0; part < ends.length; part += 1) {
    const end = ((ends[part] ?? 0) ^ SIGN) + less;
    leave(exits, targets[ways[part] ?? 0] ?? at, next, end);
    next = end + 1;
  }
  return true;
}

/** Where the run ends. */
const NOWHERE = -1;

/**
 * Follows the smallest of the values through an instruction, with those that go the same way; the others wait.
 *
 * @returns an instruction, or {@link NOWHERE}
 */
function follow(test: SockFilter | undefined, at: number, values: Values, run: RegionStart): number {
  if (test === undefined) return NOWHERE;
  const { code, jt, jf, k } = test;
  const yes = at + 1 + jt;
  const no = at + 1 + jf;
  switch (code) {
    case BPF_JMP_JEQ_K:
      return pick(values, k ^ SIGN, yes, no);
    case BPF_JMP_JGT_K:
      return cut(values, (k ^ SIGN) + 1, yes, no);
    case BPF_JMP_JGE_K:
      return cut(values, k ^ SIGN, yes, no);
    case BPF_JMP_JA:
      return at + 1 + k;
    case BPF_JMP_JSET_K:
      return isSplit(test) ? (testBits(values, at, k) ? yes : no) : NOWHERE;
    case BPF_LD_W_ABS:
      return k === run.offset && goesThrough(run, at) ? at + 1 : NOWHERE;
    default:
      return NOWHERE;
  }
}

/** Lets the values above `to` wait at an instruction. */
function wait(values: Values, at: number, to: number): void {
  values.waitingAt.push(at);
  values.waitingTo.push(values.to);
  values.to = to;
}

/** One value leads to `yes`, all others to `no`. */
function pick(values: Values, value: number, yes: number, no: number): number {
  if (value < values.from || value > values.to) return no;
  if (value < values.to) wait(values, no, value);
  if (value === values.from) return yes;
  wait(values, yes, value - 1);
  return no;
}

/** Values from `first` on lead to `yes`, smaller ones to `no`. */
function cut(values: Values, first: number, yes: number, no: number): number {
  if (first > values.to) return no;
  if (first <= values.from) return yes;
  wait(values, yes, first - 1);
  return no;
}

/** Whether the first block of values with equal high bits has a bit of k. The other blocks wait at the same test. */
function testBits(values: Values, at: number, k: number): boolean {
  if (k === 0) return false;
  const first = values.from ^ SIGN;
  const last = (first | (lowestBit(k) - 1)) ^ SIGN;
  if (last < values.to) wait(values, at, last);
  return (first & k) !== 0;
}

/** As {@link follow}, through a whole row. */
function lookUp({ found, targets, end }: Row, values: Values): number {
  let at = 0;
  for (let after = found.length; at < after; ) {
    const middle = (at + after) >>> 1;
    if ((found[middle] ?? 0) <= values.to) at = middle + 1;
    else after = middle;
  }
  for (at -= 1; at >= 0 && (found[at] ?? 0) >= values.from; at -= 1) {
    const next = pick(values, found[at] ?? 0, targets[at] ?? end, end);
    if (next !== end) return next;
  }
  return end;
}

/** The row of `jeq` that starts at an instruction, of those that are kept. */
function rowAt(tests: Tests, start: number): Row | undefined {
  tests.lengths ??= rowLengths(tests.program);
  const length = tests.lengths[start] ?? 0;
  // Rows that overlap share most of their tests. So a row is kept only at every 32nd test; those before it lead to one.
  if (length === 0 || length % MANY_TESTS !== 0) return undefined;
  const known = tests.rows.get(start);
  if (known !== undefined) return known;
  const row = readRow(tests.program, start);
  tests.rows.set(start, row);
  return row;
}

function rowLengths(program: Program): readonly number[] {
  const lengths: number[] = new Array(program.length).fill(0);
  for (let at = program.length - 1; at >= 0; at -= 1) {
    const { code, jf } = program[at] as SockFilter;
    if (code === BPF_JMP_JEQ_K) lengths[at] = 1 + (lengths[at + 1 + jf] ?? 0);
  }
  return lengths;
}

function readRow(program: Program, start: number): Row {
  const byValue = new Map<number, number>();
  let at = start;
  for (let test = program[at]; test?.code === BPF_JMP_JEQ_K; test = program[at]) {
    const value = test.k ^ SIGN;
    // The first test for a value decides.
    if (!byValue.has(value)) byValue.set(value, at + 1 + test.jt);
    at += 1 + test.jf;
  }
  const found = Int32Array.from(byValue.keys()).sort();
  return { found, targets: Array.from(found, (value) => byValue.get(value) ?? at), end: at };
}

/** Whether a run goes on through a load of the same word: only if no way leads to the load from elsewhere. */
function goesThrough(run: RegionStart, load: number): boolean {
  run.tests.entries ??= countEntries(run.tests.program);
  const entries = run.tests.entries[load] ?? 0;
  if (entries > 1) run.arrivals ??= countArrivals(run, run.tests.entries);
  return entries === 1 || run.arrivals?.[load] === entries;
}

/** How many ways of a run lead to each instruction. */
function countArrivals(
  { tests, start, offset, count }: RegionStart,
  entries: readonly number[],
): readonly number[] {
  const arrivals: number[] = [];
  arrivals[start] = 1;
  let last = start;
  for (let at = start; at <= last; at += 1) {
    const test = tests.program[at];
    const arrived = arrivals[at];
    if (test === undefined || arrived === undefined) continue;
    if (test.code === BPF_LD_W_ABS ? test.k === offset && arrived === entries[at] : isSplit(test))
      last = Math.max(last, countWays(test, at, arrivals));
  }
  count(Math.floor((last - start) / TESTS_A_STEP));
  return arrivals;
}

/** How many ways lead to each instruction. */
function countEntries(program: Program): readonly number[] {
  const entries: number[] = new Array(program.length).fill(0);
  for (let at = 0; at < program.length; at += 1) countWays(program[at] as SockFilter, at, entries);
  return entries;
}

/** Adds the ways out of an instruction to the counts. @returns the last instruction that one leads to */
function countWays({ code, jt, jf, k }: SockFilter, at: number, counts: number[]): number {
  if ((code & BPF_CLASS) === BPF_RET) return at;
  if ((code & BPF_CLASS) !== BPF_JMP || code === BPF_JMP_JA) {
    const next = code === BPF_JMP_JA ? at + 1 + k : at + 1;
    counts[next] = (counts[next] ?? 0) + 1;
    return next;
  }
  const yes = at + 1 + jt;
  const no = at + 1 + jf;
  counts[yes] = (counts[yes] ?? 0) + 1;
  counts[no] = (counts[no] ?? 0) + 1;
  return Math.max(yes, no);
}

/** As the members of {@link Region}; firsts and lasts by target. */
interface Exits {
  readonly targets: number[];
  readonly firsts: number[];
  readonly lasts: number[];
  readonly ends: number[];
  readonly ways: number[];
  readonly wayOf: Map<number, number>;
}

/** The values leave the run at an instruction. */
function leave(exits: Exits, target: number, from: number, to: number): void {
  const { targets, firsts, lasts, ends, ways, wayOf } = exits;
  let way = wayOf.get(target);
  if (way === undefined) {
    way = targets.length;
    wayOf.set(target, way);
    targets.push(target);
    firsts.push(from);
  }
  lasts[way] = to;
  if (ways[ways.length - 1] === way) ends[ends.length - 1] = unsigned(to);
  else {
    ends.push(unsigned(to));
    ways.push(way);
  }
}

function regionOf({ targets, firsts, lasts, ends, ways }: Exits): Region {
  const hulls = firsts.map((first, way) => [unsigned(first), unsigned(lasts[way] ?? GREATEST)] as const);
  return { targets, hulls, ends, ways };
}

function unsigned(value: number): number {
  return (value ^ SIGN) >>> 0;
}

/** Whether a jump parts the values into few intervals. */
function isSplit({ code, k }: SockFilter): boolean {
  if (code === BPF_JMP_JSET_K) return k === 0 || 2 ** 32 / lowestBit(k) <= MAX_BLOCKS;
  return code === BPF_JMP_JEQ_K || code === BPF_JMP_JGT_K || code === BPF_JMP_JGE_K || code === BPF_JMP_JA;
}

function lowestBit(k: number): number {
  return (k & -k) >>> 0;
}
