import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samples } from '../support/samples.ts';
import { type Outcome, ociSeccomp } from './run.ts';

/** Values that JSON documents about seccomp are made of, in any arrangement. */
const word = fc.constantFrom(
  'defaultAction',
  'syscalls',
  'names',
  'name',
  'action',
  'args',
  'index',
  'value',
  'op',
  'architectures',
  'archMap',
  'includes',
  'excludes',
  'caps',
  'linux',
  'seccomp',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_NOTIFY',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GT',
  'SCMP_ARCH_X86_64',
  'SCMP_ARCH_X32',
  'read',
  'socket',
  'write',
  '',
);
const { value: document } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constant(null),
    fc.boolean(),
    fc.constantFrom(-1, 0, 1, 5, 6, 38, 4095, 65536, 2 ** 53, 1.5),
    word,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 6 }),
  ),
}));

/** A profile that is well-formed but for what its parts say. */
const rule = fc.record({
  names: fc.array(fc.constantFrom('read', 'socket', 'kill', 'clone', 'nonsense', 'arm_fadvise64_64'), {
    maxLength: 3,
  }),
  action: fc.constantFrom(
    'SCMP_ACT_ALLOW',
    'SCMP_ACT_ERRNO',
    'SCMP_ACT_KILL',
    'SCMP_ACT_LOG',
    'SCMP_ACT_TRACE',
  ),
  args: fc.array(
    fc.record({
      index: fc.integer({ min: 0, max: 5 }),
      value: fc.constantFrom(0, 1, 0xff, 2 ** 31, 2 ** 32, 2 ** 40 + 5),
      valueTwo: fc.constantFrom(0, 1, 2 ** 33),
      op: fc.constantFrom('NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ').map((op) => `SCMP_CMP_${op}`),
    }),
    { maxLength: 3 },
  ),
});
const profile = fc.record({
  defaultAction: fc.constantFrom('SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW', 'SCMP_ACT_KILL_PROCESS'),
  architectures: fc.uniqueArray(fc.constantFrom('SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32')),
  syscalls: fc.array(rule, { maxLength: 6 }),
});

function compile(input: string | Uint8Array): Outcome {
  return ociSeccomp(['compile', '-', '--arch', 'x86_64', '--timeout', '1'], { input });
}

/** An error in order: a code of ours, no stack, nothing on standard output; or a program. */
function expectOrder({ stdout, stderr, status, bytes }: Outcome): void {
  // 1: a program that fails its proof; 2: what cannot be read as a profile, or libseccomp does not survive.
  expect([0, 1, 2]).toContain(status);
  expect(stderr).not.toMatch(/defect of oci-seccomp|^ {4}at \w/m);
  if (status === 0) expect(bytes.length % 8).toBe(0);
  else {
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: .* \[ERR_[A-Z_]+\]$/m);
  }
}

describe('compile -', () => {
  it('answers any bytes with a program or an error in order', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectOrder(compile(bytes))),
      { numRuns: samples(40) },
    );
  });

  it('answers any JSON value so', () => {
    fc.assert(
      fc.property(document, (value) => expectOrder(compile(JSON.stringify(value)))),
      { numRuns: samples(60) },
    );
  });

  it('answers any well-formed profile so, also one on which libseccomp loops', () => {
    fc.assert(
      fc.property(profile, (value) => expectOrder(compile(JSON.stringify(value)))),
      { numRuns: samples(80) },
    );
  });

  it.each([
    ['nesting', '['.repeat(500_000)],
    ['size', `{"comment":"${'x'.repeat(3_000_000)}"}`],
    [
      'many rules',
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: Array(9_000).fill({ names: ['read'], action: 'SCMP_ACT_LOG' }),
      }),
    ],
    ['many problems', JSON.stringify({ defaultAction: 1, syscalls: Array(40_000).fill({ a: 1 }) })],
  ])('answers a document of hostile %s so', (_, text) => {
    expectOrder(compile(text));
  });
});
