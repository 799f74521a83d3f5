/**
 * Meanings: what a policy says and what a program does, as diagrams that can be compared exactly.
 *
 *     Policy ─decidePolicy→ Node ←decideProgram─ Program
 *
 * @module
 */
export type { Answer, DecidableProgram } from './answer-call.ts';
export type { ValueTest } from './argument-values.ts';
export type { Conflict } from './conflicts.ts';
export type { Part, Slice } from './cut-diagram.ts';
export type { ArgumentTest, Case, Description } from './describe.ts';
export type { Field } from './diagram-variables.ts';
export type { ArchDifference, Change, ChangeKind, NumberRange, Sighting } from './difference.ts';
export type { CompanyDifference } from './filters-in-company.ts';
export type { Words } from './format-call.ts';
export {
  answerCall,
  comparisonHolds,
  cutByCall,
  decidePolicy,
  decideProgram,
  decidePrograms,
  describeArguments,
  evaluate,
  findCompanyDifference,
  findConflicts,
  findDifferences,
  findWitness,
  matchRules,
  restrictCall,
  strictestOf,
  whereRelated,
} from './given-diagram.ts';
export {
  compareOutcomes,
  formatCall,
  formatComparison,
  formatOutcome,
  formatTest,
  formatTests,
  formatValue,
  hasRelation,
  withRelations,
} from './given-texts.ts';
export type { ComparisonResult, RuleMatch } from './match-rules.ts';
export type { PartialCall } from './partial-call.ts';
export type { Relation } from './relate.ts';
export {
  createSpace,
  type Node as DecisionNode,
  type Outcome,
  type Space,
  type SpaceOptions,
} from './space.ts';
export type { Work } from './work.ts';
