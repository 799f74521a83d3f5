/**
 * What an engine or a runtime refuses, where no other rule is about it: the rest of lint sees only what was readable.
 * The findings are made after those of all other rules: invalid.ts.
 * @module
 */
import { defineRule } from '../rule.ts';

export const invalidProfile = defineRule({
  id: 'invalid-profile',
  group: 'form',
  level: 'error',
  title: 'The profile cannot be read, or those it is for refuse it',
  check: () => undefined,
});
