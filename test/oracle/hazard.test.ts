/**
 * What findHazard says, held against libseccomp: sets it keeps out of this process really do not return, and sets it
 * lets in do, whichever random ones. The C helper adds the rules, so that a loop ends with its process.
 */
import { describe, expect, it } from 'vitest';
import { type Comparison, type Operator, operators } from '../../src/abi/operators.ts';
import { findHazard, type HazardRule } from '../../src/compile/hazardous-rules.ts';
import { looping, ordinary, rulesOf } from '../compile/hazard-sets.ts';
import { samples } from '../support/samples.ts';
import { xorshift32 } from '../support/xorshift.ts';
import { libraryByVersion } from './libraries.ts';
import { loopsAfterMs, runHelper } from './support/native.ts';
import { describeWith } from './support/require.ts';

const SETS = samples(3_000);

const versions = ['2.5.4', '2.6.0', '2.6.1'] as const;
const ERRNO = 0x50001;
const ALLOW = 0x7fff0000;

function script(rules: readonly HazardRule[]): string {
  const lines = rules.map(({ syscall, comparisons }) => {
    const words = comparisons.map(
      ({ index, op, value, valueTwo }) => `${index}:${operators[op].scmpCompare}:${value}:${valueTwo}`,
    );
    return ['rule', ALLOW, syscall, ...words].join(' ');
  });
  return [`init ${ERRNO}`, ...lines, 'export bpf', 'clear', ''].join('\n');
}

/** xorshift32: the same sets in every run. */
function random(seed: number): (below: number) => number {
  const next = xorshift32(seed);
  return (below) => next() % below;
}

const values = [0n, 1n, 2n, 0xffn, 0x80000000n, 0x1_00000000n, 0x1_00000001n, 2n ** 40n + 5n, 2n ** 64n - 1n];
const names = Object.keys(operators) as Operator[];

function randomSet(next: (below: number) => number): readonly HazardRule[] {
  return Array.from({ length: 1 + next(6) }, () => {
    const indexes = [0, 1, 2, 3, 4, 5].filter(() => next(3) === 0);
    const comparisons = indexes.map(
      (index): Comparison => ({
        index,
        op: names[next(names.length)] ?? 'eq',
        value: values[next(values.length)] ?? 0n,
        valueTwo: values[next(values.length)] ?? 0n,
      }),
    );
    return { syscall: 'socket', comparisons };
  });
}

describe.each(versions)('libseccomp %s', (version) => {
  const path = (): string => libraryByVersion(version)?.path ?? '';

  describeWith(['x86_64', 'cc', `libseccomp ${version}`], 'and findHazard', () => {
    it.each(looping)('does not return from what is kept out: %s', (_, texts) => {
      const rules = rulesOf(texts);
      expect(findHazard(rules, 1)).toBeDefined();
      expect(runHelper('libseccomp-build', [path(), loopsAfterMs], script(rules)).signal).toBe('SIGPROF');
    });

    it.each(ordinary)('returns from what is let in: %s', (_, texts) => {
      expect(runHelper('libseccomp-build', [path()], script(rulesOf(texts))).status).toBe(0);
    });

    it('returns from random sets that are let in', () => {
      const next = random(20261122);
      const sets: (readonly HazardRule[])[] = [];
      while (sets.length < SETS) {
        const set = randomSet(next);
        if (findHazard(set, 1) === undefined) sets.push(set);
      }
      // Were all but trivial sets kept out, this would show nothing.
      const telling = sets.filter(
        (rules) =>
          rules.filter(({ comparisons }) => comparisons.length > 0).length > 1 &&
          rules.some(({ comparisons }) => comparisons.length > 1),
      );
      expect(telling.length).toBeGreaterThan(SETS / 3);
      expect(runHelper('libseccomp-build', [path()], sets.map(script).join('')).status).toBe(0);
    });
  });
});
