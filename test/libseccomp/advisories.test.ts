import { describe, expect, it } from 'vitest';
import { advisoriesFor } from '../../src/libseccomp/index.ts';

describe('advisoriesFor', () => {
  it.each([
    { release: [2, 5, 4], open: 3, why: 'Debian 12; all three were fixed in 2.6.1' },
    { release: [2, 6, 0], open: 3, why: 'Debian 13' },
    { release: [2, 6, 1], open: 0, why: 'the release with the fixes' },
    { release: [3, 0, 0], open: 0, why: 'newer in the first number' },
  ] as const)('$release: $open ($why)', ({ release: [major, minor, micro], open }) => {
    expect(advisoriesFor({ major, minor, micro })).toHaveLength(open);
  });
});
