/**
 * What the tests of descriptions and differences share: policies of few rules, calls at their boundaries, and an
 * evaluation of described cases that shares nothing with src/.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { actions } from '../../src/abi/actions.ts';
import type { Comparison } from '../../src/abi/operators.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { decodeProgram, type Program } from '../../src/bpf/program.ts';
import type { ArgumentTest, Description } from '../../src/decision/describe.ts';
import type { Outcome } from '../../src/decision/space.ts';
import type { Policy, PolicyRule, SyscallTable } from '../../src/policy/policy.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';

export const table: SyscallTable = { name: 'test', resolve: syscallNumber };
export const X86_64 = 0xc000003e;

const interesting = [
  0n,
  1n,
  2n,
  5n,
  0xffn,
  0x1_0000n,
  0x7fff_ffffn,
  0xffff_ffffn,
  1n << 32n,
  (1n << 32n) + 5n,
];
export const datum: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...interesting, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

export const comparison: fc.Arbitrary<Comparison> = fc.record({
  index: fc.constantFrom(0, 1, 2),
  op: fc.constantFrom('ne', 'lt', 'le', 'eq', 'ge', 'gt', 'maskedEq'),
  value: datum,
  valueTwo: datum,
});

const words = [actions.allow.word, actions.errno.word | 1, actions.errno.word | 38, actions.log.word];

/** Rules of personality(2) alone: 1 to 4, of 0 to 3 comparisons on different arguments. */
export const rules: fc.Arbitrary<readonly PolicyRule[]> = fc.array(
  fc
    .record({
      comparisons: fc.uniqueArray(comparison, { minLength: 0, maxLength: 3, selector: ({ index }) => index }),
      returnWord: fc.constantFrom(...words),
    })
    .map((rule) => ({ ...rule, syscall: 'personality', nr: 135, origin: 0 })),
  { minLength: 1, maxLength: 4 },
);

export function policyOf(own: readonly PolicyRule[]): Policy {
  return {
    runtime: parseRuntime('plain'),
    architectures: ['x86_64'],
    defaultAction: actions.errno.word | 2,
    badArchAction: actions.killThread.word,
    optimize: 1,
    rules: own,
    enosysStub: undefined,
    flags: [],
  };
}

const U64 = (1n << 64n) - 1n;
const U32 = 0xffff_ffffn;

/** Values around those given, and mixtures of their halves. */
export function boundaries(values: readonly bigint[]): readonly bigint[] {
  const near = [0n, 1n, U32, U64, ...values].flatMap((value) => [
    value,
    BigInt.asUintN(64, value + 1n),
    BigInt.asUintN(64, value - 1n),
    value & U32,
    value ^ (1n << 32n),
    ~value & U64,
  ]);
  return [...new Set(near)];
}

/** What a description says of arguments: the first case whose tests they meet. `undefined`: nothing. */
export function readDescription({ cases }: Description, args: readonly bigint[]): Outcome | undefined {
  return cases.find(({ tests }) => tests.every((test) => meets(test, args)))?.outcome;
}

function meets({ index, part, test }: ArgumentTest, args: readonly bigint[]): boolean {
  const whole = index === undefined ? 0n : (args[index] ?? 0n);
  const value = part === 'whole' ? whole : part === 'low' ? whole & U32 : whole >> 32n;
  if (test.kind === 'in') return test.ranges.some(([from, to]) => from <= value && value <= to);
  return test.values.includes(value & test.mask) === test.equal;
}

export const realPrograms = [
  'runc',
  'crun',
  'podman',
  'lxc',
  'flatpak',
  'openssh-preauth',
  'vsftpd',
  'chromium-renderer',
  'chromium-network',
  'tor',
  'chronyd',
] as const;

/** A program read from a live process; fixtures/programs/README.md says how. */
export function realProgram(name: string): { readonly bytes: Uint8Array; readonly program: Program } {
  const file = join(import.meta.dirname, `../../fixtures/programs/${name}.b64`);
  const bytes = Buffer.from(readFileSync(file, 'utf8'), 'base64');
  return { bytes, program: decodeProgram(bytes, 'little') };
}

/** Constants that a program compares with, as 64-bit values: low half, high half. */
export function constantsOf(program: Program): readonly bigint[] {
  const ks = program.filter(({ code }) => (code & 0x07) === 0x05 && code !== 0x05).map(({ k }) => BigInt(k));
  return [...new Set(ks.flatMap((k) => [k, k << 32n]))];
}
