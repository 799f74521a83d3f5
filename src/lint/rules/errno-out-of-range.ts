/**
 * Error numbers that become others on the way: of 65536 only 0 is left, and a denied call reports success.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const errnoOutOfRange = ruleFromProblems({
  id: 'errno-out-of-range',
  level: 'error',
  title: 'An error number is refused, or cut to another one',
});
