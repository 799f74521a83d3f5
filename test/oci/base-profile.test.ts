/**
 * Base profiles. The expected unions were written by hand from the documentation and source of the operator's merger
 * (security-profiles-merger 0.3, UnionSyscalls: the less restrictive action for each name); it was not run.
 */
import { describe, expect, it } from 'vitest';
import { MAX_BASE_PROFILES, mergeBase, withBases } from '../../src/oci/base-profile.ts';
import type { Profile, ProfileArg, ProfileRule } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';

const arg = (index: number, value: bigint): ProfileArg => ({ index, value, op: 'SCMP_CMP_EQ' });
const rule = (action: string, names: readonly string[], more: Partial<ProfileRule> = {}): ProfileRule => ({
  names,
  action: `SCMP_ACT_${action}`,
  ...more,
});
const profile = (name: string, rules: readonly ProfileRule[], base?: string): Profile => ({
  dialect: 'kubernetes',
  defaultAction: 'SCMP_ACT_ERRNO',
  rules,
  kubernetes: { apiVersion: '', name, ...(base === undefined ? {} : { baseProfileName: base }) },
});

/** `ACTION[errno] name args`, one a name and rule. */
function told({ rules }: Profile): readonly string[] {
  return rules
    .flatMap(({ names, action, errnoRet, args = [] }) =>
      names.map((name) => {
        const tests = args.map(({ index, value }) => ` ${index}=${value}`).join('');
        return `${action.slice('SCMP_ACT_'.length)}${errnoRet ?? ''} ${name}${tests}`;
      }),
    )
    .sort();
}

const args = (...tests: ProfileArg[]) => ({ args: tests });

describe('mergeBase', () => {
  it.each<[string, ProfileRule[], ProfileRule[], string[]]>([
    ['names of one alone', [rule('ALLOW', ['a'])], [rule('ALLOW', ['b'])], ['ALLOW a', 'ALLOW b']],
    [
      'a name of both',
      [rule('ALLOW', ['a', 'c'])],
      [rule('ALLOW', ['a', 'b'])],
      ['ALLOW a', 'ALLOW b', 'ALLOW c'],
    ],
    ['less restrictive base', [rule('ALLOW', ['a'])], [rule('LOG', ['a'])], ['ALLOW a']],
    ['less restrictive profile', [rule('ERRNO', ['a'])], [rule('ALLOW', ['a'])], ['ALLOW a']],
    ['KILL is KILL_THREAD', [rule('KILL_PROCESS', ['a'])], [rule('KILL', ['a'])], ['KILL a']],
    ['NOTIFY below TRACE', [rule('NOTIFY', ['a'])], [rule('TRACE', ['a'])], ['TRACE a']],
    [
      'errno of the base',
      [rule('ERRNO', ['a'], { errnoRet: 2 })],
      [rule('ERRNO', ['a'], { errnoRet: 3 })],
      ['ERRNO2 a'],
    ],
    [
      'comparisons of one alone',
      [rule('ALLOW', ['a'], args(arg(0, 1n), arg(1, 2n)))],
      [rule('ALLOW', ['b'])],
      ['ALLOW a 0=1 1=2', 'ALLOW b'],
    ],
    [
      'an unconditional rule beside one',
      [rule('ALLOW', ['a'], args(arg(0, 1n)))],
      [rule('ALLOW', ['a'])],
      ['ALLOW a'],
    ],
    [
      'the same comparison',
      [rule('ALLOW', ['a'], args(arg(0, 1n), arg(1, 1n)))],
      [rule('ALLOW', ['a'], args(arg(0, 1n), arg(1, 1n)))],
      ['ALLOW a 0=1 1=1'],
    ],
    [
      'single comparisons, same action',
      [rule('ALLOW', ['a'], args(arg(0, 1n)))],
      [rule('ALLOW', ['a'], args(arg(0, 2n)))],
      ['ALLOW a 0=1', 'ALLOW a 0=2'],
    ],
  ])('%s', (_, base, own, expected) => {
    const merged = mergeBase(profile('p', own, 'b'), profile('b', base));
    expect(told(merged)).toEqual(expected);
    expect(merged.kubernetes?.baseProfileName).toBeUndefined();
  });

  it.each<[string, ProfileRule[], ProfileRule[]]>([
    ['a freer comparison', [rule('ERRNO', ['a'])], [rule('ALLOW', ['a'], args(arg(0, 1n)))]],
    ['different actions', [rule('LOG', ['a'], args(arg(0, 1n)))], [rule('ALLOW', ['a'], args(arg(0, 2n)))]],
    [
      'several comparisons',
      [rule('ALLOW', ['a'], args(arg(0, 1n), arg(1, 1n)))],
      [rule('ALLOW', ['a'], args(arg(0, 2n)))],
    ],
  ])('refuses %s', (_, base, own) => {
    expect(() => mergeBase(profile('p', own, 'b'), profile('b', base))).toThrow(/rules for a that compare/);
  });

  it('leaves all but the rules as they are', () => {
    const own = { ...profile('p', [], 'b'), architectures: ['SCMP_ARCH_X86'] };
    const base = { ...profile('b', []), defaultAction: 'SCMP_ACT_ALLOW', flags: ['x'], architectures: ['y'] };
    const { kubernetes: _, ...rest } = mergeBase(own, base);
    const { kubernetes: __, ...before } = own;
    expect(rest).toEqual(before);
  });
});

describe('withBases', () => {
  const find =
    (...all: Profile[]) =>
    (name: string) =>
      all.find(({ kubernetes }) => kubernetes?.name === name);

  it('follows bases of bases', () => {
    const top = profile('top', [rule('ALLOW', ['a'])], 'middle');
    const middle = profile('middle', [rule('ALLOW', ['b'])], 'bottom');
    const bottom = profile('bottom', [rule('LOG', ['a', 'c'])]);
    expect(told(withBases(top, find(middle, bottom)))).toEqual(['ALLOW a', 'ALLOW b', 'LOG c']);
    expect(withBases(bottom, find())).toBe(bottom);
  });

  it.each<[string, Profile, Profile[], RegExp]>([
    ['a missing base', profile('p', [], 'x'), [], /'x' of p is not known/],
    ['itself', profile('p', [], 'p'), [profile('p', [], 'p')], /cannot be its own base/],
    [
      'a circle',
      profile('p', [], 'x'),
      [profile('x', [], 'y'), profile('y', [], 'x')],
      /cannot be its own base/,
    ],
    ['a registry', profile('p', [], 'oci://example/a:1'), [], /is in a registry/],
    [
      'too many',
      profile('p0', [], 'p1'),
      Array.from({ length: 40 }, (_, i) => profile(`p${i}`, [], `p${i + 1}`)),
      new RegExp(`more than ${MAX_BASE_PROFILES} base profiles`),
    ],
  ])('refuses %s', (_, top, others, message) => {
    expect(() => withBases(top, find(...others))).toThrow(message);
  });

  it('is needed before a profile is resolved', () => {
    const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;
    expect(() => resolveProfile(profile('p', [], 'b'), host)).toThrow(/built on the base profile b/);
  });
});
