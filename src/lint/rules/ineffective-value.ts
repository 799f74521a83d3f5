/**
 * What readers drop or change without a word and has no rule of its own.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const ineffectiveValue = ruleFromProblems({
  id: 'ineffective-value',
  level: 'warn',
  title: 'A value is read otherwise than it is written, or not at all',
});
