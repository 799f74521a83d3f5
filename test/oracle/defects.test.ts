/**
 * The profiles of docs/libseccomp-defects.md: what each libseccomp makes of them, by the prover, by an interpreter that
 * shares nothing with `src/`, and by the kernel.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { actions, returnWord } from '../../src/abi/actions.ts';
import { type ArchName, architectures } from '../../src/abi/architectures.ts';
import type { Comparison, Operator } from '../../src/abi/operators.ts';
import { formatReturnWord } from '../../src/abi/return-word.ts';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { formatCall, formatOutcome } from '../../src/decision/format-call.ts';
import { archOfCall } from '../../src/decision/witness.ts';
import { findLibrary } from '../../tools/defects/asked-options.ts';
import { interpreted, isCallable, kernelObjections } from '../../tools/defects/confirm.ts';
import { type Examiner, openExaminer } from '../../tools/defects/examine.ts';
import { random, randomSet } from '../../tools/defects/random-sets.ts';
import { reduceSet } from '../../tools/defects/reduce.ts';
import { formatSet, type RuleSet, readSet, type SetRule } from '../../tools/defects/rule-set.ts';
import { runScript } from './support/direct.ts';
import { describeWith } from './support/require.ts';
import { runs32Bit } from './support/runs-32-bit.ts';

interface Answer {
  readonly arch: ArchName;
  readonly syscall: string;
  readonly args: readonly string[];
  /** The same for all versions, or by version. */
  readonly done: string | Readonly<Record<string, string>>;
}

interface Expected {
  readonly profile: string;
  readonly kind: string;
  readonly note?: string;
  readonly call?: string;
  readonly meant?: string;
  readonly done?: string;
  readonly answers?: readonly Answer[];
}

const folder = `${import.meta.dirname}/../../fixtures/defects`;
const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as readonly Expected[];
const versions = ['2.5.4', '2.6.0', '2.6.1'] as const;

function readFixture(profile: string, { table }: Examiner): RuleSet {
  return readSet(readFileSync(`${folder}/${profile}.json`, 'utf8'), table, { name: profile });
}

const holds: Readonly<Record<string, (a: bigint, value: bigint, valueTwo: bigint) => boolean>> = {
  ne: (a, value) => a !== value,
  lt: (a, value) => a < value,
  le: (a, value) => a <= value,
  eq: (a, value) => a === value,
  ge: (a, value) => a >= value,
  gt: (a, value) => a > value,
  maskedEq: (a, mask, value) => (a & mask) === (value & mask),
};

/** What the rules say, straight from their words: the actions of all that match, else the default. */
function said(set: RuleSet, call: SeccompData): readonly number[] {
  const width = archOfCall(call) === 'x86' ? 32 : 64;
  const cut = (value: bigint): bigint => BigInt.asUintN(width, value);
  const test = ({ index, op, value, valueTwo }: Comparison): boolean =>
    holds[op]?.(cut(call.args[index] ?? 0n), cut(value), cut(valueTwo)) ?? false;
  const words = set.rules
    .filter(({ comparisons }) => comparisons.every(test))
    .map(({ returnWord }) => returnWord);
  return words.length === 0 ? [set.defaultAction] : words;
}

function toCall({ arch, syscall, args }: Answer): SeccompData {
  const words = Array.from({ length: 6 }, (_, i) => BigInt(args[i] ?? 0));
  const nr = directSyscallNumber(syscall, arch) ?? -1;
  return { arch: architectures[arch].auditArch, nr, instructionPointer: 0n, args: words };
}

/** The set with the first comparison of each rule, its values cut to 32 bits, and one action. */
function singleComparisons(set: RuleSet): RuleSet {
  const [first] = set.rules;
  const cut = (value: bigint): bigint => BigInt.asUintN(32, value);
  return {
    ...set,
    rules: set.rules.map(({ syscall, comparisons, returnWord: own }) => ({
      syscall,
      comparisons: comparisons
        .slice(0, 1)
        .map((each) => ({ ...each, value: cut(each.value), valueTwo: cut(each.valueTwo) })),
      returnWord: first?.returnWord ?? own,
    })),
  };
}

/** Two rules of one comparison each and of different actions, on a 32-bit architecture. */
function contradictoryPair(index: number): RuleSet {
  const next = random(77, index);
  const pick = <T>(list: readonly [T, ...T[]]): T => list[next(list.length)] ?? list[0];
  const rule = (word: number): SetRule => {
    const op = pick<Operator>(['eq', 'ne', 'lt', 'le', 'ge', 'gt']);
    const value = BigInt(pick([0, 1, 2, 5, 255, 0x80000000]));
    const comparison = { index: next(3), op, value, valueTwo: 0n };
    return { syscall: 'getppid', comparisons: [comparison], returnWord: word };
  };
  const rules = [rule(actions.allow.word), rule(returnWord('errno', 1))];
  return { architectures: ['x86'], defaultAction: returnWord('errno', 71), optimize: 1, rules };
}

/**
 * The rule that libseccomp asks first: of the later argument; equality and exclusion, then `<` and `<=`, then `>` and
 * `>=`; the smaller value of `<`, the larger of the others.
 */
function firstAsked({ rules }: RuleSet): SetRule | undefined {
  const place = ({ comparisons: [first] }: SetRule): readonly bigint[] => {
    if (first === undefined) return [];
    const { index, op, value } = first;
    const isBelow = op === 'lt' || op === 'le';
    const kind = isBelow ? 2n : op === 'eq' || op === 'ne' ? 3n : 1n;
    return [BigInt(index), kind, isBelow ? -value : value];
  };
  return rules.toSorted((a, b) => {
    const [x, y] = [place(a), place(b)];
    const at = x.findIndex((each, i) => each !== y[i]);
    return at === -1 ? 0 : Number((y[at] ?? 0n) - (x[at] ?? 0n));
  })[0];
}

it('every profile of fixtures/defects has its line', () => {
  const files = readdirSync(folder).filter((name) => name !== 'expected.json');
  expect(expected.map(({ profile }) => `${profile}.json`).toSorted()).toEqual(files.toSorted());
});

describe.each(versions)('libseccomp %s', (version) => {
  describeWith(['x86_64', 'cc', `libseccomp ${version}`], 'and the rule sets that it gets wrong', () => {
    const examiner = openExaminer(findLibrary(version));
    afterAll(examiner.close);

    it.each(expected)('$profile: $kind', async ({ profile, kind, note, call, meant, done, answers = [] }) => {
      const set = readFixture(profile, examiner);
      const found = await examiner.examine(set);
      const { shown, program = new Uint8Array() } = found;
      expect({
        kind: found.kind,
        note: found.note,
        call: shown && formatCall(shown.call),
        meant: shown && formatOutcome(shown.meant),
        done: shown && formatOutcome(shown.done),
      }).toEqual({ kind, note, call, meant, done });
      if (shown !== undefined && shown.done.kind === 'word') {
        expect(interpreted(program, shown.call, 'x86_64')).toBe(shown.done.word);
        expect(said(set, shown.call)).not.toContain(shown.done.word);
        // A kernel without 32-bit programs cannot be asked about their calls.
        expect(isCallable(shown.call)).toBe(archOfCall(shown.call) === 'x86_64' || runs32Bit());
        if (isCallable(shown.call))
          expect(kernelObjections([{ program, call: shown.call, done: shown.done.word }])).toEqual([]);
      }
      for (const answer of answers) {
        const asked = toCall(answer);
        const word = interpreted(program, asked, 'x86_64');
        const wanted = typeof answer.done === 'string' ? answer.done : answer.done[version];
        expect([formatCall(asked), formatReturnWord(word)]).toEqual([formatCall(asked), wanted]);
        if (isCallable(asked)) expect(kernelObjections([{ program, call: asked, done: word }])).toEqual([]);
      }
    });

    it('gets about one random set in ten wrong, as the interpreter and the kernel say too', async () => {
      const counts: Record<string, number> = {};
      const questions = [];
      for (let i = 0; i < 400; i++) {
        const set = randomSet(4, i);
        const { kind, shown, program } = await examiner.examine(set);
        counts[kind] = (counts[kind] ?? 0) + 1;
        if (shown === undefined || program === undefined || shown.done.kind !== 'word') continue;
        expect(interpreted(program, shown.call, 'x86_64'), formatSet(set)).toBe(shown.done.word);
        expect(said(set, shown.call), formatSet(set)).not.toContain(shown.done.word);
        if (isCallable(shown.call)) questions.push({ program, call: shown.call, done: shown.done.word });
      }
      expect(kernelObjections(questions)).toEqual([]);
      expect(counts.right).toBeGreaterThan(300);
      expect(counts.looser).toBeGreaterThan(5);
      expect(counts.stricter).toBeGreaterThan(5);
    });

    it('is right with one comparison a rule and values below 2^32', async () => {
      for (let i = 0; i < 500; i++) {
        const set = singleComparisons(randomSet(9, i));
        expect((await examiner.examine(set)).kind, formatSet(set)).toBe('right');
      }
    });

    it('answers contradictions in its own order, whatever the order of the rules', async () => {
      let contradictions = 0;
      for (let i = 0; i < 500; i++) {
        const set = contradictoryPair(i);
        const { judgement } = await examiner.examine(set);
        const { call, done } = judgement?.conflict ?? {};
        if (call === undefined || done?.kind !== 'word') continue;
        contradictions++;
        expect(done.word, `${formatSet(set)}\n${formatCall(call)}`).toBe(firstAsked(set)?.returnWord);
      }
      expect(contradictions).toBeGreaterThan(300);
    });

    it('is shown a failing set reduced to two rules, the same ones every time', async () => {
      const set = readFixture('register-three-rules', examiner);
      const isLooser = async (candidate: RuleSet): Promise<boolean> =>
        (await examiner.examine(candidate)).kind === 'looser';
      const reduced = await reduceSet(set, isLooser);
      expect(reduced.rules).toHaveLength(2);
      expect(await isLooser(reduced)).toBe(true);
      expect(formatSet(await reduceSet(set, isLooser))).toBe(formatSet(reduced));
    });
  });
});

/** Pseudo filter code of rules for getppid that are denied, INDEX:OP:VALUE:0 each, by libseccomp from C. */
function pfcOf(library: string, rules: readonly string[]): string {
  const lines = rules.map((comparisons) => `rule ${returnWord('errno', 1)} getppid ${comparisons}`);
  const script = [`init ${returnWord('allow')}`, ...lines, 'export pfc', ''].join('\n');
  return Buffer.from(runScript(library, script).program).toString();
}

const [NE, LT, EQ, GT] = [1, 2, 4, 6];

describeWith(
  ['x86_64', 'cc', ...versions.map((version) => `libseccomp ${version}` as const)],
  'pseudo filter code',
  () => {
    it.each(versions)(
      'is right where a wrong half is compared, and lacks lost rules: libseccomp %s',
      (version) => {
        const library = findLibrary(version).path;
        // register-two-ranges-denied
        const pfc = pfcOf(library, [`0:${LT}:0x100000000:0`, `0:${GT}:0:0`]);
        expect(pfc).toMatch(/if \(\$a0\.hi32 > 0\)/);
        expect(pfc).toMatch(/if \(\$a0\.lo32 > 0\)/);
        // lost-branch, redundant-opposite
        for (const rules of [
          [`0:${GT}:1:0`, `0:${GT}:0:0 1:${EQ}:0:0`],
          [`1:${EQ}:0:0`, `0:${EQ}:0:0 1:${NE}:0:0`],
        ])
          expect(pfcOf(library, rules)).toBe(pfcOf(library, rules.slice(0, 1)));
      },
    );
  },
);
