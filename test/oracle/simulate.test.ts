/** The interpreter and the kernel agree: the same programs and calls through both. */
import { expect, it } from 'vitest';
import { runScript } from './support/direct.ts';
import { type KernelCall, kernelVerdicts } from './support/kernel.ts';
import { describeWith } from './support/require.ts';
import { simulate } from './support/simulate.ts';

const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const GETPPID = 110;
const GETPPID_I386 = 64;
const LD = 0x20;
const RET = 0x06;

type Row = readonly [code: number, jt: number, jf: number, k: number];

function assemble(rows: readonly Row[]): Uint8Array {
  const bytes = new Uint8Array(rows.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, [code, jt, jf, k]] of rows.entries()) {
    view.setUint16(8 * i, code, true);
    view.setUint8(8 * i + 2, jt);
    view.setUint8(8 * i + 3, jf);
    view.setUint32(8 * i + 4, k, true);
  }
  return bytes;
}

/** What the kernel does with a return word when no tracer and no listener is there; `undefined`: the call is made. */
function expectation(word: number): string | undefined {
  const data = word & 0xffff;
  switch ((word & 0xffff0000) >>> 0) {
    case 0x7fff0000:
    case 0x7ffc0000:
      return undefined;
    case 0x00050000:
      return data === 0 ? 'return 0' : `errno ${Math.min(data, 4095)}`;
    case 0x00030000:
      return `trap ${data}`;
    case 0x7ff00000:
    case 0x7fc00000:
      return 'errno 38';
    case 0:
      return 'kill-thread';
    default:
      return 'kill-process';
  }
}

function compare(program: Uint8Array, calls: readonly KernelCall[]): void {
  const kernel = kernelVerdicts(program, calls);
  for (const [i, call] of calls.entries()) {
    const arch = call.compat === true ? I386 : X86_64;
    const word = simulate(program, { nr: call.nr, arch, args: call.args ?? [] });
    const expected = expectation(word);
    const seen = kernel[i] ?? 'nothing';
    const label = `call ${i}: nr ${call.nr} args ${call.args ?? []} word 0x${word.toString(16)}`;
    if (expected === undefined) expect(seen, label).toMatch(/^return [1-9]/);
    else expect(seen, label).toBe(expected);
  }
}

const actionWords = [
  0x7fff0000, 0x7ffc0000, 0x00050007, 0x00050000, 0x00050fff, 0x00051234, 0x0003beef, 0x7ff00001, 0x7fc00000,
  0, 0x80000000, 0x12340000,
];

/** Each computes A from arguments 0 and 1 and returns ERRNO with its low bits, so that wrong arithmetic shows. */
const arithmetic: readonly (readonly [string, readonly Row[]])[] = [
  [
    'add x',
    [
      [LD, 0, 0, 16],
      [0x07, 0, 0, 0],
      [LD, 0, 0, 24],
      [0x0c, 0, 0, 0],
    ],
  ],
  [
    'sub k',
    [
      [LD, 0, 0, 16],
      [0x14, 0, 0, 3],
    ],
  ],
  [
    'mul x',
    [
      [LD, 0, 0, 16],
      [0x07, 0, 0, 0],
      [LD, 0, 0, 24],
      [0x2c, 0, 0, 0],
    ],
  ],
  [
    'div x',
    [
      [LD, 0, 0, 24],
      [0x07, 0, 0, 0],
      [LD, 0, 0, 16],
      [0x3c, 0, 0, 0],
    ],
  ],
  [
    'or k',
    [
      [LD, 0, 0, 16],
      [0x44, 0, 0, 0xf0],
    ],
  ],
  [
    'and x',
    [
      [LD, 0, 0, 16],
      [0x07, 0, 0, 0],
      [LD, 0, 0, 24],
      [0x5c, 0, 0, 0],
    ],
  ],
  [
    'xor k',
    [
      [LD, 0, 0, 16],
      [0xa4, 0, 0, 0xff],
    ],
  ],
  [
    'lsh k',
    [
      [LD, 0, 0, 16],
      [0x64, 0, 0, 5],
    ],
  ],
  [
    'rsh k',
    [
      [LD, 0, 0, 16],
      [0x74, 0, 0, 28],
    ],
  ],
  [
    'neg',
    [
      [LD, 0, 0, 16],
      [0x84, 0, 0, 0],
    ],
  ],
  [
    'memory',
    [
      [LD, 0, 0, 20],
      [0x02, 0, 0, 15],
      [LD, 0, 0, 16],
      [0x61, 0, 0, 15],
      [0x87, 0, 0, 0],
    ],
  ],
  [
    'stx',
    [
      [0x01, 0, 0, 77],
      [0x03, 0, 0, 2],
      [0x60, 0, 0, 2],
    ],
  ],
  ['length', [[0x80, 0, 0, 0]]],
  [
    'jset x',
    [
      [LD, 0, 0, 24],
      [0x07, 0, 0, 0],
      [LD, 0, 0, 16],
      [0x4d, 1, 0, 0],
      [RET, 0, 0, 0x00050009],
    ],
  ],
  [
    'jge x',
    [
      [LD, 0, 0, 24],
      [0x07, 0, 0, 0],
      [LD, 0, 0, 16],
      [0x3d, 0, 1, 0],
      [RET, 0, 0, 0x0005000a],
    ],
  ],
  [
    'jgt k',
    [
      [LD, 0, 0, 16],
      [0x25, 0, 1, 0x7fffffff],
      [RET, 0, 0, 0x0005000b],
    ],
  ],
  [
    'ja',
    [
      [0x05, 0, 0, 1],
      [RET, 0, 0, 0],
      [0x00, 0, 0, 5],
    ],
  ],
];
const returnLowBits: readonly Row[] = [
  [0x54, 0, 0, 0x0fff],
  [0x44, 0, 0, 0x00050000],
  [0x16, 0, 0, 0],
];

const values = [0n, 1n, 7n, 0xffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000001n, 0xfffffffffffffffen];
const pairs = values.flatMap((a) => [0n, 3n, 0xfffffff0n].map((b) => [a, b]));

describeWith(['x86_64', 'cc'], 'simulate', () => {
  it.each(actionWords.map((word) => [word.toString(16), word] as const))('return word 0x%s', (_hex, word) => {
    compare(assemble([[RET, 0, 0, word]]), [{ nr: GETPPID }]);
  });

  describeWith(['32-bit programs'], 'a call by int $0x80', () => {
    it.each(actionWords.map((word) => [word.toString(16), word] as const))(
      'return word 0x%s',
      (_hex, word) => {
        compare(assemble([[RET, 0, 0, word]]), [{ nr: GETPPID_I386, compat: true }]);
      },
    );
  });

  it.each(arithmetic)('%s', (_name, rows) => {
    const program = assemble([
      [LD, 0, 0, 0],
      [0x15, 1, 0, GETPPID],
      [RET, 0, 0, 0x7fff0000],
      ...rows,
      ...returnLowBits,
    ]);
    compare(
      program,
      pairs.map((args) => ({ nr: GETPPID, args })),
    );
  });

  it('reads nr, arch and all six arguments where they are', () => {
    const args = [1n, 2n << 32n, 3n, 4n << 32n, 5n, 6n << 32n];
    for (const offset of [0, 4, 16, 28, 32, 44, 48, 60]) {
      compare(assemble([[LD, 0, 0, offset], ...returnLowBits]), [{ nr: GETPPID, args }]);
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('libseccomp’s comparison %i', (op) => {
    const script = `init 0x7fff0000\nrule 0x00050009 getppid 0:${op}:0x100000001:0\nexport bpf\n`;
    const { program } = runScript('libseccomp.so.2', script);
    compare(
      program,
      pairs.map((args) => ({ nr: GETPPID, args })),
    );
  });

  it('big-endian programs: the record is in the same order as the program', () => {
    const little = assemble([
      [LD, 0, 0, 16],
      [0x16, 0, 0, 0],
    ]);
    const big = Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 20, 0, 0x16, 0, 0, 0, 0, 0, 0);
    const call = { nr: 0, arch: 0, args: [0xaaaaaaaa00000005n] };
    expect([simulate(little, call), simulate(big, call, 'big')]).toEqual([5, 5]);
  });
});
