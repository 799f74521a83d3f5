/**
 * From a program to a decision, by symbolic execution.
 *
 * Jumps only lead forward. So a first pass, from the first instruction to the last, finds the states in which each instruction
 * can be reached: what those registers hold that are still read. A second pass, backwards, makes one diagram for each state: it
 * joins the diagrams of both branches by the condition. The result is exact. If the program computes something that is not
 * followed, only the calls that get there have the outcome `undecided`.
 *
 * A run of tests of one loaded word is one step, which splits the word's values into intervals (word-regions.ts). Filters use
 * most of their instructions to find one number among hundreds.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { SECCOMP_DATA_SIZE } from '../abi/seccomp-data.ts';
import { BPF_ST, type Program, type SockFilter } from '../bpf/program.ts';
import { OciSeccompError } from '../errors.ts';
import { certainResult, testWord, type WordTest } from './condition-diagrams.ts';
import { type Field, fieldAt } from './diagram-variables.ts';
import {
  commonKnown,
  type KnownBits,
  knownOfRange,
  knownOfTest,
  NOTHING_KNOWN,
  withKnown,
} from './known-bits.ts';
import { firstOpen, reachedFrom } from './known-start.ts';
import { openRoom } from './node-room.ts';
import { countStep, FALSE, leaf, type Node, type Space, TRUE, tooComplex, wordLeaf } from './space.ts';
import { type BitsWord, constant, isMasked, isPlain, keyOf, type SymbolicWord } from './symbolic.ts';
import { conditionOf } from './symbolic-condition.ts';
import {
  execute,
  liveRegisters,
  liveState,
  type MachineState,
  machineIn,
  NO_REGISTERS,
  readsAccumulator,
  type SymbolicRegisters,
  stateKey,
} from './symbolic-registers.ts';
import { makeDiagrams, nodeOf, type Step, type Visit } from './visited-diagrams.ts';
import { type Region, splitRegion, type Tests, testsOf } from './word-regions.ts';

interface Walk {
  readonly space: Space;
  readonly program: Program;
  readonly endian: Endian;
  readonly values: ReadonlyMap<Field, number>;
  readonly live: readonly number[];
  readonly tests: Tests;
  /** By instruction. */
  readonly visits: (Visit[] | undefined)[];
  /** The visits with registers that are still read, by instruction and state. */
  readonly known: Map<string, Visit>;
  /** By the word and the instruction at which they start. */
  readonly regions: Map<string, Region | undefined>;
  visitCount: number;
  wayCount: number;
}

const MAX_VISITS = 100_000;
const MAX_WAYS = 2_000_000;
/** To find a state among those that are known takes as long as so many steps, and as one more for each cell of scratch memory. */
const STEPS_A_STATE = 8;
const NOTHING_GIVEN: ReadonlyMap<Field, number> = new Map();
const NONE: readonly Visit[] = [];

/** Decides the answer of a program to every call. */
export function decideProgram(
  space: Space,
  program: Program,
  endian: Endian,
  values: ReadonlyMap<Field, number> = NOTHING_GIVEN,
): Node {
  const room = openRoom(space);
  const start = firstOpen(space, program, endian, values);
  const reached = reachedFrom(program, start.at);
  const walk: Walk = {
    space,
    program,
    endian,
    values,
    live: liveRegisters(program, reached),
    tests: testsOf(program),
    visits: new Array(program.length),
    known: new Map(),
    regions: new Map(),
    visitCount: 0,
    wayCount: 0,
  };
  const first = visit(walk, start.at, { ...NO_REGISTERS, a: constant(start.a) }, NOTHING_KNOWN);
  for (let next = 0; next < reached.length; next++) {
    for (const each of walk.visits[reached[next] ?? 0] ?? NONE) each.step = follow(walk, each);
  }
  makeDiagrams(walk.visits, room);
  return nodeOf(first);
}

/** The visit of an instruction in a state, made if it is a new one. */
function visit(walk: Walk, at: number, machine: MachineState, known: KnownBits): Visit {
  const live = walk.live[at];
  if (live === undefined || at >= walk.program.length) {
    throw new OciSeccompError('ERR_BPF_INVALID', `a jump leads past the last instruction, to ${at}`);
  }
  if (live === 0) {
    const found = walk.visits[at]?.[0];
    return found === undefined ? addVisit(walk, { at, state: NO_REGISTERS, known }) : joined(found, known);
  }
  const state = liveState(machine, live);
  countStep(walk.space, STEPS_A_STATE + state.memory.length);
  const key = `${at} ${stateKey(state)}`;
  const found = walk.known.get(key);
  if (found !== undefined) return joined(found, known);
  const made = addVisit(walk, { at, state, known });
  walk.known.set(key, made);
  return made;
}

function joined(found: Visit, known: KnownBits): Visit {
  found.known = commonKnown(found.known, known);
  return found;
}

function addVisit(walk: Walk, made: Visit): Visit {
  if (++walk.visitCount > MAX_VISITS) throw tooComplex(`more than ${MAX_VISITS} states of the registers`);
  const visits = walk.visits[made.at];
  if (visits === undefined) walk.visits[made.at] = [made];
  else visits.push(made);
  return made;
}

/** Executes from a visit to the next decision. */
function follow(walk: Walk, { at: start, state, known }: Visit): Step {
  const machine = machineIn(state);
  let at = start;
  for (;;) {
    countStep(walk.space);
    const instruction = walk.program[at];
    if (instruction === undefined) throw new OciSeccompError('ERR_BPF_INVALID', 'the program does not end');
    const { code, k } = instruction;
    switch (code & 0x07) {
      case 0x05: {
        if (code === 0x05) at += 1 + k;
        else {
          const decided = branch(walk, at, instruction, machine, known);
          if (typeof decided !== 'number') return decided;
          at = decided;
        }
        break;
      }
      case 0x06: {
        if ((code & 0x18) !== 0x10) return { kind: 'leaf', node: wordLeaf(walk.space, k) };
        return { kind: 'value', word: machine.a, at };
      }
      default: {
        const divisor = code === ALU_DIV_X ? machine.x : undefined;
        if (!execute(walk, at, instruction, machine)) {
          return { kind: 'leaf', node: wordLeaf(walk.space, DIVIDED_BY_ZERO) };
        }
        if (divisor !== undefined && divisor.kind !== 'constant') {
          return division(walk, at, divisor, machine, known);
        }
        // Most words are tested once, and what is known of them is nothing.
        if (known.length > 0 && (code & 0x07) === 0x00) machine.a = ifKnown(machine.a, known);
        at += 1;
      }
    }
  }
}

/** A loaded word whose bits were all tested is a constant. */
function ifKnown(word: SymbolicWord, known: KnownBits): SymbolicWord {
  if (word.kind !== 'bits' || !isPlain(word)) return word;
  const bits = known.find(({ field }) => field === word.field);
  return bits?.mask === ALL_BITS ? constant(bits.value) : word;
}

const ALL_BITS = -1;
const ALU_DIV_X = 0x3c;
/** The kernel ends a program that divides by 0 with this return word. */
const DIVIDED_BY_ZERO = 0;

/** A division by a word that depends on the call: the program returns 0 where the word is 0, and goes on elsewhere. */
function division(
  walk: Walk,
  at: number,
  divisor: SymbolicWord,
  machine: SymbolicRegisters,
  known: KnownBits,
): Step {
  const { space } = walk;
  if (divisor.kind !== 'bits') return undecided(space, at);
  const taken: Visit = { at, state: NO_REGISTERS, known, node: wordLeaf(space, DIVIDED_BY_ZERO) };
  const condition = testWord(space, divisor, 'eq', 0);
  return { kind: 'branch', condition, taken, skipped: visit(walk, at + 1, machine, known) };
}

const wordTests: Readonly<Record<number, WordTest>> = { 16: 'eq', 32: 'gt', 48: 'ge', 64: 'set' };

/** The result of a conditional jump: a step, or the next instruction if only one way is possible. */
function branch(
  walk: Walk,
  at: number,
  { code, jt, jf, k }: SockFilter,
  machine: SymbolicRegisters,
  known: KnownBits,
): Step | number {
  const { space } = walk;
  const { a } = machine;
  const operand = (code & 0x08) === 0 ? constant(k) : machine.x;
  const test = wordTests[code & 0xf0];
  if (jt === jf) return at + 1 + jt;
  if (test === undefined || a.kind === 'unknown' || operand.kind === 'unknown') return undecided(space, at);
  if (a.kind === 'bits' && operand.kind === 'constant') {
    const isWhole = isPlain(a) || (isMasked(a) && isTest(walk.program[at + 1 + jf]));
    const region = isWhole ? regionStep(walk, at, a, machine, known) : undefined;
    return region ?? testStep(walk, at, { word: a, test, operand: operand.value }, machine, known);
  }
  const condition = conditionOf(space, a, test, operand);
  if (condition === undefined) return undecided(space, at);
  const taken = at + 1 + jt;
  const skipped = at + 1 + jf;
  if (condition === FALSE) return skipped;
  if (condition === TRUE) return taken;
  return {
    kind: 'branch',
    condition,
    taken: visit(walk, taken, machine, known),
    skipped: visit(walk, skipped, machine, known),
  };
}

/** A test of a word with a constant. Its diagram is made from those of both ways, without a diagram of the condition. */
function testStep(
  walk: Walk,
  at: number,
  tested: { readonly word: BitsWord; readonly test: WordTest; readonly operand: number },
  machine: SymbolicRegisters,
  known: KnownBits,
): Step | number {
  const { jt, jf } = walk.program[at] as SockFilter;
  const taken = at + 1 + jt;
  const skipped = at + 1 + jf;
  const { word, test, operand } = tested;
  const certain = certainResult(word, test, operand);
  if (certain !== undefined) return certain ? taken : skipped;
  const after = (holds: boolean): KnownBits => {
    const learned = knownOfTest(word, test, operand, holds);
    return learned === undefined ? known : withKnown(known, learned);
  };
  return {
    ...{ kind: 'test', ...tested },
    taken: visit(walk, taken, test === 'eq' ? { ...machine, a: constant(operand) } : machine, after(true)),
    skipped: visit(walk, skipped, machine, after(false)),
  };
}

/** Whether more tests of the same word follow: then they are one step. */
function isTest(instruction: SockFilter | undefined): boolean {
  return instruction !== undefined && (instruction.code & 0x07) === 0x05;
}

const WHOLE_WORD = [0, 0xffff_ffff] as const;

function regionStep(
  walk: Walk,
  at: number,
  word: BitsWord,
  machine: SymbolicRegisters,
  known: KnownBits,
): Step | undefined {
  const { tests, endian, space, regions } = walk;
  const { field, mask } = word;
  const name = `${keyOf(word)} ${at}`;
  if (!regions.has(name)) {
    const count = (work: number): void => countStep(space, work);
    // A load brings the whole word.
    const offset = isPlain(word) ? fieldOffset(space, field, endian) : undefined;
    const readsWord = (target: number): boolean => readsAccumulator(walk.live[target]);
    regions.set(name, splitRegion({ tests, start: at, offset, count, readsWord }));
  }
  const region = regions.get(name);
  if (region === undefined) return undefined;
  const { targets, hulls } = region;
  countStep(space, targets.length);
  walk.wayCount += targets.length;
  if (walk.wayCount > MAX_WAYS) throw tooComplex('too many ways through the program');
  const ways = targets.map((target, way) => {
    const [from, to] = hulls[way] ?? WHOLE_WORD;
    const isKept = from === to && isPlain(word) && walk.program[target]?.code === BPF_ST;
    const state = isKept ? { ...machine, a: constant(from) } : machine;
    return visit(walk, target, state, withKnown(known, knownOfRange({ field, mask }, from, to)));
  });
  return { kind: 'region', field, mask, region, ways };
}

function fieldOffset(space: Space, field: Field, endian: Endian): number {
  for (let offset = 0; offset < SECCOMP_DATA_SIZE; offset += 4) {
    if (fieldAt(space, offset, endian) === field) return offset;
  }
  throw new RangeError(`no word ${field}`);
}

function undecided(space: Space, instruction: number): Step {
  const reason = 'it tests, or divides by, a word whose computation is not followed';
  return { kind: 'leaf', node: leaf(space, { kind: 'undecided', instruction, reason }) };
}
