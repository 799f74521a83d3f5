/**
 * Keys that no engine reads: what stands under them has no effect. An error where the key looks like one that decides,
 * a note where it is prose.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const unknownKey = ruleFromProblems({
  id: 'unknown-key',
  level: 'error',
  title: 'A key has no meaning, and what stands under it no effect',
});
