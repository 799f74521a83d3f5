/**
 * What becomes of calls, against the kernel: a child under a filter makes the call, and what it returned says which.
 */
import { expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import {
  describeTreatment,
  enosysOf,
  isDenied,
  isMade,
  seemsAbsent,
  treatmentOf,
} from '../../src/abi/carried-out.ts';

it.each([
  [actions.allow.word, 'made', false],
  [actions.log.word, 'made', false],
  [actions.notify.word, 'left', false],
  // Seen in the kernel: test/oracle/lint-start.test.ts starts containers under it.
  [actions.trace.word | 7, 'traced', true],
  [actions.errno.word, 'faked', false],
  [actions.errno.word | 13, 'failed', false],
  [actions.errno.word | 38, 'failed', true],
  [actions.trap.word, 'fatal', false],
  [actions.killThread.word, 'fatal', false],
  [actions.killProcess.word, 'fatal', false],
  [0x12340000, 'fatal', false],
] as const)('0x%s is %s', (word, treatment, absent) => {
  expect([treatmentOf(word), seemsAbsent(word)]).toEqual([treatment, absent]);
  expect(isMade(word)).toBe(treatment === 'made');
  expect(isDenied(word)).toBe(!['made', 'left'].includes(treatment));
});

// Linux 6.18 include/uapi/asm-generic/errno.h, arch/mips/include/uapi/asm/errno.h, arch/parisc/include/uapi/asm/errno.h.
it.each([
  ['s390x', 38],
  ['ppc64le', 38],
  ['mips', 89],
  ['mipsel64n32', 89],
  ['parisc64', 251],
] as const)('on %s a kernel without a call answers %i', (arch, errno) => {
  expect(enosysOf(arch)).toBe(errno);
  const others = [38, 89, 251].filter((each) => seemsAbsent((actions.errno.word | each) >>> 0, arch));
  expect(others).toEqual([errno]);
  expect(seemsAbsent(actions.trace.word, arch)).toBe(true);
});

it('says in words what a verdict leaves open', () => {
  expect(describeTreatment(actions.trace.word)).toMatch(/^ENOSYS \(38\) unless a tracer/);
  expect(describeTreatment(actions.errno.word)).toMatch(/returns 0/);
  expect(describeTreatment(actions.errno.word | 1)).toBeUndefined();
});
