/**
 * Profiles that are too complex for some rule: the others still answer, and lint says which did not see everything.
 */
import { expect, it } from 'vitest';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { entangledProfile, simpleProfile } from '../report/hostile-profiles.ts';
import { entangled } from './texts.ts';

const aboutComplexity = (message: string): boolean => message.includes('too complex to check in full');

it('answers the rules that can be answered, and names those that cannot', async () => {
  const { findings } = await lintProfile(entangled(60));
  // No container starts without execve, however entangled the rules for mmap are.
  expect(findings.filter(({ rule }) => rule === 'cannot-start').map(({ level }) => level)).toEqual(['error']);
  const open = findings.filter(({ message }) => aboutComplexity(message));
  expect(open.map(({ level, rule }) => [level, rule])).toEqual([['warn', 'not-decided']]);
});

it('says nothing of complexity where every rule was answered', async () => {
  const { findings } = await lintProfile(entangled(10));
  expect(findings.filter(({ message }) => aboutComplexity(message))).toEqual([]);
  expect(findings.some(({ rule }) => rule === 'cannot-start')).toBe(true);
});

it('leaves the entangled call open, and finds all that it finds without its rules', async () => {
  const found = async (text: string) =>
    (await lintProfile(text, { inherited: 'among' })).findings.map(
      ({ rule, message }) => `${rule}: ${message}`,
    );
  const [simple, all] = [await found(simpleProfile), await found(entangledProfile(600))];
  expect(all.filter((each) => each.includes('not-decided'))).toHaveLength(1);
  expect(simple.length).toBeGreaterThan(1);
  // What is said of mmap is another matter.
  const ofOthers = simple.filter((each) => !each.includes('mmap'));
  expect(all).toEqual(expect.arrayContaining(ofOthers));
});
