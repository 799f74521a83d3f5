/**
 * Comments that turn findings off and do not say why have no effect: nobody could tell later whether they still may.
 * The findings are made where comments are read: engine/suppress-findings.ts.
 * @module
 */
import { builtinRule } from '../engine/rule.ts';

export const suppressionWithoutReason = builtinRule({
  id: 'suppression-without-reason',
  group: 'form',
  level: 'warn',
  title: 'A comment turns off a finding without a reason',
  check: () => undefined,
});
