import { describe, expect, it } from 'vitest';
import { recentAnswers } from '../src/recent-answers.ts';

describe('a question whose last answers are kept', () => {
  it('is answered once for each of the last objects, in any order', () => {
    const asked: number[] = [];
    const ask = recentAnswers(3, ({ at }: { readonly at: number }, more: string) => {
      asked.push(at);
      return `${at}${more}`;
    });
    const objects = [0, 1, 2, 3, 4, 5, 6].map((at) => ({ at }));
    for (const each of objects) expect(ask(each, '!')).toBe(`${each.at}!`);
    for (const each of objects.slice(-3).reverse()) expect(ask(each, '!')).toBe(`${each.at}!`);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6]);
    // Those before were forgotten.
    for (const each of objects.slice(0, 1)) expect(ask(each, '?')).toBe('0?');
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 0]);
  });
});
