/**
 * Rules that name nothing: they look like protection and are none.
 * @module
 */
import { ruleFromProblems } from '../from-problems.ts';

export const emptyNames = ruleFromProblems({
  id: 'empty-names',
  level: 'warn',
  title: 'A rule names no system call',
});
