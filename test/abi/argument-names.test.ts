import { describe, expect, it } from 'vitest';
import { type ArchName, allArchitectures } from '../../src/abi/architectures.ts';
import * as facilities from '../../src/abi/argument-names/facilities.ts';
import { fieldRows } from '../../src/abi/argument-names/fields.ts';
import * as files from '../../src/abi/argument-names/files.ts';
import * as ioctl from '../../src/abi/argument-names/ioctl.ts';
import * as memory from '../../src/abi/argument-names/memory.ts';
import type { NameSet } from '../../src/abi/argument-names/name-set.ts';
import * as network from '../../src/abi/argument-names/network.ts';
import * as processes from '../../src/abi/argument-names/process.ts';
import { skipUnless } from '../oracle/libraries.ts';
import { describeWith, missing } from '../oracle/support/require.ts';
import { evaluate, fetchedHeaders } from './support/constants.ts';

const sets = Object.entries<NameSet>({
  ...processes,
  ...files,
  ...memory,
  ...network,
  ...ioctl,
  ...facilities,
});

/** Every name a set has on any architecture, as the C expression its value is. */
function expressions(set: NameSet): Map<string, string> {
  const names = [set.values, ...(set.differs ?? []).map(({ values }) => values)].flatMap(Object.keys);
  return new Map(names.map((name) => [name, (set.expression ?? '%').replace('%', name)]));
}

/** What a set says of an architecture, u64. */
function stored(set: NameSet, arch: ArchName): Map<string, bigint> {
  const values = new Map<string, number | null>(Object.entries(set.values));
  for (const { archs, values: others } of set.differs ?? []) {
    if (archs.includes(arch)) for (const [name, value] of Object.entries(others)) values.set(name, value);
  }
  return new Map(
    [...values].flatMap(([name, value]): [string, bigint][] =>
      value === null ? [] : [[name, BigInt.asUintN(64, BigInt(value))]],
    ),
  );
}

describe('sets of names', () => {
  it('differ only where they say something else', () => {
    for (const [id, set] of sets) {
      for (const { archs, values } of set.differs ?? []) {
        expect(archs.length, id).toBeGreaterThan(0);
        for (const [name, value] of Object.entries(values)) {
          expect(value, `${id} ${name}`).not.toBe(set.values[name] ?? null);
        }
      }
    }
  });

  it('have no name in common', () => {
    const names = sets.flatMap(([, set]) => [...expressions(set).keys()]);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('are all used', () => {
    const used = new Set(fieldRows.flatMap(({ sets, enumMask }) => [...sets, enumMask]));
    expect(sets.filter(([, set]) => !used.has(set)).map(([id]) => id)).toEqual([]);
  });
});

const exported = sets.filter(([, set]) => set.libc !== true);
const ofLibc = sets.filter(([, set]) => set.libc === true);

/** Values of all names of some sets, by name: no two sets have a name in common. */
function compile(some: typeof sets, arch?: ArchName): ReadonlyMap<string, bigint> {
  const headers = [...new Set(some.flatMap(([, set]) => set.headers))];
  return evaluate(headers, new Map(some.flatMap(([, set]) => [...expressions(set)])), arch);
}

describeWith(['cc', 'x86_64'], 'names and the headers of this machine', () => {
  it.each([
    ['the kernel’s', exported],
    ['the C library’s', ofLibc],
  ])('have the values a C program gets: %s', (_, some) => {
    const theirs = compile(some);
    let compared = 0;
    let total = 0;
    for (const [id, set] of some) {
      for (const [name, value] of stored(set, 'x86_64')) {
        total++;
        // Older headers lack the newest names.
        if (!theirs.has(name)) continue;
        expect(value, `${id} ${name}`).toBe(theirs.get(name));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(total * 0.9);
  });
});

describe.skipIf(skipUnless(fetchedHeaders() !== undefined && missing(['cc', 'x86_64']).length === 0))(
  'names and the kernel headers of every architecture (needs npm run fetch, cc on x86_64)',
  () => {
    it.each(allArchitectures.map(({ name }) => name))('%s', (arch) => {
      const here = exported.filter(([, set]) => set.archs?.includes(arch) ?? true);
      const theirs = compile(here, arch);
      const different: string[] = [];
      let compared = 0;
      for (const [id, set] of here) {
        const ours = stored(set, arch);
        for (const name of expressions(set).keys()) {
          const [have, want] = [ours.get(name), theirs.get(name)];
          if (have !== want) different.push(`${id} ${name} is ${want}, not ${have}`);
          compared++;
        }
      }
      expect(different).toEqual([]);
      expect(compared).toBeGreaterThan(900);
    });
  },
);
