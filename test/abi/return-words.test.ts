import { describe, expect, it } from 'vitest';
import { returnWord } from '../../src/abi/actions.ts';
import { formatReturnWord } from '../../src/abi/return-word.ts';

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

// TRACE and ERRNO always show their data; other actions only if it is not 0.
it.each([
  [0x7ff0_0000, 'TRACE 0'],
  [0x7ff0_0007, 'TRACE 7'],
  [0x0003_0000, 'TRAP'],
  [0x7fff_0000, 'ALLOW'],
  [0x7fff_1234, 'ALLOW 4660'],
  [0x8000_0000, 'KILL_PROCESS'],
  [0x0005_0001, 'ERRNO EPERM (1)'],
  [0x0005_0000, 'ERRNO 0 (success)'],
])('%d is shown as %s', (word, text) => {
  expect(formatReturnWord(word)).toBe(text);
});
