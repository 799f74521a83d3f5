/**
 * What runtimes do with unusual profiles: all rows but those of flags.
 * @module
 */
import { architectureFacts, jsonFacts } from './document-facts.ts';
import type { Fact } from './fact.ts';
import { actionFacts, argumentFacts, errnoFacts, nameFacts } from './rule-facts.ts';

export const facts: readonly Fact[] = [
  ...errnoFacts,
  ...argumentFacts,
  ...nameFacts,
  ...actionFacts,
  ...architectureFacts,
  ...jsonFacts,
];
