import { describe, expect, it } from 'vitest';
import { formatRuntime, parseRuntime } from '../../src/policy/runtimes.ts';

describe('parseRuntime', () => {
  // 1.1.5, 1.1.15 and 1.3.6 are tried in test/oracle; the others stand on the same side of a change as one of them.
  it.each([
    ['runc', 'listed and native', 32],
    ['runc@1.1', 'listed and native', undefined],
    ['runc@1.1.5', 'listed', undefined],
    ['runc@1.1.14', 'listed', undefined],
    ['runc@1.1.15', 'listed and native', undefined],
    ['runc@1.2', 'listed and native', 32],
    ['runc@1.2.0', 'listed and native', 32],
    ['runc@2.0', 'listed and native', 32],
    ['crun', 'none', undefined],
    ['youki', 'none', undefined],
    ['plain', 'none', undefined],
  ])('%s: stub %s, binary tree above %s', (spelling, enosysStub, binaryTreeAbove) => {
    const runtime = parseRuntime(spelling);
    expect(runtime.traits).toMatchObject({ enosysStub, binaryTreeAbove });
    expect(formatRuntime(runtime)).toBe(spelling);
  });

  it.each([
    '',
    'Runc',
    'runc@',
    'runc@1',
    'runc@1.0',
    'runc@0.9.9',
    'runc@1.1@2',
    'crun@1.8',
    'runc@1.x',
    'gvisor',
  ])('refuses %j', (spelling) => {
    expect(() => parseRuntime(spelling)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});
