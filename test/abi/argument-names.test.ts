import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import { fieldRows } from '../../src/abi/argument-names/fields.ts';
import type { NameSetId } from '../../src/abi/argument-names/name-sets.generated.ts';
import {
  allNameSets,
  namesOf as namesOfSet,
  type SetOfNames,
} from '../../src/abi/argument-names/name-sets.ts';
import { nameSetRows, namesOf, renderArgumentNames } from '../../tools/argument-name-table.ts';
import { evaluate, fetchedHeaders } from '../../tools/kernel-constants.ts';
import { root } from '../cli/run.ts';
import { skipUnless } from '../oracle/libraries.ts';
import { describeWith, missing } from '../oracle/support/require.ts';

const sets = nameSetRows.map((row) => ({ row, set: namesOfSet(row.id as NameSetId) }));

/** What a set says of an architecture, u64. */
function stored({ values: all, differs = [] }: SetOfNames, arch: ArchName): Map<string, bigint> {
  const values = new Map<string, number | null>(Object.entries(all));
  for (const { archs, values: others } of differs) {
    if (archs.includes(arch)) for (const [name, value] of Object.entries(others)) values.set(name, value);
  }
  return new Map(
    [...values].flatMap(([name, value]): [string, bigint][] =>
      value === null ? [] : [[name, BigInt.asUintN(64, BigInt(value))]],
    ),
  );
}

describe('sets of names', () => {
  it('have no name in common', () => {
    const names = sets.flatMap(({ row }) => namesOf(row));
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('are found whole by their ids', () => {
    expect(sets.map(({ set }) => set)).toEqual(allNameSets());
    for (const { row, set } of sets) {
      const found = [set, ...(set.differs ?? [])].flatMap(({ values }) => Object.keys(values));
      expect(new Set(found), row.id).toEqual(new Set(namesOf(row)));
    }
  });

  it('are all used', () => {
    const used = new Set<unknown>(fieldRows().flatMap(({ sets, enumMask }) => [...sets, enumMask]));
    // O_CLOEXEC and O_NONBLOCK are picked from theirs.
    expect(sets.filter(({ row }) => !used.has(row.id)).map(({ row }) => row.id)).toEqual([]);
  });

  it('say of x86_64 and of others what they say', () => {
    const openFlags = namesOfSet('openFlags');
    expect(stored(openFlags, 'x86_64').get('O_DIRECT')).toBe(0x4000n);
    expect(stored(openFlags, 'aarch64').get('O_DIRECT')).toBe(0x10000n);
  });

  it('have a reason for what they do not take from the headers', () => {
    for (const { row } of sets) if (row.overrides !== undefined) expect(row.overrides.reason).not.toBe('');
  });
});

const exported = nameSetRows.filter((row) => row.libc !== true);
const ofLibc = nameSetRows.filter((row) => row.libc === true);

describeWith(['cc', 'x86_64'], 'names and the headers of this machine', () => {
  it.each([
    ['the kernel’s', exported],
    ['the C library’s', ofLibc],
  ])('have the values a C program gets: %s', (_, some) => {
    const headers = [...new Set(some.flatMap((row) => row.headers))];
    const expressions = some.flatMap((row) =>
      namesOf(row).map((name) => [name, (row.expression ?? '%').replace('%', name)] as const),
    );
    const theirs = evaluate(headers, new Map(expressions));
    let compared = 0;
    let total = 0;
    for (const row of some) {
      for (const [name, value] of stored(namesOfSet(row.id as NameSetId), 'x86_64')) {
        total++;
        // Older headers lack the newest names.
        if (!theirs.has(name)) continue;
        expect(value, `${row.id} ${name}`).toBe(theirs.get(name));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(total * 0.9);
  });
});

describe.skipIf(skipUnless(fetchedHeaders() !== undefined && missing(['cc', 'x86_64']).length === 0))(
  'the generated table and the kernel headers of every architecture (needs npm run fetch, cc on x86_64)',
  () => {
    it('is what tools/generate-argument-names.ts makes of them', () => {
      const file = join(root, 'src/abi/argument-names/name-sets.generated.ts');
      expect(renderArgumentNames()).toBe(readFileSync(file, 'utf8'));
    });
  },
);
