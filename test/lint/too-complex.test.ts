/**
 * Profiles that are too complex for some rule: the others still answer, and lint says which did not see everything.
 */
import { expect, it } from 'vitest';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';

/**
 * Rules that each compare two arguments of mmap with values of their own and answer errors of their own, for containers with a
 * capability; no call is allowed, execve neither.
 */
function pairs(count: number): string {
  let seed = 1n;
  const next = (): bigint => {
    seed = (seed * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return seed;
  };
  const rules = Array.from({ length: count }, (_, i) => {
    const args = [0, 1].map((index) => `{"index":${index},"value":${next()},"op":"SCMP_CMP_EQ"}`);
    return `{"names":["mmap"],"action":"SCMP_ACT_ERRNO","errnoRet":${i + 2},"args":[${args.join()}],"includes":{"caps":["CAP_CHOWN"]}}`;
  });
  return `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[${rules.join()}]}`;
}

const aboutComplexity = (message: string): boolean => message.includes('too complex to check in full');

it('answers the rules that can be answered, and names those that cannot', async () => {
  const { findings } = await lintProfile(pairs(60));
  // No container starts without execve, however entangled the rules for mmap are.
  expect(findings.filter(({ rule }) => rule === 'cannot-start').map(({ level }) => level)).toEqual(['error']);
  const open = findings.filter(({ message }) => aboutComplexity(message));
  expect(open.map(({ level, rule }) => [level, rule])).toEqual([['warn', 'conflicting-actions']]);
});

it('says nothing of complexity where every rule was answered', async () => {
  const { findings } = await lintProfile(pairs(10));
  expect(findings.filter(({ message }) => aboutComplexity(message))).toEqual([]);
  expect(findings.some(({ rule }) => rule === 'cannot-start')).toBe(true);
});
