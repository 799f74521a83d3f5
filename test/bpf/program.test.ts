import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeProgram, encodeProgram } from '../../src/bpf/program.ts';

const instruction = fc.record({
  code: fc.integer({ min: 0, max: 0xffff }),
  jt: fc.integer({ min: 0, max: 255 }),
  jf: fc.integer({ min: 0, max: 255 }),
  k: fc.integer({ min: 0, max: 0xffffffff }),
});

describe('encodeProgram', () => {
  // struct sock_filter of linux/filter.h: ld [4] as cc lays it out on either byte order.
  it.each([
    ['little', '2000000004000000'],
    ['big', '0020000000000004'],
  ] as const)('writes struct sock_filter, %s endian', (endian, hex) => {
    const bytes = encodeProgram([{ code: 0x20, jt: 0, jf: 0, k: 4 }], endian);
    expect(Buffer.from(bytes).toString('hex')).toBe(hex);
  });

  it('is undone by decodeProgram', () => {
    fc.assert(
      fc.property(fc.array(instruction), fc.constantFrom('little', 'big'), (program, endian) => {
        expect(decodeProgram(encodeProgram(program, endian), endian)).toEqual(program);
      }),
    );
  });
});

describe('decodeProgram', () => {
  it('refuses bytes that are no whole number of instructions', () => {
    expect(() => decodeProgram(new Uint8Array(9), 'little')).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_INVALID' }),
    );
  });

  it('reads a view into a larger buffer', () => {
    const bytes = Uint8Array.of(0xff, 6, 0, 0, 0, 0, 0, 0xff, 0x7f).subarray(1);
    expect(decodeProgram(bytes, 'little')).toEqual([{ code: 6, jt: 0, jf: 0, k: 0x7fff0000 }]);
  });
});
