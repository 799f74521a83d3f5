/**
 * Differences are complete and true: every call that two filters treat differently is in a change, every witness is
 * confirmed by an interpreter that shares nothing with src/.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import { decidePrograms } from '../../src/decision/answer-call.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { type ArchDifference, findDifferences } from '../../src/decision/difference.ts';
import { compareOutcomes, type Relation } from '../../src/decision/relate.ts';
import { createSpace } from '../../src/decision/space.ts';
import { archOfCall, evaluate } from '../../src/decision/witness.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { simulate } from '../oracle/support/simulate.ts';
import { samples } from '../support/samples.ts';
import {
  boundaries,
  constantsOf,
  policyOf,
  realProgram,
  realPrograms,
  rules,
  table,
  X86_64,
} from './meaning-support.ts';

/** The relations that the differences claim for a number. */
function claimed(differences: readonly ArchDifference[], arch: string, nr: number): readonly Relation[] {
  return differences
    .filter((each) => each.arch === arch)
    .flatMap(({ changes }) => changes)
    .filter(({ numbers }) => numbers.some(({ from, to }) => from <= nr && nr <= to))
    .flatMap(({ sightings }) => sightings.map(({ relation }) => relation));
}

const pairs = realPrograms.flatMap((first, i) =>
  realPrograms.slice(i + 1, i + 3).map((second) => ({ first, second })),
);

describe('findDifferences', () => {
  it.each(pairs)('between $first and $second is what another interpreter sees', ({ first, second }) => {
    const [a, b] = [realProgram(first), realProgram(second)];
    const space = createSpace();
    const [x, y] = [a, b].map(({ program }) => decidePrograms(space, [{ program, endian: 'little' }])) as [
      number,
      number,
    ];
    const differences = findDifferences(space, x, y);
    expect(differences.length).toBeGreaterThan(0);

    let witnesses = 0;
    for (const { changes } of differences) {
      for (const { sightings } of changes) {
        for (const { call, outcomes } of sightings) {
          expect(outcomes[0]).toMatchObject({ word: simulate(a.bytes, call) });
          expect(outcomes[1]).toMatchObject({ word: simulate(b.bytes, call) });
          expect(outcomes[0]).not.toEqual(outcomes[1]);
          witnesses += 1;
        }
      }
    }
    expect(witnesses).toBeGreaterThan(0);

    const values = boundaries([...constantsOf(a.program), ...constantsOf(b.program)].slice(-40));
    for (const [arch, auditArch, base] of [
      ['x86_64', X86_64, 0],
      ['x86', 0x40000003, 0],
      ['x32', X86_64, 0x40000000],
      ['aarch64', 0xc00000b7, 0],
    ] as const) {
      for (let i = 0; i < 475; i++) {
        const nr = base + i;
        const relations = claimed(differences, arch, nr);
        for (let k = 0; k < 6; k++) {
          const at = (j: number): bigint => values[(i * 31 + k * 17 + j * 5) % values.length] ?? 0n;
          const data = { nr, arch: auditArch, args: [at(0), at(1), at(2), at(3)] };
          const [before, after] = [simulate(a.bytes, data), simulate(b.bytes, data)];
          const relation = compareOutcomes({ kind: 'word', word: before }, { kind: 'word', word: after });
          if (relation === 'equal' || relations.includes(relation)) continue;
          expect(relations, `${arch} ${nr}(${data.args})`).toContain(relation);
        }
      }
    }
  });

  it('between policies misses nothing and claims nothing that is not', () => {
    const property = fc.property(rules, rules, fc.infiniteStream(fc.nat()), (own, others, random) => {
      const space = createSpace();
      const [x, y] = [own, others].map((each) => {
        const policy = policyOf(each);
        return decidePolicy(space, policy, expandPolicy(policy, table));
      }) as [number, number];
      const differences = findDifferences(space, x, y);
      const relations = claimed(differences, 'x86_64', 135);
      for (const { sightings } of differences.flatMap(({ changes }) => changes)) {
        for (const { call, outcomes, relation } of sightings) {
          expect([evaluate(space, x, call), evaluate(space, y, call)]).toEqual(outcomes);
          expect(compareOutcomes(...outcomes)).toBe(relation);
        }
      }
      const values = boundaries(
        [...own, ...others].flatMap(({ comparisons }) => comparisons.map(({ value }) => value)),
      );
      const pick = (): bigint => values[(random.next().value ?? 0) % values.length] ?? 0n;
      for (let i = 0; i < 100; i++) {
        const call = { nr: 135, arch: X86_64, instructionPointer: 0n, args: [pick(), pick(), pick()] };
        const relation = compareOutcomes(evaluate(space, x, call), evaluate(space, y, call));
        if (relation !== 'equal') expect(relations).toContain(relation);
      }
    });
    fc.assert(property, { numRuns: samples(300) });
  });

  it('groups numbers that change alike and tells kinds apart', () => {
    const space = createSpace();
    const decide = (names: Readonly<Record<string, number>>): number => {
      const own = Object.entries(names).map(([syscall, word]) => ({
        syscall,
        nr: table.resolve(syscall, 'x86_64') ?? -1,
        comparisons: [],
        returnWord: word,
        origin: 0,
      }));
      const policy = policyOf(own);
      return decidePolicy(space, policy, expandPolicy(policy, table));
    };
    const [allow, eperm, log] = [actions.allow.word, actions.errno.word | 1, actions.log.word];
    const first = decide({ read: allow, write: allow, mount: eperm, kill: eperm });
    const second = decide({ read: log, write: log, mount: allow, kill: actions.errno.word | 7 });
    const [only, ...rest] = findDifferences(space, first, second);
    expect(rest).toEqual([]);
    expect(only?.changes.map(({ kind, numbers }) => [kind, numbers.map(({ name }) => name)])).toEqual([
      ['looser', ['mount']],
      ['different', ['kill']],
      ['stricter', ['read', 'write']],
    ]);
  });

  it('shows -1 where libseccomp decides it, at x86_64, and under the same name', () => {
    const space = createSpace();
    const policy = policyOf([]);
    const other = { ...policy, defaultAction: actions.log.word };
    const [first, second] = [policy, other].map((each) =>
      decidePolicy(space, each, expandPolicy(each, table)),
    );
    const found = findDifferences(space, first as number, second as number).filter(
      ({ changes }) =>
        claimed([{ arch: 'x86_64', changes } as ArchDifference], 'x86_64', 0xffff_ffff).length > 0,
    );
    expect(found.map(({ arch }) => arch)).toEqual(['x86_64']);
    expect(archOfCall({ arch: X86_64, nr: 0xffff_ffff })).toBe('x86_64');
  });

  it('finds none where only data differs that the kernel ignores', () => {
    const space = createSpace();
    const decide = (word: number): number => {
      const program = [{ code: 6, jt: 0, jf: 0, k: word }];
      return decidePrograms(space, [{ program, endian: 'little' }]);
    };
    expect(findDifferences(space, decide(0x7fff0000), decide(0x7fff1234))).toEqual([]);
    expect(findDifferences(space, decide(0x00050001), decide(0x00050002))).not.toEqual([]);
  });
});
