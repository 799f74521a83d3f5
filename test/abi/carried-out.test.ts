/**
 * What becomes of calls, against the kernel: a child under a filter makes the call, and what it returned says which.
 */
import { expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import { describeTreatment, errnoOf, isDenied, isMade, treatmentOf } from '../../src/abi/carried-out.ts';

it.each([
  [actions.allow.word, 'made', undefined],
  [actions.log.word, 'made', undefined],
  [actions.notify.word, 'left', undefined],
  // Seen in the kernel: test/oracle/lint-start.test.ts starts containers under it.
  [actions.trace.word | 7, 'traced', 38],
  [actions.errno.word, 'faked', undefined],
  [actions.errno.word | 13, 'failed', 13],
  [actions.trap.word, 'fatal', undefined],
  [actions.killThread.word, 'fatal', undefined],
  [actions.killProcess.word, 'fatal', undefined],
  [0x12340000, 'fatal', undefined],
] as const)('0x%s is %s', (word, treatment, errno) => {
  expect([treatmentOf(word), errnoOf(word)]).toEqual([treatment, errno]);
  expect(isMade(word)).toBe(treatment === 'made');
  expect(isDenied(word)).toBe(!['made', 'left'].includes(treatment));
});

it('says in words what a verdict leaves open', () => {
  expect(describeTreatment(actions.trace.word)).toMatch(/^ENOSYS \(38\) unless a tracer/);
  expect(describeTreatment(actions.errno.word)).toMatch(/returns 0/);
  expect(describeTreatment(actions.errno.word | 1)).toBeUndefined();
});
