/**
 * Profiles that are too complex for some rules. The engine makes the findings, because it knows which rules got no answer.
 * @module
 */
import { builtinRule } from '../engine/rule.ts';

/** The rule that the engine reports them as. */
export const UNDECIDED_RULE = 'not-decided';

export const notDecided = builtinRule({
  id: UNDECIDED_RULE,
  group: 'meaning',
  level: 'warn',
  title: 'The profile is too complex for lint to check it in full',
  seesGvisor: true,
  check: () => {},
});
