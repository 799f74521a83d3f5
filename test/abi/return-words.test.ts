import { describe, expect, it } from 'vitest';
import { returnWord } from '../../src/abi/actions.ts';

describe('returnWord', () => {
  // include/uapi/linux/seccomp.h; seccomp_rule_add(3): errno up to 4094 (MAX_ERRNO - 1), 16 bits for the tracer.
  it.each([
    ['killProcess', 0, 0x80000000],
    ['killThread', 0, 0],
    ['errno', 0, 0x00050000],
    ['errno', 4094, 0x00050ffe],
    ['trace', 65535, 0x7ff0ffff],
    ['allow', 0, 0x7fff0000],
  ] as const)('%s with %i', (kind, data, word) => {
    expect(returnWord(kind, data)).toBe(word);
  });

  // One more would run into the action's bits: 0x7ff00000 | 0x10000 is another action.
  it.each([
    ['trace', 65536],
    ['errno', 4095],
    ['errno', -1],
    ['errno', 1.5],
    ['allow', 1],
    ['killProcess', 1],
  ] as const)('refuses %s with %d', (kind, data) => {
    expect(() => returnWord(kind, data)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});
