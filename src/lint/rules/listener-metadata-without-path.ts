/**
 * Data for an agent that nobody connects to.
 * @module
 */
import { ruleFromProblems } from '../engine/report-problems.ts';

export const listenerMetadataWithoutPath = ruleFromProblems({
  id: 'listener-metadata-without-path',
  level: 'warn',
  title: 'listenerMetadata has no effect without listenerPath',
});
