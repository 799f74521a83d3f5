/** Programs with constants of rules in tables: by the prover, and by the words of their rules. */
import { describe, expect, it } from 'vitest';
import { returnWord } from '../../../src/abi/actions.ts';
import { BPF_ALU_XOR_K } from '../../../src/bpf/computing-codes.ts';
import { BPF_JMP_JEQ_K, BPF_LDX_IMM, type Program } from '../../../src/bpf/program.ts';
import { createRandom } from '../../decision/random.ts';
import { samples } from '../../support/samples.ts';
import { compare, crowdedCalls, packedCalls, policyWith, rulesOf } from './many-rules.ts';
import { longPolicy } from './random-policies.ts';
import { faultOf, tablePolicy, wrongByTheWords } from './support.ts';

const COUNT = 60;
/** Instructions beside those for rules: the call, upper halves, comparisons, returns. */
const AROUND = 60;

describe('a table has the constants of rules', () => {
  it.each(Object.entries({ ...packedCalls, ...crowdedCalls }))('%s', (name, [seed, comparisonsOf]) => {
    const work = policyWith(rulesOf(COUNT, comparisonsOf));
    const made = tablePolicy(work);
    expect(faultOf(work, made), name).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(seed), 200)).toEqual([]);
  });

  it('of which two take three instructions', () => {
    const [, comparisonsOf] = crowdedCalls['a value and two masks without a pattern'] ?? [0, () => []];
    const { program } = tablePolicy(policyWith(rulesOf(COUNT, comparisonsOf)));
    expect(program.length).toBeLessThanOrEqual(6 * COUNT + AROUND);
  });

  it('with rules of several answers, that compare in several ways', () => {
    const [, masks] = crowdedCalls['a value and two masks without a pattern'] ?? [0, () => []];
    const rules = rulesOf(COUNT, (n) => {
      if (n % 3 === 0) return [compare(0, 'eq', n)];
      return n % 3 === 1 ? masks(n) : [compare(0, 'eq', n), compare(4, 'ge', n), compare(5, 'ne', 3 * n)];
    }).map((rule, n) => ({ ...rule, returnWord: returnWord('errno', 1 + (n % 5)) }));
    const work = policyWith(rules);
    const made = tablePolicy(work);
    expect(faultOf(work, made)).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(3), 400)).toEqual([]);
  });

  it('in random policies', () => {
    let tables = 0;
    for (let index = 0; index < samples(40); index++) {
      const work = longPolicy(21, index);
      const made = tablePolicy(work);
      expect(faultOf(work, made), `policy ${index}`).toBeUndefined();
      expect(wrongByTheWords(work, made, createRandom(index), 40), `policy ${index}`).toEqual([]);
      tables += Number(made.program.some(({ code }) => code === BPF_ALU_XOR_K));
    }
    expect(tables).toBeGreaterThan(0);
  });
});

/** A program with another constant in a table. */
function changed(program: Program, which: number): Program {
  const inTables = program.flatMap(({ code, k }, at) =>
    code === BPF_ALU_XOR_K || code === BPF_LDX_IMM || (code === BPF_JMP_JEQ_K && k > 0xffff) ? at : [],
  );
  const changedAt = inTables[which % inTables.length];
  return program.map((each, at) =>
    at === changedAt ? { ...each, k: (each.k ^ (1 << (which % 31))) >>> 0 } : each,
  );
}

it('is proven wrong with any other constant that makes a difference', () => {
  const [, comparisonsOf] = crowdedCalls['a value and two wide ranges'] ?? [0, () => []];
  const work = policyWith(rulesOf(20, comparisonsOf));
  const made = tablePolicy(work);
  let wrong = 0;
  for (let which = 0; which < samples(80); which += 1) {
    const other = { ...made, program: changed(made.program, which) };
    const found = wrongByTheWords(work, other, createRandom(which), 400);
    if (found.length > 0) wrong += 1;
    if (found.length > 0) expect(faultOf(work, other), `constant ${which}`).toBeDefined();
    else if (faultOf(work, other) === undefined) expect(which, 'no constant is unused').toBe(-1);
  }
  expect(wrong).toBeGreaterThan(0);
});
