/**
 * Patterns of a configuration's overrides, against bash's own matching (with globstar) where bash has the same rules.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compileIgnored, compilePattern } from '../../src/cli/lint/path-pattern.ts';

describe('compilePattern', () => {
  it.each([
    ['a,b.json', 'a,b.json', true],
    ['a,b.json', 'a.json', false],
    ['a,b.json', 'b.json', false],
    ['a,b.json', 'a', false],
    ['{a,b},c.json', 'a,c.json', true],
    ['{a,b},c.json', 'b,c.json', true],
    ['{a,b},c.json', 'c.json', false],
    ['{a,b}.json', 'b.json', true],
    ['*.json', 'a.json', true],
    ['*.json', 'a.yaml', false],
    ['a.json', 'abjson', false],
    ['?.json', 'ab.json', false],
  ])('%s on %s: %s', (pattern, path, matches) => {
    expect(compilePattern(pattern)(path)).toBe(matches);
    // Braces are expanded by bash before it matches, hence eval; none of these words has anything else to expand.
    const bash = spawnSync('bash', [
      '-c',
      `for p in ${pattern.replace(/[*?]/g, '\\$&')}; do [[ $1 == $p ]] && exit 0; done; exit 1`,
      '-',
      path,
    ]);
    if (bash.error === undefined) expect(bash.status === 0, 'bash').toBe(matches);
  });

  it('takes braces that do not match for themselves', () => {
    expect(compilePattern('a}b.json')('a}b.json')).toBe(true);
  });
});

describe('compileIgnored', () => {
  // As git reads a line of .gitignore, apart from "!".
  it.each([
    'examples',
    'examples/',
    'd/examples',
    './d/examples/',
    'd/examples/**',
    '**/bad',
    'x.json',
    'd/*/bad',
  ])('%s ignores what is in the folder', (pattern) => {
    expect(compileIgnored(pattern)('d/examples/bad/x.json')).toBe(true);
    expect(compileIgnored(pattern)('d/examples2/y.json')).toBe(false);
  });
});
