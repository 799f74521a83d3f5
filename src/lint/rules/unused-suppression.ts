/**
 * Comments that turn findings off and outlive them: the next finding of the rule would go unseen.
 * The findings are made where comments are read: engine/suppress-findings.ts.
 * @module
 */
import { builtinRule } from '../engine/rule.ts';

export const unusedSuppression = builtinRule({
  id: 'unused-suppression',
  group: 'form',
  level: 'warn',
  title: 'A comment turns off a finding that does not exist',
  check: () => undefined,
});
