import { describe, expect, it } from 'vitest';
import { listCalls } from '../../../src/lint/ask/denied-calls.ts';

describe('listCalls', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  it.each([
    [0, ''],
    [1, 'a'],
    [2, 'a and b'],
    [6, 'a, b, c, d, e and f'],
    [7, 'a, b, c, d, e and 2 more'],
    [8, 'a, b, c, d, e and 3 more'],
  ])('%i names', (count, text) => {
    const shown = listCalls(names.slice(0, count));
    expect(shown).toBe(text);
    // What is named and what is counted are all of them.
    const more = Number(/(\d+) more$/.exec(shown)?.[1] ?? 0);
    const named = shown.split(/, | and /).filter((part) => part !== '' && !part.endsWith(' more'));
    expect(named.length + more).toBe(count);
  });
});
