/**
 * Shapes of rule sets, to find out which of them libseccomp always compiles correctly.
 * @module
 */
import type { RuleSet } from './rule-set.ts';

const U32_MAX = 0xffff_ffffn;

interface ShapeFacts {
  readonly rules: number;
  /** Comparisons of the longest rule. */
  readonly longest: number;
  readonly operators: ReadonlySet<string>;
  /** Distinct arguments compared. */
  readonly arguments: number;
  /** All values are below 2^32. */
  readonly isSmall: boolean;
  readonly actions: number;
}

type Shape = readonly [string, (facts: ShapeFacts) => boolean];

function only(...allowed: readonly string[]): (facts: ShapeFacts) => boolean {
  return ({ operators }) => [...operators].every((operator) => allowed.includes(operator));
}

const isSingle = ({ longest }: ShapeFacts): boolean => longest <= 1;
const isPlural = ({ rules, longest }: ShapeFacts): boolean => rules > 1 && longest > 1;
const oneAction = ({ actions }: ShapeFacts): boolean => actions === 1;
const equalities = only('eq');
const masks = only('eq', 'maskedEq');

/** Named; a set is of every shape whose test it passes. */
const shapes: readonly Shape[] = [
  ['one rule', ({ rules }) => rules === 1],
  ['several rules, only ==, one action', (f) => f.rules > 1 && equalities(f) && oneAction(f)],
  ['several rules, only ==, several actions', (f) => f.rules > 1 && equalities(f) && !oneAction(f)],
  [
    'several rules, only == and &, one action',
    (f) => f.rules > 1 && masks(f) && !equalities(f) && oneAction(f),
  ],
  [
    'several rules, only == and &, several actions',
    (f) => f.rules > 1 && masks(f) && !equalities(f) && !oneAction(f),
  ],
  [
    'one argument, values below 2^32, one action',
    (f) => f.rules > 1 && f.arguments === 1 && f.isSmall && oneAction(f),
  ],
  [
    'one argument, values below 2^32, several actions',
    (f) => f.rules > 1 && f.arguments === 1 && f.isSmall && !oneAction(f),
  ],
  [
    'one argument, 64-bit values, one action',
    (f) => f.rules > 1 && f.arguments === 1 && !f.isSmall && oneAction(f),
  ],
  [
    'one argument, 64-bit values, several actions',
    (f) => f.rules > 1 && f.arguments === 1 && !f.isSmall && !oneAction(f),
  ],
  [
    'one comparison a rule, several arguments, values below 2^32, one action',
    (f) => f.rules > 1 && isSingle(f) && f.arguments > 1 && f.isSmall && oneAction(f),
  ],
  [
    'one comparison a rule, several arguments, 64-bit values, one action',
    (f) => f.rules > 1 && isSingle(f) && f.arguments > 1 && !f.isSmall && oneAction(f),
  ],
  [
    'one comparison a rule, several arguments, several actions',
    (f) => f.rules > 1 && isSingle(f) && f.arguments > 1 && !oneAction(f),
  ],
  [
    'several comparisons a rule, values below 2^32, one action',
    (f) => isPlural(f) && f.isSmall && oneAction(f) && !masks(f),
  ],
  [
    'several comparisons a rule, 64-bit values, one action',
    (f) => isPlural(f) && !f.isSmall && oneAction(f) && !masks(f),
  ],
  ['several comparisons a rule, several actions', (f) => isPlural(f) && !oneAction(f) && !masks(f)],
  ['all sets', () => true],
];

/** The names of a set's shapes. */
export function shapesOf(set: RuleSet): readonly string[] {
  const comparisons = set.rules.flatMap((rule) => rule.comparisons);
  const facts: ShapeFacts = {
    rules: set.rules.length,
    longest: Math.max(0, ...set.rules.map((rule) => rule.comparisons.length)),
    operators: new Set(comparisons.map(({ op }) => op)),
    arguments: new Set(comparisons.map(({ index }) => index)).size,
    isSmall: comparisons.every(({ value, valueTwo }) => value <= U32_MAX && valueTwo <= U32_MAX),
    actions: new Set(set.rules.map(({ returnWord }) => returnWord)).size,
  };
  return shapes.filter(([, test]) => test(facts)).map(([name]) => name);
}
