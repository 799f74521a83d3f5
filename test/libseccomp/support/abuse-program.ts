/**
 * Calls every function and every method of the binding with arguments it is not made for. Each call is announced on
 * standard output before it is made, so that the last line names the one that crashed the process. What throws other
 * than OciSeccompErrors, or does not end, is listed on standard error, and the process fails.
 *
 * Arguments: LIBRARY OTHER_LIBRARY SEED RUNS
 * @module
 */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import * as binding from '../../../src/libseccomp/index.ts';

const { Filter, OciSeccompError } = binding;
type AnyFunction = (...args: unknown[]) => unknown;

const [library = '', otherLibrary = '', seed = '', runs = ''] = process.argv.slice(2);
const STDOUT = 1;
const STDERR = 2;
const PATIENCE_MS = 5_000;

const alive = new Filter(binding.allow(), { library });
const foreign = new Filter(binding.allow(), { library: otherLibrary });
const released = new Filter(binding.allow(), { library });
released.release();

const oddNumbers = [
  ...[
    Number.NaN,
    Infinity,
    -Infinity,
    -0,
    -1,
    0,
    1,
    1.5,
    3,
    5,
    6,
    7,
    8,
    255,
    256,
    1000,
    4094,
    4095,
    65535,
    65536,
  ],
  ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e308, 5e-324],
];
const oddBigints = [0n, -1n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 64n - 1n, 2n ** 64n, -(2n ** 63n), 2n ** 4096n];
const oddTexts = [
  ...[
    '',
    '\0',
    'read',
    'read\0',
    'read\0x',
    '\0read',
    'x86_64',
    'x86',
    'x86_64\0',
    'arm',
    'native',
    'EACCES',
    'eacces',
  ],
  ...[
    '0x',
    '0x1g',
    '-1',
    ' 1',
    '1e3',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '\ud800',
    'é',
  ],
  ...[
    'CTL_NNP',
    'ACT_BADARCH',
    'ACT_DEFAULT',
    'CTL_OPTIMIZE',
    'SCMP_ACT_ALLOW',
    'all',
    'current',
    '==',
    'maskedEq',
  ],
  ...['x'.repeat(5_000), 'libm.so.6', 'no-such-library.so', '2.5.4'],
];
const oddFunctions = [
  () => 1,
  () => {
    throw new OciSeccompError('ERR_USAGE', 'thrown by the work of a transaction');
  },
  () => Promise.resolve(1),
];

const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, Symbol('odd'), Symbol.iterator, ...oddFunctions),
  fc.constantFrom<unknown>(...oddNumbers, ...oddBigints, ...oddTexts),
  fc.constantFrom<unknown>(alive, released, foreign, new Proxy({}, {}), new Uint8Array(3), new Array(3)),
  fc.anything({
    maxDepth: 1,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
);

const comparison = fc.record({ index: odd, op: odd, value: odd, valueTwo: odd }, { requiredKeys: [] });
/** Right in shape, so that what is wrong inside is reached. */
const shaped: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    binding.allow(),
    binding.errno(1),
    binding.trap(7),
    binding.notify(),
    binding.log(),
  ),
  fc.constantFrom<unknown>('read', 'socket', 'x86', 'CTL_NNP', 0, 1, -101, { library }),
  fc.record({ kind: odd, data: odd, errno: odd, word: odd }, { requiredKeys: ['kind'] }),
  fc.record(
    { kind: fc.constantFrom('errno', 'trace', 'trap', 'raw', 'allow'), data: odd, errno: odd, word: odd },
    { requiredKeys: ['kind'] },
  ),
  fc.array(fc.oneof(odd, comparison), { maxLength: 8 }),
  fc.array(
    fc.oneof(
      fc.record({
        index: fc.oneof(fc.constantFrom(0, 1, 5), odd),
        op: fc.oneof(fc.constant('=='), odd),
        value: odd,
      }),
      fc.record({ index: fc.constantFrom(0, 1, 5), op: fc.constant('maskedEq'), value: odd, valueTwo: odd }),
    ),
    { maxLength: 2 },
  ),
  fc.record(
    {
      library: odd,
      threads: odd,
      signal: odd,
      newFd: odd,
      closeOnExec: odd,
      send: odd,
      value: odd,
      error: odd,
    },
    { requiredKeys: [] },
  ),
);
const args = fc.array(fc.oneof(odd, shaped), { maxLength: 5 });

/** Descriptors and files of this process itself are not what an export may be tried on. */
function isOwn(target: unknown): boolean {
  return (
    (typeof target === 'number' && target >= 0 && target < 1000) ||
    String(typeof target === 'string' ? target : '').includes('/')
  );
}

async function inTime(promise: PromiseLike<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of it in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function hasMethod(value: unknown, name: PropertyKey): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Record<PropertyKey, unknown>)[name] === 'function'
  );
}

/** Makes a call and waits for what it promises; an OciSeccompError is what is expected of a wrong one. */
async function attempt(label: string, given: readonly unknown[], call: () => unknown): Promise<void> {
  const shown = inspect(given, { depth: 3, breakLength: Infinity, maxStringLength: 60 });
  writeSync(STDOUT, `${label} ${shown}\n`);
  try {
    const result = call();
    if (hasMethod(result, 'then')) await inTime(result as Promise<unknown>);
    if (hasMethod(result, Symbol.asyncIterator)) {
      await inTime((result as AsyncIterable<unknown>)[Symbol.asyncIterator]().next());
    }
  } catch (error) {
    if (error instanceof OciSeccompError && error.code in codes && error.message !== '') return;
    if (error instanceof TypeError && takesApart.has(label)) return;
    const key = `${label.replace(/^\w+ (?=filter)/, '')}: ${String(error)}`;
    if (findings.has(key)) return;
    findings.add(key);
    writeSync(STDERR, `${key}\n    for ${shown}\n`);
  }
}

/** What else was thrown; written out with the first arguments it was thrown for. */
const findings = new Set<string>();

/** They only read the fields of a value that the type checker has seen, and call nothing: a TypeError will do. */
const takesApart = new Set(['actionData', 'advisoriesFor', 'formatVersion', 'nativeArch']);

/** The codes a call of the binding may fail with. */
const codes = {
  ERR_USAGE: true,
  ERR_IO: true,
  ERR_KERNEL: true,
  ERR_LIBSECCOMP: true,
  ERR_LIBSECCOMP_MISSING: true,
  ERR_LIBSECCOMP_RELEASED: true,
  ERR_LIBSECCOMP_TOO_OLD: true,
  ERR_NOTIFY_GONE: true,
} as const;

const states = {
  fresh: () => new Filter(binding.allow(), { library }),
  ruled: () => {
    const filter = new Filter(binding.allow(), { library });
    filter.addRule(binding.errno(1), 'swapoff', [{ index: 0, op: '==', value: 1 }]);
    return filter;
  },
  empty: () => {
    const filter = new Filter(binding.allow(), { library });
    filter.removeArch('native');
    return filter;
  },
  released: () => released,
} as const;

const functions = Object.entries(binding).flatMap(([name, value]) =>
  typeof value === 'function' && name !== 'Filter' && name !== 'OciSeccompError'
    ? [[name, value as AnyFunction] as const]
    : [],
);
const methods = Object.getOwnPropertyNames(Filter.prototype).filter((name) => {
  const { value } = Object.getOwnPropertyDescriptor(Filter.prototype, name) ?? {};
  return typeof value === 'function' && name !== 'constructor';
});

const parameters = { seed: Number(seed), numRuns: Number(runs) } as const;

async function abuseFunctions(): Promise<void> {
  const property = fc.asyncProperty(fc.constantFrom(...functions), args, async ([name, call], given) => {
    binding.resetGlobalState({ library });
    await attempt(name, given, () => call(...given));
  });
  await fc.assert(property, parameters);
}

async function abuseConstructor(): Promise<void> {
  const create = (given: readonly unknown[]) => Reflect.construct(Filter, given).release();
  const property = fc.asyncProperty(args, (given) => attempt('new Filter', given, () => create(given)));
  await fc.assert(property, parameters);
}

async function abuseMethods(): Promise<void> {
  const state = fc.constantFrom(...(Object.keys(states) as (keyof typeof states)[]));
  const property = fc.asyncProperty(state, fc.constantFrom(...methods), args, async (from, name, given) => {
    fc.pre(!name.startsWith('export') || !isOwn(given[0]));
    const filter = states[from]();
    const method = Reflect.get(filter, name) as AnyFunction;
    await attempt(`${from} filter.${name}`, given, () => method.apply(filter, given));
    filter.release();
  });
  await fc.assert(property, { ...parameters, numRuns: parameters.numRuns * 3 });
}

await abuseFunctions();
await abuseConstructor();
await abuseMethods();
writeSync(STDOUT, `done: ${functions.length} functions, ${methods.length} methods\n`);
process.exitCode = findings.size === 0 ? 0 : 1;
