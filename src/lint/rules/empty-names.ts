/**
 * Rules that name nothing: they look like protection and are none.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const emptyNames = ruleFromProblems({
  id: 'empty-names',
  level: 'warn',
  title: 'A rule names no system call',
});
