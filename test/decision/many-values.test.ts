/**
 * Rules that compare two arguments of one call, hundreds of them: what such a profile and the program for it cost is
 * counted in steps and nodes, never in time.
 */
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import type { Comparison } from '../../src/abi/operators.ts';
import type { Program, SockFilter } from '../../src/bpf/program.ts';
import { decidePolicy, decideWhatCanBe } from '../../src/decision/decide-policy.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { FIELD_ARCH, FIELD_NR } from '../../src/decision/diagram-variables.ts';
import { findDifferences } from '../../src/decision/difference.ts';
import { createSpace, isLeaf, outcomeAt, type Space } from '../../src/decision/space.ts';
import { restrict } from '../../src/decision/witness.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { policyOf, table, X86_64 } from './meaning-support.ts';
import { createRandom } from './random.ts';

type Operator = 'eq' | 'ge' | 'maskedEq';
/** One test of a rule: a word of seccomp_data, perhaps masked. */
interface Test {
  readonly index: number;
  readonly op: Operator;
  readonly value: bigint;
}
type Rule = readonly Test[];

const MMAP = 9;
const ALLOW = actions.allow.word;
const DENY = actions.errno.word | 2;
const MASK = 0xffff_00ff_ff00_ffffn;

function rulesOf(count: number, indexes: readonly number[], op: Operator, wide = true): readonly Rule[] {
  const random = createRandom(count);
  const value = (): bigint => (wide ? BigInt(random.word()) << 32n : 0n) | BigInt(random.word());
  return Array.from({ length: count }, () => indexes.map((index) => ({ index, op, value: value() })));
}

const op = (code: number, k: number, jt = 0, jf = 0): SockFilter => ({ code, jt, jf, k });
const [LD, AND, JA, JEQ, JGE, JGT, RET] = [0x20, 0x54, 0x05, 0x15, 0x35, 0x25, 0x06] as const;

/** Each rule in turn: all its words are tested, and the first that fails goes on to the next rule, as libseccomp does it. */
function chain(rules: readonly Rule[]): Program {
  const parts = rules.map((rule) => rule.flatMap(testsOf));
  const body = parts.flatMap((tests) => {
    const length = tests.reduce((sum, each) => sum + each.length, 0) + 1;
    let at = 0;
    const own = tests.flatMap((instructions) =>
      instructions.map((instruction) => {
        at++;
        // What is marked leaves the rule.
        return instruction.jf === FAILS ? { ...instruction, jf: length - at } : instruction;
      }),
    );
    return [...own, op(RET, ALLOW)];
  });
  return [
    ...[op(LD, 4), op(JEQ, X86_64, 1, 0), op(RET, actions.killThread.word)],
    ...[op(LD, 0), op(JGE, 0x4000_0000, 0, 2), op(JEQ, 0xffff_ffff, 1, 0), op(RET, actions.killThread.word)],
    ...[op(JEQ, MMAP, 1, 0), op(RET, DENY), ...body, op(RET, DENY)],
  ];
}

const FAILS = 255;

function testsOf({ index, op: operator, value }: Test): readonly (readonly SockFilter[])[] {
  const [high, low] = [Number(value >> 32n), Number(value & 0xffff_ffffn)];
  const offset = 16 + 8 * index;
  if (operator === 'eq') {
    return [
      [op(LD, offset + 4), op(JEQ, high, 0, FAILS)],
      [op(LD, offset), op(JEQ, low, 0, FAILS)],
    ];
  }
  if (operator === 'ge') {
    return [
      [op(LD, offset + 4), op(JGT, high, 3, 0), op(JEQ, high, 0, FAILS)],
      [op(LD, offset), op(JGE, low, 0, FAILS)],
    ];
  }
  const masked = (word: number, mask: bigint): readonly SockFilter[] => {
    const bits = Number(mask);
    return [op(AND, bits), op(JEQ, (word & bits) >>> 0, 0, FAILS)];
  };
  return [
    [op(LD, offset + 4), ...masked(high, MASK >> 32n)],
    [op(LD, offset), ...masked(low, MASK & 0xffff_ffffn)],
  ];
}

const comparisonOf = ({ index, op: operator, value }: Test): Comparison =>
  operator === 'maskedEq'
    ? { index, op: operator, value: MASK, valueTwo: value }
    : { index, op: operator, value, valueTwo: 0n };

function decidedPolicy(space: Space, rules: readonly Rule[]): number {
  const policy = policyOf(
    rules.map((rule) => ({
      syscall: 'mmap',
      nr: MMAP,
      comparisons: rule.map(comparisonOf),
      returnWord: ALLOW,
      origin: 0,
    })),
  );
  return decidePolicy(space, policy, expandPolicy(policy, table));
}

interface Cost {
  readonly steps: number;
  readonly nodes: number;
}

/** Decides the program for the rules, which must be what they mean; what the program alone took. */
function costOf(rules: readonly Rule[]): Cost {
  const program = chain(rules);
  expect(program.length).toBeLessThanOrEqual(4096);
  const alone = createSpace();
  decideProgram(alone, program, 'little');
  const both = createSpace();
  expect(decideProgram(both, program, 'little')).toBe(decidedPolicy(both, rules));
  return { steps: alone.work.steps, nodes: alone.count };
}

/** By how much more four times the rules cost. */
function growth(few: Cost, many: Cost): Cost {
  return { steps: many.steps / few.steps, nodes: many.nodes / few.nodes };
}

describe('many pairs of compared values', () => {
  const orders = [
    [[0, 1], 'the first argument first'],
    [[4, 1], 'a later argument first'],
    [[3, 0, 5], 'three arguments'],
  ] as const;
  const operators = ['eq', 'maskedEq'] as const;

  it.each(orders.flatMap((order) => operators.map((operator) => [...order, operator] as const)))(
    '%j, %s, %s: the work grows with their number, not with its square',
    (indexes, _name, operator) => {
      const [few, many] = [50, 200].map((count) => costOf(rulesOf(count, indexes, operator)));
      const grown = growth(few as Cost, many as Cost);
      expect(grown.steps).toBeLessThan(6);
      expect(grown.nodes).toBeLessThan(6);
    },
  );

  it.each([140, 250, 450])('%i pairs of 64-bit values are decided', (count) => {
    const { nodes, steps } = costOf(rulesOf(count, [0, 1], 'eq'));
    expect(nodes).toBeLessThan(1000 * count);
    expect(steps).toBeLessThan(1000 * count);
  });

  it('1,000 pairs of 64-bit values, as the rules of a profile', () => {
    const space = createSpace();
    decidedPolicy(space, rulesOf(1000, [0, 1], 'eq'));
    expect(space.count).toBeLessThan(500_000);
    expect(space.work.steps).toBeLessThan(1_000_000);
  });

  it('are compared with others', () => {
    const space = createSpace();
    const rules = rulesOf(250, [0, 1], 'eq');
    const other = [...rules.slice(1), ...rulesOf(1, [0, 1], 'eq')];
    const [a, b] = [
      decideProgram(space, chain(rules), 'little'),
      decideProgram(space, chain(other), 'little'),
    ];
    const [difference] = findDifferences(space, a, b);
    expect(difference?.changes.map(({ kind }) => kind)).toEqual(['mixed']);
  });
});

describe('values of an argument that lead to one of two lists of calls', () => {
  /** Asks the argument first, the number after it: the wrong way round for the order of the diagrams. */
  function twoLists(values: number, calls: number): Program {
    const random = createRandom(values);
    const list = (first: number): Program => [
      op(LD, 0),
      ...Array.from({ length: calls }, (_, i) => op(JEQ, first + 3 * i, calls - i, 0)),
      op(RET, DENY),
      op(RET, ALLOW),
    ];
    const [chosen, others] = [list(0), list(1)];
    return [
      op(LD, 16),
      ...Array.from({ length: values }, (_, i) => op(JEQ, random.word(), values - i, 0)),
      op(JA, chosen.length),
      ...chosen,
      ...others,
    ];
  }

  const stepsOf = (program: Program): number => {
    const space = createSpace();
    decideProgram(space, program, 'little');
    return space.work.steps;
  };

  it.each([
    [50, 50],
    [200, 50],
    [50, 200],
    [200, 200],
  ])('take as much work as %i values and %i calls, not as both multiplied', (values, calls) => {
    expect(stepsOf(twoLists(values, calls))).toBeLessThan(150 * (values + calls));
  });
});

describe('rules that take more nodes than the space has, but not at one time', () => {
  const rules = rulesOf(120, [1, 0], 'ge');

  it('are decided, because nodes that are no longer needed do not count', () => {
    const all = createSpace({ maxUnneeded: 1 << 30, maxNodes: 1 << 24 });
    decideProgram(all, chain(rules), 'little');
    const few = createSpace({ maxNodes: Math.floor(all.count / 2) });
    const node = decideProgram(few, chain(rules), 'little');
    expect(few.count).toBeLessThan(all.count / 2);
    expect(decidedPolicy(few, rules)).toBe(node);
  });

  it('are refused when the nodes of one time are too many, with advice to the author of the rules', () => {
    const space = createSpace({ maxNodes: 2000 });
    const failure = (): number => decideProgram(space, chain(rules), 'little');
    expect(failure).toThrow(
      expect.objectContaining({
        code: 'ERR_UNDECIDED',
        message: expect.stringContaining('more than 2000 nodes at one time') as string,
        hint: expect.stringContaining('rules that compare') as string,
      }),
    );
  });
});

describe('a policy that is decided call by call', () => {
  const MAX_NODES = 60_000;
  const MOST = 1_000_000;

  /** @param entangled - calls whose rules are too complex; each other call has a few rules with comparisons */
  function decidedOf(calls: number, entangled: readonly number[]) {
    const random = createRandom(21);
    const value = (): bigint => (BigInt(random.word()) << 32n) | BigInt(random.word());
    const rules = Array.from({ length: calls }, (_, nr) =>
      Array.from({ length: entangled.includes(nr) ? 120 : 4 }, (_, at) => {
        // All pairs alike: of no argument that is asked first would the others be simple.
        const indexes = entangled.includes(nr) ? [at % 6, (at + 1 + (at % 5)) % 6] : [at % 6];
        const comparisons = indexes.map((index) => ({
          index,
          op: 'eq' as const,
          value: value(),
          valueTwo: 0n,
        }));
        return { nr, comparisons, returnWord: ALLOW, rule: 0 };
      }),
    ).flat();
    const space = createSpace({ maxNodes: MAX_NODES, maxUnneeded: 4000, maxSteps: MOST });
    const root = decideWhatCanBe(space, policyOf([]), [{ arch: 'x86_64', rules }]);
    const left = Array.from({ length: calls }, (_, nr) => nr).filter((nr) => {
      const node = restrict(space, restrict(space, root, FIELD_ARCH, X86_64), FIELD_NR, nr);
      return isLeaf(space, node) && outcomeAt(space, node).kind === 'undecided';
    });
    return { left, steps: space.work.steps };
  }

  it('leaves the calls open that are too complex, and no other', () => {
    expect(decidedOf(60, [3, 40]).left).toEqual([3, 40]);
  });

  it('keeps of each call no more than its meaning', () => {
    // All that is made for 150 calls is more than the space has.
    expect(decidedOf(150, []).left).toEqual([]);
  });

  it('gives up when the steps are used, however many calls there are', () => {
    const all = Array.from({ length: 200 }, (_, nr) => nr);
    const { left, steps } = decidedOf(200, all);
    expect(left.length).toBeGreaterThan(100);
    // What was made for the last of them is cleared.
    expect(steps).toBeLessThan(1.1 * MOST);
  });
});
