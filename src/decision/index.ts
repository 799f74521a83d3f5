/**
 * Meanings: what a policy says and what a program does, as diagrams that can be compared exactly.
 *
 *     Policy ─decidePolicy→ Node ←decideProgram─ Program
 *
 * @module
 */
export {
  type Answer,
  answerCall,
  type DecidableProgram,
  decidePrograms,
} from './answer-call.ts';
export type { ValueTest } from './argument-values.ts';
export { type Conflict, findConflicts } from './conflicts.ts';
export { cutByCall, type Part, type Slice } from './cut-diagram.ts';
export { decidePolicy } from './decide-policy.ts';
export { decideProgram } from './decide-program.ts';
export {
  type ArgumentTest,
  type Case,
  type Description,
  describeArguments,
} from './describe.ts';
export {
  type ArchDifference,
  type Change,
  type ChangeKind,
  findDifferences,
  hasRelation,
  type NumberRange,
  type Sighting,
  withRelations,
} from './difference.ts';
export { type CompanyDifference, findCompanyDifference } from './filters-in-company.ts';
export {
  formatCall,
  formatComparison,
  formatOutcome,
  formatTest,
  formatTests,
  formatValue,
  type Words,
} from './format-call.ts';
export { type ComparisonResult, comparisonHolds, matchRules, type RuleMatch } from './match-rules.ts';
export { type PartialCall, restrictCall } from './partial-call.ts';
export { compareOutcomes, type Relation, strictestOf, whereRelated } from './relate.ts';
export {
  createSpace,
  type Node as DecisionNode,
  type Outcome,
  type Space,
  type SpaceOptions,
} from './space.ts';
export { evaluate, findWitness } from './witness.ts';
