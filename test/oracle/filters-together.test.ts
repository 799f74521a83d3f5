/**
 * Several filters of one task: which of them the kernel follows, for every pair of 18 words, held against the live kernel.
 *
 * The expectation of each test is what the kernel did; the words are translated here, not by src/.
 */
import { expect, it } from 'vitest';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { verifyPrograms } from '../../src/compile/verify-filter.ts';
import { answerCall, decidePrograms } from '../../src/decision/answer-call.ts';
import { findCompanyDifference } from '../../src/decision/filters-in-company.ts';
import { effective, relations } from '../../src/decision/relate.ts';
import { createSpace, type Outcome } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { policyOf, table } from '../decision/meaning-support.ts';
import { kernelVerdictsTogether } from './support/kernel.ts';
import { describeWith } from './support/require.ts';

const GETPPID = 110;
const X86_64 = 0xc000_003e;

/** The eight actions with data of all kinds, and words that no kernel knows from each gap between them. */
const words = [
  0x8000_0000, 0x0000_0000, 0x0003_0000, 0x0003_0007, 0x0005_0001, 0x0005_0002, 0x0005_ffff, 0x0005_0000,
  0x7fc0_0000, 0x7ff0_0000, 0x7ffc_0000, 0x7fff_0000, 0x7fff_1234, 0x0001_0000, 0x0004_0000, 0x7ffe_0000,
  0xffff_0000, 0x9000_0000,
];

const pairs = words.flatMap((older) => words.map((newer) => [older, newer] as const));

/** Answers getppid and allows all else, so that the second can be installed under the first. */
function answering(word: number): Program {
  return [
    { code: 0x20, jt: 0, jf: 0, k: 4 },
    { code: 0x15, jt: 0, jf: 3, k: X86_64 },
    { code: 0x20, jt: 0, jf: 0, k: 0 },
    { code: 0x15, jt: 0, jf: 1, k: GETPPID },
    { code: 0x06, jt: 0, jf: 0, k: word },
    { code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000 },
  ];
}

const decidable = (word: number) => ({ program: answering(word), endian: 'little' }) as const;
const bytes = (word: number): Uint8Array => encodeProgram(answering(word), 'little');

/** What the helper reports for a call that got this outcome, no tracer and no listener being there. */
function report(outcome: Outcome): RegExp {
  if (outcome.kind !== 'word') return /^never$/;
  const data = outcome.word & 0xffff;
  switch ((outcome.word & 0xffff_0000) >>> 0) {
    case 0x7fff_0000:
    case 0x7ffc_0000:
      return /^return [1-9]\d*$/;
    case 0x0005_0000:
      return data === 0 ? /^return 0$/ : new RegExp(`^errno ${Math.min(data, 4095)}$`);
    case 0x0003_0000:
      return new RegExp(`^trap ${data}$`);
    case 0x7ff0_0000:
    case 0x7fc0_0000:
      return /^errno 38$/;
    case 0:
      return /^kill-thread$/;
    default:
      return /^kill-process$/;
  }
}

const hex = (list: readonly number[]): string => list.map((word) => `0x${word.toString(16)}`).join(', ');
const getppid = { nr: GETPPID, arch: X86_64, instructionPointer: 0n, args: [0n, 0n, 0n, 0n, 0n, 0n] };

describeWith(['x86_64', 'cc'], 'several filters', () => {
  const kernel = new Map<string, string>();
  const seen = (list: readonly number[]): string => {
    const known = kernel.get(hex(list));
    if (known !== undefined) return known;
    const all = [...words.map((word) => [word]), ...pairs];
    const verdicts = kernelVerdictsTogether(
      all.map((each) => each.map(bytes)),
      { nr: GETPPID },
    );
    for (const [i, each] of all.entries()) kernel.set(hex(each), verdicts[i] ?? 'nothing');
    return kernel.get(hex(list)) ?? 'not asked';
  };

  it(`do together what the kernel does, in all ${pairs.length} pairs`, () => {
    for (const pair of pairs) {
      const space = createSpace();
      const root = decidePrograms(space, pair.map(decidable));
      expect(seen(pair), hex(pair)).toMatch(report(evaluate(space, root, getppid)));
      const { outcomes } = answerCall(space, root, { arch: 'x86_64', nr: GETPPID, args: [] });
      expect(outcomes.map(report).every((each) => each.test(seen(pair)))).toBe(true);
    }
  });

  it('are more than two, in any order', () => {
    const lists = pairs.filter((_, i) => i % 5 === 0).map((pair, i) => [...pair, words[(7 * i) % 18] ?? 0]);
    const verdicts = kernelVerdictsTogether(
      lists.map((each) => each.map(bytes)),
      { nr: GETPPID },
    );
    for (const [i, list] of lists.entries()) {
      const space = createSpace();
      const root = decidePrograms(space, list.map(decidable));
      expect(verdicts[i], hex(list)).toMatch(report(evaluate(space, root, getppid)));
    }
  });

  it('tell two apart that are equal alone, exactly where a third one does so in the kernel', () => {
    let toldApart = 0;
    for (const [x, y] of pairs) {
      // Equal alone: the kernel was asked.
      if (seen([x]) !== seen([y]) && !(isMade(seen([x])) && isMade(seen([y])))) continue;
      const space = createSpace();
      const [a, b] = [x, y].map((word) => decidePrograms(space, [decidable(word)])) as [number, number];
      if (effective(space, a) !== effective(space, b)) continue;
      const told = words.some((third) => !isSame(seen([third, x]), seen([third, y])));
      const found = findCompanyDifference(space, a, b, relations);
      expect(found !== undefined, hex([x, y])).toBe(told);
      if (found === undefined) continue;
      toldApart++;
      expect(found.call.nr).toBe(GETPPID);
      for (const [which, word] of [x, y].entries()) {
        const together: Outcome = { kind: 'word', word: found.together[which] ?? 1 };
        expect(seen([found.beside.word, word]), hex([found.beside.word, word])).toMatch(report(together));
      }
    }
    expect(toldApart).toBeGreaterThan(10);
  });

  it('mean a policy exactly where the kernel does what it says, and else the one that deviates is named', () => {
    // Words that the helper tells from all others by what it sees.
    const policies = [0x8000_0000, 0, 0x0003_0007, 0x0005_0001, 0x0005_0fff, 0x0005_0000];
    let named = 0;
    for (const word of policies) {
      const says = (list: readonly number[]): boolean => report({ kind: 'word', word }).test(seen(list));
      for (const pair of pairs.filter((_, i) => i % 3 === 0)) {
        const claim = { policy: onGetppid(word), table, programs: pair.map(decidable) };
        const { equal, deviation, counterexample } = verifyPrograms(claim);
        expect(equal, `0x${word.toString(16)}: ${hex(pair)}`).toBe(says(pair));
        if (equal) continue;
        expect(counterexample?.done).toMatchObject({ word: pair[deviation?.winner ?? -1] });
        const right = pair.flatMap((each, index) => (says([each]) ? [index] : []));
        expect(deviation?.right).toEqual(right);
        // Of two filters, the one that is there beside one that would do.
        expect(deviation?.deviating).toBe(right.length === 1 ? 1 - (right[0] ?? 0) : undefined);
        named += right.length;
      }
    }
    expect(named).toBeGreaterThan(30);
  });
});

/** Getppid gets the word, everything else is allowed. */
function onGetppid(returnWord: number): Policy {
  const rule = { syscall: 'getppid', nr: GETPPID, comparisons: [], returnWord, origin: 0 };
  return { ...policyOf([rule]), defaultAction: 0x7fff_0000, badArchAction: 0x7fff_0000 };
}

const isMade = (verdict: string): boolean => /^return [1-9]/.test(verdict);
const isSame = (a: string, b: string): boolean => a === b || (isMade(a) && isMade(b));
