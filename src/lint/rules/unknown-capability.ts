/**
 * Conditions on capabilities that no container has: the rule never counts, or always.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const unknownCapability = ruleFromProblems({
  id: 'unknown-capability',
  level: 'warn',
  title: 'A condition names a capability that does not exist',
});
