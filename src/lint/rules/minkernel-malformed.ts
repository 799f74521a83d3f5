/**
 * A kernel version that Docker cannot read: it refuses the whole profile.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const minkernelMalformed = ruleFromProblems({
  id: 'minkernel-malformed',
  level: 'error',
  title: 'minKernel is not of the form "4.8"',
});
