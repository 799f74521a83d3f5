/**
 * Whatever makes engines or runtimes refuse a profile and has no rule of its own.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const invalidProfile = ruleFromProblems({
  id: 'invalid-profile',
  level: 'error',
  title: 'An engine or a runtime refuses the profile',
});
