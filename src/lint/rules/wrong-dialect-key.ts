/**
 * Keys that another engine reads: a condition that is not seen makes its rule unconditional.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const wrongDialectKey = ruleFromProblems({
  id: 'wrong-dialect-key',
  level: 'error',
  title: 'A key of another dialect is ignored',
});
