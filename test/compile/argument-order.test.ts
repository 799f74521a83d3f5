/** Rules that are too complex, or have no room, with their arguments asked from the first to the last. */
import { describe, expect, it } from 'vitest';
import { BPF_MAXINSNS } from '../../src/bpf/longest-program.ts';
import { BPF_JMP_JGE_K, encodeProgram, type Program } from '../../src/bpf/program.ts';
import { buildProgram as synthesizeBest } from '../../src/compile/builtin/build-program.ts';
import { compilePolicy } from '../../src/compile/compile-policy.ts';
import { proveDecided, proveProgram } from '../../src/compile/prove.ts';
import { tryGuesses, verifyPrograms } from '../../src/compile/verify-filter.ts';
import { spaceInOrder } from '../../src/decision/argument-order.ts';
import { decideInOrder } from '../../src/decision/decide-policy.ts';
import { createSpace, STEPS_A_QUESTION } from '../../src/decision/space.ts';
import { createWork } from '../../src/decision/work.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import { createRandom } from '../decision/random.ts';
import { evaluatePolicy } from '../decision/small-policies.ts';
import { simulate } from '../oracle/support/simulate.ts';
import { samples } from '../support/samples.ts';
import { type ComparisonsOf, compare, policyWith, rulesOf } from './builtin/many-rules.ts';
import { randomPolicy } from './builtin/random-policies.ts';
import { readRules } from './builtin/rules-in-words.ts';
import { buildProgram, type Expanded, wrongByTheWords } from './builtin/support.ts';

const table = newestTable;
const endian = 'little';
const random = createRandom(11);
const bounds = Array.from({ length: 1200 }, () => random.word());

const masks = [0x7a3f_91c5, 0xe5d2_6b1f, 0x9d6b_f3a7];
const masked = Array.from({ length: 1800 }, () => random.word());

const lastTells: ComparisonsOf = (n) => [
  ...[compare(0, 'ge', bounds[n] ?? 0), compare(1, 'le', bounds[n + 600] ?? 0)],
  compare(5, 'eq', n),
];

const FIFTH_FIRST = [5, 0, 1, 2, 3, 4];

describe('an argument that tells rules apart is asked first', () => {
  // The first: too complex with bounds of arguments 0 and 1 asked before. The second: 7,350 instructions.
  it.each<readonly [string, ComparisonsOf]>([
    ['a value of the last argument', lastTells],
    [
      'a value behind two ranges',
      (n) => [
        ...[compare(0, 'ge', 10 * n), compare(0, 'le', 10 * n + 15)],
        ...[compare(1, 'ge', 100 * n), compare(1, 'le', 100 * n + 109), compare(2, 'eq', n)],
      ],
    ],
    // In tables, which take more steps than one would expect: 4,900 instructions in every other way.
    [
      'a value behind three masks, alike in all rules',
      (n) => [
        ...masks.map((mask, at) => compare(at, 'maskedEq', mask, masked[3 * n + at] ?? 0)),
        compare(3, 'eq', n),
      ],
    ],
  ])('%s', async (_, comparisonsOf) => {
    const work = policyWith(rulesOf(600, comparisonsOf));
    const { program, proof } = await compilePolicy(work.policy, { backend: 'builtin', table });
    expect(proof).toMatchObject({ equal: true, compared: 'now' });
    expect(program.length).toBeLessThanOrEqual(BPF_MAXINSNS);
    expect(wrongByTheWords(work, { ...synthesizedAs(program), program }, createRandom(2), 400)).toEqual([]);
  });

  it('and where both orders have room, the shorter program is taken', () => {
    const work = policyWith(
      rulesOf(110, (n) => [
        ...[compare(0, 'ge', (bounds[n] ?? 0) % 64), compare(1, 'le', (bounds[n + 600] ?? 0) % 64)],
        compare(2, 'eq', 3 * n),
      ]),
      'x86_64',
    );
    const policy = { ...work.policy, architectures: ['x86_64', 'x86', 'x32'] } as const;
    const { program } = synthesizeBest(policy, expandPolicy(policy, table));
    // In the natural order 1,300.
    expect(program.length).toBeLessThanOrEqual(700);
    const made = { ...synthesizedAs(program), program };
    expect(wrongByTheWords({ ...work, policy }, made, createRandom(4), 400)).toEqual([]);
  });

  it('and a call that shows a fault has its arguments in their own order', () => {
    const work = policyWith(rulesOf(300, lastTells));
    const { program: own } = synthesizeBest(work.policy, work.expanded);
    const claim = { policy: work.policy, table, endian } as const;
    const programs = [{ program: own, endian }] as const;
    expect(verifyPrograms({ policy: work.policy, table, programs })).toMatchObject({
      ...{ equal: true, differences: [] },
    });
    const { counterexample } = proveProgram({ ...claim, program: changed(own, 40) });
    const call = counterexample?.call;
    if (call === undefined) throw new Error('the fault was not found');
    const said = evaluatePolicy({ policy: work.policy, expanded: readRules(work.policy) }, call);
    expect(simulate(encodeProgram(own, endian), call, endian)).toBe(Number(said));
    expect(simulate(encodeProgram(changed(own, 40), endian), call, endian)).not.toBe(Number(said));
  });
});

describe('an order that is better is found before the natural one takes all steps', () => {
  const work = policyWith(rulesOf(120, lastTells));
  const claim = { policy: work.policy, table } as const;
  const { program: right } = synthesizeBest(work.policy, work.expanded);
  const few = 3_000_000;

  // A program of the store is proven so each time.
  it('for a proof and for verify', () => {
    const proving = createWork(3 * STEPS_A_QUESTION, STEPS_A_QUESTION);
    expect(proveProgram({ ...claim, program: right, endian }, { work: proving }).equal).toBe(true);
    expect(proving.steps).toBeLessThan(few);
    const programs = [{ program: right, endian }] as const;
    const verifying = createWork(3 * STEPS_A_QUESTION, STEPS_A_QUESTION);
    expect(verifyPrograms({ ...claim, programs }, { work: verifying }).equal).toBe(true);
    expect(verifying.steps).toBeLessThan(few);
  });

  it('and a difference is told with arguments in their own order, as the program of several that makes it', () => {
    const wrong = changed(right, 40);
    const programs = [right, wrong].map((each) => ({ program: each, endian }) as const);
    const { equal, differences, deviation } = verifyPrograms({ ...claim, programs: programs.slice(1) });
    expect(equal).toBe(false);
    expect(deviation).toBeUndefined();
    const changes = differences.flatMap((each) => each.changes);
    const sightings = changes.flatMap((each) => each.sightings);
    expect(sightings.length).toBeGreaterThan(0);
    for (const { call, outcomes } of sightings) {
      const words = [right, wrong].map((each) => simulate(encodeProgram(each, endian), call, endian));
      expect(outcomes).toEqual(words.map((word) => ({ kind: 'word', word })));
    }
    const tests = changes.flatMap(({ descriptions }) =>
      descriptions.flatMap(({ cases }) => cases.flatMap((each) => each.tests)),
    );
    expect(new Set(tests.map(({ index }) => index))).toEqual(new Set([0, 1, 5]));
    expect(tryGuesses(programs.slice(0, 1), [{ labels: ['as it is'], ...claim }])).toHaveLength(1);
    expect(tryGuesses(programs.slice(1), [{ labels: ['as it is'], ...claim }])).toHaveLength(0);
  });

  it('of several programs, the one that makes a difference is told', () => {
    const wrong = stricterThan({ ...claim, program: right, endian });
    const programs = [right, wrong].map((each) => ({ program: each, endian }) as const);
    const { counterexample, deviation } = verifyPrograms({ ...claim, programs });
    const answers = [right, wrong].map((each) =>
      simulate(encodeProgram(each, endian), counterexample?.call ?? absent(), endian),
    );
    expect(deviation?.answers).toEqual(answers.map((word) => ({ kind: 'word', word })));
    expect(deviation).toMatchObject({ winner: 1, right: [0], deviating: 1 });
  });
});

function absent(): never {
  throw new Error('the difference was not found');
}

/** A program with another bound, which denies more. */
function stricterThan(claim: Parameters<typeof proveProgram>[0]): Program {
  for (let which = 0; which < 40; which += 1) {
    const program = changed(claim.program, which);
    const { counterexample } = proveProgram({ ...claim, program });
    // A call whose arguments can be told apart.
    if (counterexample?.relation === 'stricter' && counterexample.call.args[5] !== 0n) return program;
  }
  return absent();
}

function synthesizedAs(program: Program) {
  const space = createSpace();
  return { space, meant: 0, program, endian } as const;
}

/** Another program: a bound is another one. */
function changed(program: Program, which: number): Program {
  const at = program.flatMap(({ code }, index) => (code === BPF_JMP_JGE_K ? index : []))[which];
  return program.map((each, index) => (index === at ? { ...each, k: (each.k ^ 1) >>> 0 } : each));
}

/** Proves a program with arguments in another order. */
function proveInOrder({ policy, expanded }: Expanded, program: Program, order: readonly number[]) {
  const space = spaceInOrder(order, {});
  const meant = decideInOrder(space, policy, expanded);
  return proveDecided({ space, policy, expanded, meant }, { program, endian });
}

it('proves the same in every order', () => {
  const orders = [FIFTH_FIRST, [2, 0, 1, 3, 4, 5], [3, 5, 1, 0, 4, 2]];
  let faults = 0;
  for (let index = 0; index < samples(160); index++) {
    const work = randomPolicy(31, index);
    const made = buildProgram(work);
    if (made.endian !== endian) continue;
    const order = orders[index % orders.length] ?? FIFTH_FIRST;
    const proof = proveInOrder(work, made.program, order);
    expect(proof.equal, `policy ${index}`).toBe(true);
    const own = proveProgram({ policy: work.policy, table, program: made.program, endian });
    expect(proof.conflicts.map(({ nr }) => nr)).toEqual(own.conflicts.map(({ nr }) => nr));
    for (const { call, words } of proof.conflicts) {
      const said = evaluatePolicy({ policy: work.policy, expanded: readRules(work.policy) }, call);
      expect(said.split(' or ').map(Number).sort()).toEqual([...words].sort());
    }
    const other = changed(made.program, index % 7);
    const { counterexample } = proveInOrder(work, other, order);
    const natural = proveProgram({ policy: work.policy, table, program: other, endian });
    expect(counterexample === undefined, `policy ${index}`).toBe(natural.equal);
    if (counterexample === undefined) continue;
    faults += 1;
    const before = simulate(encodeProgram(made.program, endian), counterexample.call, endian);
    expect(simulate(encodeProgram(other, endian), counterexample.call, endian)).not.toBe(before);
  }
  expect(faults).toBeGreaterThan(0);
});
