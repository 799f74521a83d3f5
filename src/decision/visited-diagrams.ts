/**
 * The diagrams of a program's visits, made backwards: the second pass of decide-program.ts.
 *
 * While they are made, the nodes that no visit needs any more are freed.
 * @module
 */
import { addRun, fromRuns, type Runs, testWord, type WordTest } from './condition-diagrams.ts';
import { type Field, WORD_BITS } from './diagram-variables.ts';
import { type KnownBits, skipKnown } from './known-bits.ts';
import { clearRoom, makeWithRoom, type Room } from './node-room.ts';
import { returnedWord } from './returned-word.ts';
import { countStep, FALSE, ifThenElse, type Node, type Space } from './space.ts';
import type { BitsWord, SymbolicWord } from './symbolic.ts';
import type { MachineState } from './symbolic-registers.ts';
import type { Region } from './word-regions.ts';

/** What an instruction in a state leads to. */
export type Step =
  | { readonly kind: 'leaf'; node: Node }
  | { readonly kind: 'value'; readonly word: SymbolicWord; readonly at: number }
  | { readonly kind: 'branch'; condition: Node; readonly taken: Visit; readonly skipped: Visit }
  | {
      readonly kind: 'test';
      readonly word: BitsWord;
      readonly test: WordTest;
      readonly operand: number;
      readonly taken: Visit;
      readonly skipped: Visit;
    }
  /** `ways` are those of the region's targets. */
  | {
      readonly kind: 'region';
      readonly field: Field;
      readonly mask: number;
      readonly region: Region;
      readonly ways: readonly Visit[];
    };

/** An instruction in a state. */
export interface Visit {
  readonly at: number;
  readonly state: MachineState;
  /** The bits that every way here has tested. For calls without these bits, the diagram may say anything. */
  known: KnownBits;
  step?: Step;
  node?: Node;
}

/**
 * Makes the diagrams of visits from the last instruction to the first, so that the ways out of a visit have theirs before it.
 *
 * @param visits - by instruction, all followed
 * @param room - opened before any node of theirs was made
 */
export function makeDiagrams(visits: readonly (readonly Visit[] | undefined)[], room: Room): void {
  const { space } = room;
  const toCome = visits.flatMap((each) => each ?? []);
  for (let each = toCome.at(-1); each !== undefined; each = toCome.at(-1)) {
    const visited = each;
    const clear = (): void => keepNeeded(room, toCome);
    visited.node = makeWithRoom(room, () => diagram(space, visited), clear);
    toCome.pop();
  }
}

function waysOf(step: Step | undefined): readonly Visit[] {
  if (step?.kind === 'branch' || step?.kind === 'test') return [step.taken, step.skipped];
  return step?.kind === 'region' ? step.ways : [];
}

/** Frees the nodes that no later visit needs. */
function keepNeeded(room: Room, toCome: readonly Visit[]): void {
  const made = new Set<Visit>();
  for (const { step } of toCome) {
    for (const way of waysOf(step)) if (way.node !== undefined) made.add(way);
  }
  const visits = [...made];
  const steps = toCome.flatMap(({ step }) => (step?.kind === 'leaf' || step?.kind === 'branch' ? step : []));
  const nodes = clearRoom(room, [
    ...visits.map(nodeOf),
    ...steps.map((step) => (step.kind === 'leaf' ? step.node : step.condition)),
  ]);
  for (const [i, each] of visits.entries()) each.node = nodes[i] ?? FALSE;
  for (const [i, step] of steps.entries()) {
    const node = nodes[visits.length + i] ?? FALSE;
    if (step.kind === 'leaf') step.node = node;
    else step.condition = node;
  }
}

const ALL_BITS = 0xffff_ffff;

/** The diagram of a visit whose successors, all further on, have theirs. */
function diagram(space: Space, { step, known }: Visit): Node {
  // The next instruction may be reached in other ways too, and then less is known there.
  const next = (visited: Visit): Node => skipKnown(space, nodeOf(visited), known);
  switch (step?.kind) {
    case 'leaf':
      return step.node;
    case 'value':
      return returnedWord(space, step.word, step.at);
    case 'branch':
      return ifThenElse(space, step.condition, next(step.taken), next(step.skipped));
    case 'test': {
      countStep(space, WORD_BITS);
      return testWord(space, step.word, step.test, step.operand, next(step.taken), next(step.skipped));
    }
    case 'region': {
      const nodes = step.ways.map(next);
      const { ends, ways } = step.region;
      const runs: Runs = { ends: [], nodes: [] };
      for (let at = 0; at < ends.length; at += 1)
        addRun(runs, ends[at] ?? ALL_BITS, nodes[ways[at] ?? 0] ?? FALSE);
      return fromRuns(space, step.field, runs, step.mask);
    }
    case undefined:
      throw new RangeError('an instruction was reached but not followed');
  }
}

/** The diagram of a visit, which was made. */
export function nodeOf({ node, at }: Visit): Node {
  if (node === undefined) throw new RangeError(`instruction ${at} has no diagram yet`);
  return node;
}
