/**
 * Comments that turn findings off and outlive them: the next finding of the rule would go unseen. And comments that look
 * like these and are not read. The findings are made where comments are read: engine/suppress-findings.ts.
 * @module
 */
import { builtinRule } from '../engine/rule.ts';

export const unusedSuppression = builtinRule({
  id: 'unused-suppression',
  group: 'form',
  level: 'warn',
  title: 'A comment that should turn a finding off turns none off',
  check: () => undefined,
});
