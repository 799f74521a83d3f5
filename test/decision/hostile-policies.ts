/**
 * Rules made to be hard to decide: many on one call, entangled by their comparisons or by their actions.
 * @module
 */
import type { Comparison, Operator } from '../../src/abi/operators.ts';
import type { ArchPolicy } from '../../src/policy/expand-policy.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';
import { createRandom } from './random.ts';

export interface HostilePolicy {
  readonly policy: Policy;
  readonly expanded: readonly ArchPolicy[];
}

const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;

type Rule = readonly [returnWord: number, ...comparisons: Comparison[]];

function compare(index: number, op: Operator, value: bigint, valueTwo = 0n): Comparison {
  return { index, op, value, valueTwo };
}

const bitSet = (index: number, bit: number): Comparison =>
  compare(index, 'maskedEq', 1n << BigInt(bit), 1n << BigInt(bit));

function onOneCall(rules: readonly Rule[], nr: (i: number) => number = () => 1): HostilePolicy {
  return {
    policy: {
      runtime: parseRuntime('plain'),
      architectures: ['x86_64'],
      defaultAction: ERRNO,
      badArchAction: 0,
      optimize: 1,
      rules: [],
      enosysStub: undefined,
      flags: [],
    },
    expanded: [
      {
        arch: 'x86_64',
        rules: rules.map(([returnWord, ...comparisons], rule) => ({
          nr: nr(rule),
          comparisons,
          returnWord,
          rule,
        })),
      },
    ],
  };
}

const times = <Item>(count: number, make: (i: number) => Item): readonly Item[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** `a0 and b0, or a1 and b1, or …`, all a before all b. */
function conjunctions(): HostilePolicy {
  return onOneCall(times(64, (i) => [ALLOW, bitSet(0, i), bitSet(1, i)]));
}

function actionsByBit(): HostilePolicy {
  return onOneCall(times(64, (i) => [ERRNO + 1 + i, bitSet(0, i)]));
}

/** Sets of actions in conflict that grow with the value. */
function nestedActions(): HostilePolicy {
  return onOneCall(times(4094, (i) => [ERRNO + 1 + i, compare(0, 'gt', BigInt(i) << 20n)]));
}

function manyValues(): HostilePolicy {
  const random = createRandom(3);
  return onOneCall(
    times(8000, () => [ALLOW, compare(0, 'eq', (BigInt(random.word()) << 32n) | BigInt(random.word()))]),
  );
}

function manyCalls(): HostilePolicy {
  return onOneCall(
    times(20_000, (i) => [i % 2 === 0 ? ALLOW : ERRNO + 2, compare(i % 6, 'gt', BigInt(i) << 30n)]),
    (i) => i % 10_000,
  );
}

function randomRules(): HostilePolicy {
  const random = createRandom(8);
  const operators = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'maskedEq'] as const;
  const value = (): bigint => (BigInt(random.word()) << 32n) | BigInt(random.word());
  return onOneCall(
    times(3000, () => [
      random.chance(0.5) ? ALLOW : ERRNO + 2,
      ...times(3, (i) => compare((random.below(2) + 2 * i) % 6, random.pick(operators), value(), value())),
    ]),
  );
}

/** As a rule becomes that compares each argument 3,000 times: libseccomp takes each comparison as a rule of its own. */
function oneRule(): HostilePolicy {
  const random = createRandom(9);
  return onOneCall(times(18_000, (i) => [ALLOW, compare(i % 6, 'eq', BigInt(random.word()) << 20n)]));
}

/** Two arguments a rule, not always the same two: a profile of a mebibyte. */
function manyPairs(): HostilePolicy {
  const random = createRandom(10);
  return onOneCall(
    times(6600, () => {
      const first = random.below(5);
      const second = first + 1 + random.below(5 - first);
      return [ALLOW, ...[first, second].map((index) => compare(index, 'eq', BigInt(random.word())))];
    }),
  );
}

/** Comparisons with `ne` on all arguments: each rule all but forbids nothing. */
function nearlyAlways(): HostilePolicy {
  const random = createRandom(4);
  return onOneCall(
    times(2000, (i) => [
      ERRNO + 1 + (i % 3),
      ...times(6, (index) => compare(index, 'ne', BigInt(random.below(1 << 20)))),
    ]),
  );
}

export const hostilePolicies: Readonly<Record<string, () => HostilePolicy>> = {
  'conjunctions across two arguments': conjunctions,
  'an action a bit': actionsByBit,
  'actions in conflict, more and more': nestedActions,
  '8,000 values of one argument': manyValues,
  '10,000 system calls': manyCalls,
  '3,000 random rules on one call': randomRules,
  '2,000 rules that nearly always match': nearlyAlways,
  '18,000 comparisons of one rule': oneRule,
  '6,600 pairs of arguments': manyPairs,
};
