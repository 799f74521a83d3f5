import { describe, expect, it } from 'vitest';
import { fromRuns, type Runs } from '../../src/decision/condition-diagrams.ts';
import { FIELD_NR, lowHalf } from '../../src/decision/diagram-variables.ts';
import { clearRoom, openRoom } from '../../src/decision/node-room.ts';
import { createSpace, type Node, type Space, wordLeaf } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { askPart } from '../../src/decision/work.ts';

const COUNT = 40;
const ends = Array.from({ length: COUNT }, (_, at) => (at === COUNT - 1 ? 0xffff_ffff : 3 * at));

/** What holds for the values that end at `ends`: words from `first` on. */
function runsFrom(space: Space, first: number): Runs {
  return { ends: [...ends], nodes: ends.map((_, at) => wordLeaf(space, first + at)) };
}

/** The words that a diagram says for the last values of all runs. */
function wordsAt(space: Space, node: Node, word: 'nr' | 'argument'): readonly unknown[] {
  return ends.map((value) => wordAt(space, node, word, value));
}

function wordAt(space: Space, node: Node, word: 'nr' | 'argument', value: number): unknown {
  const args = [word === 'argument' ? BigInt(value) : 0n, 0n, 0n, 0n, 0n, 0n] as const;
  const nr = word === 'nr' ? value | 0 : 0;
  const outcome = evaluate(space, node, { nr, arch: 0, instructionPointer: 0n, args });
  return outcome.kind === 'word' ? outcome.word : outcome;
}

const wordsFrom = (first: number): readonly number[] => ends.map((_, at) => first + at);

describe('runs of a word that were joined before', () => {
  it('are the same node, and others are not', () => {
    const space = createSpace();
    const node = fromRuns(space, FIELD_NR, runsFrom(space, 100));
    const others = fromRuns(space, FIELD_NR, runsFrom(space, 200));
    const argument = fromRuns(space, lowHalf(space, 0), runsFrom(space, 100));
    const { steps } = space.work;
    expect(fromRuns(space, FIELD_NR, runsFrom(space, 100))).toBe(node);
    expect(space.work.steps).toBe(steps);
    expect(wordsAt(space, node, 'nr')).toEqual(wordsFrom(100));
    expect(wordsAt(space, others, 'nr')).toEqual(wordsFrom(200));
    expect(wordsAt(space, argument, 'argument')).toEqual(wordsFrom(100));
  });

  it('are not taken for runs that end elsewhere', () => {
    const space = createSpace();
    const { nodes } = runsFrom(space, 100);
    fromRuns(space, FIELD_NR, runsFrom(space, 100));
    const longer = fromRuns(space, FIELD_NR, {
      ends: ends.map((end, at) => (at === 7 ? end + 1 : end)),
      nodes,
    });
    expect(wordAt(space, longer, 'nr', 3 * 7 + 1)).toBe(107);
    expect(wordAt(space, longer, 'nr', 3 * 7 + 2)).toBe(108);
  });

  it('are not taken for those of a word without some of its bits, nor those for these', () => {
    const space = createSpace();
    const without = 0xffff_fffe;
    const evenOnly = fromRuns(space, FIELD_NR, runsFrom(space, 100), without);
    const whole = fromRuns(space, FIELD_NR, runsFrom(space, 100));
    expect(fromRuns(space, FIELD_NR, runsFrom(space, 100), without)).toBe(evenOnly);
    expect(wordAt(space, whole, 'nr', 22)).toBe(108);
    expect(wordAt(space, evenOnly, 'nr', 22)).toBe(108);
    expect(wordAt(space, whole, 'nr', 3)).toBe(101);
    expect(wordAt(space, evenOnly, 'nr', 1)).toBe(100);
    expect(wordAt(space, whole, 'nr', 1)).toBe(101);
  });

  it('are joined anew when there were too few steps for all', () => {
    const space = createSpace();
    const join = (): Node => fromRuns(space, FIELD_NR, runsFrom(space, 100));
    expect(() => askPart(space.work, 20, join)).toThrow('too complex');
    expect(wordsAt(space, join(), 'nr')).toEqual(wordsFrom(100));
  });

  it('are joined anew when nodes were moved', () => {
    const space = createSpace();
    for (const first of [100, 200]) runsFrom(space, first);
    const room = openRoom(space);
    fromRuns(space, FIELD_NR, runsFrom(space, 100));
    clearRoom(room, []);
    // Its nodes take the places of those that were freed.
    const { nodes } = runsFrom(space, 200);
    const fewer = { ends: [...ends.slice(0, 20), 0xffff_ffff], nodes: nodes.slice(0, 21) };
    for (const index of [0, 1, 2]) fromRuns(space, lowHalf(space, index), fewer);
    const again = fromRuns(space, FIELD_NR, runsFrom(space, 100));
    expect(wordsAt(space, again, 'nr')).toEqual(wordsFrom(100));
  });
});
