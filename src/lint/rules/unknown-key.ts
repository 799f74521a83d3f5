/**
 * Keys that no engine reads: what stands under them has no effect.
 * @module
 */
import { ruleFromProblems } from '../from-problems.ts';

export const unknownKey = ruleFromProblems({
  id: 'unknown-key',
  level: 'error',
  title: 'A key has no meaning, and what stands under it no effect',
});
