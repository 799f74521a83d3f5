/** Policies and programs whose diagrams are too large with arguments asked from the first to the last. */
import { describe, expect, it } from 'vitest';
import { BPF_ALU_XOR_K } from '../../src/bpf/computing-codes.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { buildProgram } from '../../src/compile/builtin/build-program.ts';
import { answerCall, decidePrograms } from '../../src/decision/answer-call.ts';
import { spaceInOrder } from '../../src/decision/argument-order.ts';
import { decideEachNumber, decidePolicy, leftCallsOpen } from '../../src/decision/decide-policy.ts';
import { NATURAL_ORDER } from '../../src/decision/diagram-variables.ts';
import { findDifferences } from '../../src/decision/difference.ts';
import { createSpace, type Node, type Space } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { type ComparisonsOf, compare, policyWith, rulesOf } from '../compile/builtin/many-rules.ts';
import { readRules } from '../compile/builtin/rules-in-words.ts';
import { simulate } from '../oracle/support/simulate.ts';
import { createRandom } from './random.ts';
import { evaluatePolicy } from './small-policies.ts';

const endian = 'little';
const RULES = 300;
const random = createRandom(11);
const bounds = Array.from({ length: 2 * RULES }, () => random.word());
const lastTells: ComparisonsOf = (n) => [
  ...[compare(0, 'ge', bounds[n] ?? 0), compare(1, 'le', bounds[n + RULES] ?? 0)],
  compare(5, 'eq', n),
];
const work = policyWith(rulesOf(RULES, lastTells), 'x86_64');
const call = { arch: 'x86_64', nr: work.policy.rules[0]?.nr ?? -1, args: [] } as const;

/** Calls of which each meets a rule closely, and the words that the rules say of them. */
function saidOf(count: number) {
  return Array.from({ length: count }, () => {
    const rule = random.below(RULES);
    const near = (bound = 0): bigint => BigInt(Math.max(0, bound + random.below(3) - 1));
    const args = [near(bounds[rule]), near(bounds[rule + RULES]), 0n, 0n, 0n, BigInt(rule)];
    const data = { nr: call.nr, arch: 0xc000_003e, instructionPointer: 0n, args };
    const said = evaluatePolicy({ policy: work.policy, expanded: readRules(work.policy) }, data);
    return { data, word: Number(said) };
  });
}

function wrongIn(space: Space, root: Node) {
  return saidOf(400).filter(({ data, word }) => {
    const outcome = evaluate(space, root, data);
    return outcome.kind !== 'word' || outcome.word !== word;
  });
}

describe('an empty space gets the order of arguments that makes a meaning simple', () => {
  it('for rules', () => {
    const space = createSpace();
    const root = decidePolicy(space, work.policy, work.expanded);
    expect(space.order).toEqual([5, 0, 1, 2, 3, 4]);
    expect(wrongIn(space, root)).toEqual([]);
    const { dependsOn, description } = answerCall(space, root, call);
    expect(dependsOn).toEqual([0, 1, 5]);
    expect(description.cases[0]?.tests[0]).toMatchObject({
      index: 5,
      test: { kind: 'in', ranges: [[0n, 0n]] },
    });
  });

  it('and nothing of the order that was tried first is left', () => {
    // So that giving up frees nothing: comparisons are remembered by the number of their argument.
    const space = createSpace({ maxUnneeded: 10_000_000 });
    const root = decidePolicy(space, work.policy, work.expanded);
    expect(space.order).toEqual([5, 0, 1, 2, 3, 4]);
    expect(wrongIn(space, root)).toEqual([]);
  });

  it('for a program, whose bounds are no values', () => {
    const { program } = buildProgram(work.policy, work.expanded);
    const space = createSpace();
    const root = decidePrograms(space, [{ program, endian }]);
    expect(space.order[0]).toBe(5);
    expect(wrongIn(space, root)).toEqual([]);
    const bytes = encodeProgram(program, endian);
    for (const { data, word } of saidOf(100)) expect(simulate(bytes, data, endian)).toBe(word);
  });

  it('for a program that finds rules by their value in a table', () => {
    const masks = [0x7a3f_91c5, 0xe5d2_6b1f, 0x9d6b_f3a7];
    const own = createRandom(12);
    const behindMasks = policyWith(
      rulesOf(600, (n) => [
        ...masks.map((mask, at) => compare(at, 'maskedEq', mask, own.word())),
        compare(3, 'eq', n),
      ]),
    );
    const { program } = buildProgram(behindMasks.policy, behindMasks.expanded);
    expect(program.some(({ code }) => code === BPF_ALU_XOR_K)).toBe(true);
    const space = createSpace();
    const root = decidePrograms(space, [{ program, endian }]);
    expect(space.order[0]).toBe(3);
    expect(decidePolicy(space, behindMasks.policy, behindMasks.expanded)).toBe(root);
  });

  it('for calls that are decided one by one', () => {
    const space = createSpace();
    decideEachNumber(space, work.policy, work.expanded);
    expect(leftCallsOpen(space)).toBe(false);
  });

  it('and a simple meaning, or what comes second, changes nothing', () => {
    const few = policyWith(rulesOf(20, lastTells), 'x86_64');
    const space = createSpace({ maxSteps: 1_000_000 });
    const root = decidePolicy(space, few.policy, few.expanded);
    expect(space.order).toBe(NATURAL_ORDER);
    expect(() => decidePolicy(space, work.policy, work.expanded)).toThrow(
      expect.objectContaining({ code: 'ERR_UNDECIDED' }),
    );
    expect(space.order).toBe(NATURAL_ORDER);
    expect(root).toBeLessThan(space.count);
  });
});

it('a difference is told with arguments by their own numbers', () => {
  const space = spaceInOrder([5, 0, 1, 2, 3, 4], {});
  const other = policyWith(
    rulesOf(RULES, (n) => [...lastTells(n).slice(0, 2), compare(5, 'eq', n === 7 ? 5000 : n)]),
    'x86_64',
  );
  const [a, b] = [work, other].map(({ policy, expanded }) => decidePolicy(space, policy, expanded));
  const sightings = findDifferences(space, a ?? 0, b ?? 0).flatMap(({ changes }) =>
    changes.flatMap((change) => change.sightings),
  );
  expect(sightings.map((each) => each.call.args[5]).sort()).toEqual([5000n, 7n]);
  for (const { call: data, outcomes } of sightings) {
    const words = [work, other].map(({ policy }) =>
      Number(evaluatePolicy({ policy, expanded: readRules(policy) }, data)),
    );
    expect(outcomes).toEqual(words.map((word) => ({ kind: 'word', word })));
  }
});
