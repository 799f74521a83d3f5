/**
 * Several filters of a task, of which what some answer is not known: together they answer what the kernel would for
 * every word that these could be. The kernel's choice is written down here from seccomp(2): of what the filters return
 * the action that comes first in its list counts, and among equals the filter that was installed last.
 *
 * That the choice is the live kernel's for known words is tested in test/oracle/filters-together.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { strictestOf } from '../../src/decision/relate.ts';
import { createSpace, leaf, type Outcome, outcomeAt } from '../../src/decision/space.ts';

const KILL_PROCESS = 0x8000_0000;
/** Data of several kinds, and words without an action from the gaps between. */
const words = [
  KILL_PROCESS,
  0x8000_0005,
  0x9000_0000,
  0xffff_0000,
  0x0000_0000,
  0x0003_0000,
  0x0003_0007,
  0x0004_0000,
  0x0005_0001,
  0x0005_0002,
  0x7fc0_0000,
  0x7ff0_0001,
  0x7ffc_0000,
  0x7fff_0000,
];

/** As the kernel compares the upper halves: as signed numbers. */
const rank = (word: number): number => (word & 0xffff_0000) | 0;

/** The oldest filter first. The kernel starts with the newest, and an older one has to be lower to win. */
function chosen(answers: readonly number[]): number {
  return answers.toReversed().reduce((best, word) => (rank(word) < rank(best) ? word : best));
}

/** All that the filters may answer together. */
function possible(filters: readonly Outcome[]): ReadonlySet<number> {
  const answers = filters.map((outcome) => {
    if (outcome.kind === 'word') return [outcome.word];
    return outcome.kind === 'conflict' ? outcome.words : words;
  });
  const tuples = answers.reduce<readonly (readonly number[])[]>(
    (all, own) => all.flatMap((tuple) => own.map((word) => [...tuple, word])),
    [[]],
  );
  return new Set(tuples.map(chosen));
}

const outcomes: readonly Outcome[] = [
  ...words.map((word): Outcome => ({ kind: 'word', word })),
  { kind: 'conflict', words: [0x0000_0000, 0x7fff_0000] },
  { kind: 'conflict', words: [0x0005_0001, 0x0005_0002] },
  { kind: 'conflict', words: [0x0003_0007, 0x0004_0000, 0x7ffc_0000] },
  { kind: 'undecided', instruction: 3, reason: 'made up' },
];

function together(filters: readonly Outcome[]): Outcome {
  const space = createSpace();
  const roots = filters.map((outcome) => leaf(space, outcome));
  return outcomeAt(space, strictestOf(space, roots));
}

const text = (filters: readonly Outcome[]): string => JSON.stringify(filters);

describe('filters together', () => {
  it.each([2, 3])('answer what the kernel may choose: %i of them', (count) => {
    const lists = Array.from({ length: count }).reduce<readonly (readonly Outcome[])[]>(
      (all) => all.flatMap((list) => outcomes.map((outcome) => [...list, outcome])),
      [[]],
    );
    for (const list of lists) {
      const found = together(list);
      const may = possible(list);
      if (found.kind === 'undecided') {
        // Nothing is lower than KILL_PROCESS: one that certainly says it decides.
        const isKilled = list.some((each) => each.kind === 'word' && rank(each.word) === rank(KILL_PROCESS));
        expect(isKilled, text(list)).toBe(false);
        expect(list.some(({ kind }) => kind === 'undecided')).toBe(true);
      } else if (list.some(({ kind }) => kind === 'undecided')) {
        // The data of KILL_PROCESS may be the other's; the kernel ignores it.
        expect([...may].map(rank), text(list)).toEqual([...may].map(() => rank(KILL_PROCESS)));
        expect(found.kind === 'word' && rank(found.word), text(list)).toBe(rank(KILL_PROCESS));
      } else {
        const told = found.kind === 'word' ? [found.word] : found.kind === 'conflict' ? found.words : [];
        expect(new Set(told), text(list)).toEqual(may);
      }
    }
  });
});
