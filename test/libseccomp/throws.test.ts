/**
 * The codes that the methods of a filter throw, held against their descriptions: what libseccomp refuses of filters in several
 * states, and what is refused before it, must be named there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OciSeccompError } from '../../src/errors.ts';
import * as binding from '../../src/libseccomp/index.ts';
import { root } from '../cli/run.ts';
import { installedLibraries, skipUnless } from '../oracle/libraries.ts';

const { allow, errno, log, notify, trap } = binding;
const source = readFileSync(join(root, 'src/libseccomp/filter.ts'), 'utf8');

/** A description, with those that it refers to. */
function describedCodes(method: string): ReadonlySet<string> {
  const at = source.search(new RegExp(`\\n  ${method}(<[^(]*>)?\\(`));
  expect(at, method).toBeGreaterThan(0);
  const text = source.slice(source.lastIndexOf('/**', at), at);
  const others = [...text.matchAll(/\bas (?:\{@link (?:Filter\.)?(\w+)\}|the (constructor))/g)];
  const codes = text.match(/`ERR_\w+`/g)?.map((each) => each.slice(1, -1)) ?? [];
  return new Set([
    ...codes,
    ...others.flatMap(([, name, itself]) => [...describedCodes(name ?? itself ?? '')]),
  ]);
}

type Method = Exclude<keyof binding.Filter, 'library' | 'isValid' | 'release' | symbol>;
const raw = { kind: 'raw', word: 7 };
const attributes = Object.keys(binding.attributes);
const rules = [
  ...[errno(1), allow(), notify(), trap(7), raw, 7].map((action) => [action, 'read']),
  ...[9999, -1, -5, 2 ** 31, 'no_such_call', 'socketcall', null].map((syscall) => [errno(1), syscall]),
  [errno(1), 'read', ['!=', '>'].map((op) => ({ index: 0, op, value: 1 }))],
];
const exports = [[], [-1], [''], ['/no such folder/file'], [2 ** 31 - 1]];
const some = (library: string): binding.Filter => new binding.Filter(allow(), { library });

/** Arguments that are refused by somebody. */
const given = (library: string): Readonly<Record<Method, readonly (readonly unknown[])[]>> => ({
  reset: [allow(), notify(), trap(7), log(), raw, 7].map((action) => [action]),
  merge: [[some(library)], [new binding.Filter(errno(1), { library })], [7]],
  ...{ addArch: [['x86'], ['x86_64'], ['s390x'], ['m68k'], ['zz']], removeArch: [['x86'], ['m68k'], ['zz']] },
  hasArch: [['x86'], ['m68k'], ['zz'], [7]],
  ...{ addRule: rules, addRuleExact: rules },
  syscallPriority: [
    ['read', 1],
    ['read', 256],
    [-1, 1],
    [9999, 1],
    ['zz', 1],
  ] as const,
  getAttribute: [...attributes, 'zz'].map((name) => [name]),
  setAttribute: [...attributes, 'zz'].flatMap((name) =>
    [true, notify(), trap(7), raw, 3].map((value) => [name, value]),
  ),
  ...{ exportBpf: exports, exportPfc: exports },
  ...{ precompute: [[]], transactionStart: [[]], transactionCommit: [[]], transactionReject: [[]] },
  transaction: [[() => 1], [7], [async () => 1]],
  ...{
    notifyFd: [[]],
    notifications: [[], [{ signa: 1 }]],
    load: [[{ threads: 'some' }], [{ thread: 'all' }]],
  },
});

const states: Readonly<Record<string, (filter: binding.Filter) => unknown>> = {
  new: () => {},
  'of two architectures': (filter) => filter.addArch('x86'),
  'of no architecture': (filter) => filter.removeArch('native'),
  'with a rule and one architecture less': (filter) => [
    filter.addArch('x86'),
    filter.addRule(errno(1), 'swapoff'),
    filter.removeArch('x86'),
  ],
};

describe.skipIf(skipUnless(installedLibraries().length > 0))('what a method of a filter throws', () => {
  const oneOfEach = [...new Map(installedLibraries().map((each) => [each.version, each.path])).entries()];

  it.each(oneOfEach)('is in its description (libseccomp %s)', (_, library) => {
    const unsaid = new Set<string>();
    let thrown = 0;
    for (const [method, calls] of Object.entries(given(library)))
      for (const prepare of Object.values(states))
        for (const values of calls) {
          using filter = some(library);
          prepare(filter);
          try {
            (Reflect.get(filter, method) as (...values: readonly unknown[]) => unknown).apply(filter, [
              ...values,
            ]);
          } catch (error) {
            if (!(error instanceof OciSeccompError)) throw error;
            thrown += 1;
            if (!describedCodes(method).has(error.code))
              unsaid.add(`${method}: ${error.code}, ${error.message}`);
          }
        }
    expect([...unsaid]).toEqual([]);
    expect(thrown).toBeGreaterThan(200);
  });
});
