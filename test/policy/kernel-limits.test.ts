/**
 * What a kernel makes of an action that it lacks. Commit 0466bdb99e87 of Linux 4.14: "old kernels will treat
 * RET_KILL_PROCESS as RET_KILL_THREAD"; kernel/seccomp.c up to 5.9: an unknown action does what KILL_THREAD does.
 */
import { expect, it } from 'vitest';
import { decidePrograms } from '../../src/decision/answer-call.ts';
import { compareOutcomes } from '../../src/decision/relate.ts';
import { createSpace, outcomeAt } from '../../src/decision/space.ts';
import { wordOnKernel } from '../../src/policy/kernel-limits.ts';

// include/uapi/linux/seccomp.h
const KILL_THREAD = 0;
const KILL_PROCESS = 0x80000000;
const LOG = 0x7ffc0000;
const NOTIFY = 0x7fc00000;

it.each([
  [KILL_PROCESS, [3, 10], KILL_THREAD],
  [KILL_PROCESS, [4, 13], KILL_THREAD],
  [KILL_PROCESS, [4, 14], KILL_PROCESS],
  [LOG, [4, 13], KILL_THREAD],
  [LOG, [4, 14], LOG],
  [NOTIFY, [4, 20], KILL_THREAD],
  [NOTIFY, [5, 0], NOTIFY],
  [0x00050026, [3, 10], 0x00050026],
  [0x7fff0000, [3, 10], 0x7fff0000],
  [0x12340000, [3, 10], 0x12340000],
] as const)('%i on kernel %j is %i', (word, [kernel, major], wanted) => {
  expect(wordOnKernel(word, { kernel, major })).toBe(wanted);
});

it('counts in what a program means there', () => {
  const program = [{ code: 0x06, jt: 0, jf: 0, k: KILL_PROCESS }];
  const space = createSpace();
  const on = (kernel: number, major: number) =>
    outcomeAt(space, decidePrograms(space, [{ program, endian: 'little', kernel: { kernel, major } }]));
  expect(on(3, 10)).toEqual({ kind: 'word', word: KILL_THREAD });
  expect(compareOutcomes(on(4, 14), on(3, 10))).toBe('looser');
});
