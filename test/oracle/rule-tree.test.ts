/**
 * Which rules libseccomp refuses (EEXIST), predicted by our copy of its tree, for random rules of one call with every operator.
 */
import { describe, expect, it } from 'vitest';
import { type Comparison, type Operator, operators } from '../../src/abi/operators.ts';
import { findHazard } from '../../src/compile/hazardous-rules.ts';
import { createRuleTree } from '../../src/compose/rule-tree.ts';
import { createRandom, type Random } from '../decision/random.ts';
import { samples } from '../support/samples.ts';
import { libraryByVersion } from './libraries.ts';
import { loopsAfterMs, runHelper } from './support/native.ts';
import { describeWith } from './support/require.ts';

interface Rule {
  readonly action: number;
  readonly comparisons: readonly Comparison[];
}

interface RuleSet {
  readonly bits: 32 | 64;
  readonly rules: readonly Rule[];
}

const words = [0x7fff_0000, 0x7ffc_0000, 0];
// Some have the same upper half and others the same lower one.
const values = [
  0n,
  1n,
  2n,
  7n,
  0xffff_ffffn,
  2n ** 32n,
  2n ** 32n + 1n,
  2n ** 32n + 7n,
  2n ** 33n + 1n,
  2n ** 64n - 1n,
];
const names = Object.keys(operators) as Operator[];

function randomSet(random: Random): RuleSet {
  const bits = random.chance(0.3) ? 32 : 64;
  const some = <Item>(items: readonly Item[], count: number): readonly Item[] =>
    Array.from({ length: count }, () => random.pick(items));
  const [ops, data] = [some(names, 1 + random.below(4)), some(values, 1 + random.below(5))];
  const datum = (): bigint => random.pick(data) & (bits === 32 ? 0xffff_ffffn : 2n ** 64n - 1n);
  const arguments_ = 1 + random.below(3);
  const rules = Array.from({ length: 2 + random.below(5) }, () => ({
    action: random.pick(words),
    comparisons: Array.from({ length: arguments_ }, (_, index) => index)
      .filter(() => random.chance(0.6))
      .map((index) => ({ index, op: random.pick(ops), value: datum(), valueTwo: datum() })),
  }));
  return { bits, rules };
}

function script({ bits, rules }: RuleSet): string {
  return [
    'init 327681',
    ...(bits === 32 ? ['arch-add arm', 'arch-remove x86_64'] : []),
    ...rules.map(({ action, comparisons }) =>
      [
        'rule',
        action,
        'ioctl',
        ...comparisons.map(
          ({ index, op, value, valueTwo }) => `${index}:${operators[op].scmpCompare}:${value}:${valueTwo}`,
        ),
      ].join(' '),
    ),
    'clear',
    '',
  ].join('\n');
}

/** The first rule with EEXIST of each set, -1 where there is none, in what the helper printed. */
function refusals(output: string): readonly number[] {
  return output
    .split('clear\n')
    .slice(0, -1)
    .map((each) =>
      each
        .split('\n')
        .filter((line) => line.startsWith('rule '))
        .indexOf('rule -17'),
    );
}

function predicted({ bits, rules }: RuleSet): number {
  const isRefused = createRuleTree(bits);
  return rules.findIndex(({ comparisons, action }) => isRefused(comparisons, action));
}

const shown = (set: RuleSet): string =>
  JSON.stringify(set, (_, value) => (typeof value === 'bigint' ? `${value}` : value));

const hazard = ({ rules }: RuleSet): string | undefined =>
  findHazard(
    rules.map(({ comparisons }) => ({ syscall: 'ioctl', comparisons })),
    1,
  );

describe.each(['2.5.4', '2.6.1'] as const)('libseccomp %s', (version) => {
  const path = (): string => libraryByVersion(version)?.path ?? '';

  describeWith(['x86_64', 'cc', `libseccomp ${version}`], 'and the rules that it refuses', () => {
    it('are those that the tree refuses, of sets that it returns from', () => {
      const random = createRandom(3);
      const sets = Array.from({ length: samples(6_000) }, () => randomSet(random)).filter(
        (set) => hazard(set) === undefined,
      );
      const { status, stdout } = runHelper('libseccomp-build', [path()], sets.map(script).join(''));
      expect(status).toBe(0);
      const found = refusals(stdout);
      sets.forEach((set, at) => {
        expect(predicted(set), shown(set)).toBe(found[at]);
      });
      expect(found.filter((at) => at >= 0).length).toBeGreaterThan(sets.length / 20);
    });

    it('are those that the tree refuses, of sets that it may not return from', () => {
      const random = createRandom(4);
      let refused = 0;
      for (let left = samples(160); left > 0; ) {
        const set = randomSet(random);
        if (hazard(set) === undefined) continue;
        left--;
        const { stdout } = runHelper('libseccomp-build', [path(), loopsAfterMs], script(set));
        // What it printed before it went round in circles counts.
        const [at = -1] = refusals(`${stdout}clear\n`);
        expect(predicted(set), shown(set)).toBe(at);
        if (at >= 0) refused++;
      }
      expect(refused).toBeGreaterThan(0);
    });
  });
});
