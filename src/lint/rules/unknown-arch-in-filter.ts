/**
 * Conditions on architectures in a spelling that engines do not compare with: the rule never counts, or always.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const unknownArchInFilter = ruleFromProblems({
  id: 'unknown-arch-in-filter',
  level: 'warn',
  title: 'A condition names an architecture as no engine does',
});
