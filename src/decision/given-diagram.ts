/**
 * Diagrams, and what is asked of them: each call checks what it is handed.
 * @module
 */
import type { ArchName, Endian } from '../abi/architectures.ts';
import type { Comparison } from '../abi/operators.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import {
  archName,
  atLeastOne,
  count,
  listOf,
  maybe,
  seccompData,
  comparison as shapeOfComparison,
  endian as shapeOfEndian,
  takerFor,
} from '../abi/value-shape.ts';
import type { Program } from '../bpf/program.ts';
import { program as shapeOfProgram } from '../bpf/program-shape.ts';
import type { ArchPolicy } from '../policy/expand-policy.ts';
import type { Policy } from '../policy/policy.ts';
import { expandedRules, rulesOf, policy as shapeOfPolicy } from '../policy/policy-shape.ts';
import type { Answer, DecidableProgram } from './answer-call.ts';
import {
  answerCall as uncheckedAnswerCall,
  decidePrograms as uncheckedDecidePrograms,
} from './answer-call.ts';
import type { Conflict } from './conflicts.ts';
import { findConflicts as uncheckedFindConflicts } from './conflicts.ts';
import type { Slice } from './cut-diagram.ts';
import { cutByCall as uncheckedCutByCall } from './cut-diagram.ts';
import { decidePolicy as uncheckedDecidePolicy } from './decide-policy.ts';
import { decideProgram as uncheckedDecideProgram } from './decide-program.ts';
import type { Description } from './describe.ts';
import { describeArguments as uncheckedDescribeArguments } from './describe.ts';
import type { Field } from './diagram-variables.ts';
import type { ArchDifference } from './difference.ts';
import { findDifferences as uncheckedFindDifferences } from './difference.ts';
import type { CompanyDifference } from './filters-in-company.ts';
import { findCompanyDifference as uncheckedFindCompanyDifference } from './filters-in-company.ts';
import type { RuleMatch } from './match-rules.ts';
import {
  comparisonHolds as uncheckedComparisonHolds,
  matchRules as uncheckedMatchRules,
} from './match-rules.ts';
import type { PartialCall } from './partial-call.ts';
import { restrictCall as uncheckedRestrictCall } from './partial-call.ts';
import type { Relation } from './relate.ts';
import { strictestOf as uncheckedStrictestOf, whereRelated as uncheckedWhereRelated } from './relate.ts';
import type { Node, Outcome, Space } from './space.ts';
import {
  architecturesToTry,
  decidableProgram,
  knownWords,
  nodeOf,
  partialCall,
  relations as shapeOfRelations,
  space as shapeOfSpace,
} from './space-shape.ts';
import { evaluate as uncheckedEvaluate, findWitness as uncheckedFindWitness } from './witness.ts';

/**
 * Asks a diagram about a call.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function answerCall(space: Space, root: Node, call: PartialCall): Answer {
  const take = takerFor('answerCall');
  return uncheckedAnswerCall(
    take('space', shapeOfSpace, space),
    take('root', nodeOf(space), root),
    take('call', partialCall, call),
  );
}

/**
 * Decides what a task with several programs does: all run, and the lowest action word wins (`strictestOf`). An action that the
 * kernel of a program lacks counts as what that kernel does instead.
 *
 * @param programs - the oldest first, at least one
 * @param values - as {@link decideProgram} takes them
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_UNDECIDED` if
 *   that is too complex; `ERR_BPF_INVALID` for a jump past the end
 */
export function decidePrograms(
  space: Space,
  programs: readonly DecidableProgram[],
  values?: ReadonlyMap<Field, number>,
): Node {
  const take = takerFor('decidePrograms');
  return uncheckedDecidePrograms(
    take('space', shapeOfSpace, space),
    take('programs', atLeastOne('program', decidableProgram), programs),
    take('values', maybe(knownWords), values),
  );
}

/**
 * Finds every system call of a policy's diagram for which rules conflict.
 *
 * @returns one conflict a system call and architecture, by architecture, then number
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function findConflicts(
  space: Space,
  root: Node,
  preferred: readonly ArchName[] = [],
): readonly Conflict[] {
  const take = takerFor('findConflicts');
  return uncheckedFindConflicts(
    take('space', shapeOfSpace, space),
    take('root', nodeOf(space), root),
    take('preferred', architecturesToTry, preferred),
  );
}

/**
 * Cuts several diagrams by architecture and number at once.
 *
 * @returns the known architectures in libseccomp's order, then ranges of words that no architecture has, as far as the
 *   diagrams tell them apart
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function cutByCall(space: Space, roots: readonly Node[]): readonly Slice[] {
  const take = takerFor('cutByCall');
  return uncheckedCutByCall(take('space', shapeOfSpace, space), take('roots', listOf(nodeOf(space)), roots));
}

/**
 * Decides what a policy means.
 *
 * @param expanded - the policy's rules by architecture, from `expandPolicy`
 * @returns a node of the space; outcomes `word` and `conflict`
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_UNDECIDED` if
 *   the rules are too many and too entangled for the space
 */
export function decidePolicy(space: Space, policy: Policy, expanded: readonly ArchPolicy[]): Node {
  const take = takerFor('decidePolicy');
  const whole = take('policy', shapeOfPolicy, policy);
  return uncheckedDecidePolicy(
    take('space', shapeOfSpace, space),
    whole,
    take('expanded', rulesOf(whole), expanded),
  );
}

/**
 * Decides the answer of a program to every call.
 *
 * @param program - one that the kernel would take
 * @param endian - the target's byte order
 * @param values - words that are known. The result is then right for calls with these words, and does not ask them
 * @returns a node of the space; outcomes `word` and `undecided`
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_UNDECIDED` if it
 *   is too complex for the space; `ERR_BPF_INVALID` for a jump past the end
 */
export function decideProgram(
  space: Space,
  program: Program,
  endian: Endian,
  values?: ReadonlyMap<Field, number>,
): Node {
  const take = takerFor('decideProgram');
  return uncheckedDecideProgram(
    take('space', shapeOfSpace, space),
    take('program', shapeOfProgram, program),
    take('endian', shapeOfEndian, endian),
    take('values', maybe(knownWords), values),
  );
}

/**
 * Describes a diagram that depends only on arguments and the instruction pointer. If that takes too many steps, the description
 * is truncated.
 *
 * @param limit - cases at most, 24 by default
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function describeArguments(space: Space, root: Node, limit?: number): Description {
  const take = takerFor('describeArguments');
  return uncheckedDescribeArguments(
    take('space', shapeOfSpace, space),
    take('root', nodeOf(space), root),
    take('limit', maybe(count), limit),
  );
}

/**
 * Compares two diagrams of one space.
 *
 * Return words count as the kernel takes them: data that it ignores makes no difference.
 *
 * @returns by architecture, those without a change left out; empty if the two are equal for every call
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function findDifferences(space: Space, first: Node, second: Node): readonly ArchDifference[] {
  const take = takerFor('findDifferences');
  return uncheckedFindDifferences(
    take('space', shapeOfSpace, space),
    take('first', nodeOf(space), first),
    take('second', nodeOf(space), second),
  );
}

/**
 * Finds a call for which another filter beside two diagrams makes them differ, or differ in another way.
 *
 * @param relations - how the second may then stand to the first, for the call to count
 * @param preferred - architectures to look at first
 * @returns `undefined` if another filter never changes their relation. That is so if no action is unknown
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function findCompanyDifference(
  space: Space,
  first: Node,
  second: Node,
  relations: readonly Relation[],
  preferred: readonly ArchName[] = [],
): CompanyDifference | undefined {
  const take = takerFor('findCompanyDifference');
  return uncheckedFindCompanyDifference(
    take('space', shapeOfSpace, space),
    take('first', nodeOf(space), first),
    take('second', nodeOf(space), second),
    take('relations', shapeOfRelations, relations),
    take('preferred', architecturesToTry, preferred),
  );
}

/**
 * Whether a comparison holds; on architectures of 32 bits the low halves are compared.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function comparisonHolds(comparison: Comparison, call: SeccompData, arch: ArchName): boolean {
  const take = takerFor('comparisonHolds');
  return uncheckedComparisonHolds(
    take('comparison', shapeOfComparison, comparison),
    take('call', seccompData, call),
    take('arch', archName, arch),
  );
}

/**
 * Compares a call with the rules of its architecture for its number.
 *
 * @returns in the order of the rules; empty if no rule names the call
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function matchRules(expanded: readonly ArchPolicy[], call: SeccompData): readonly RuleMatch[] {
  const take = takerFor('matchRules');
  return uncheckedMatchRules(take('expanded', expandedRules, expanded), take('call', seccompData, call));
}

/**
 * What remains of a diagram for the calls that agree with `call`: it asks unknown arguments and the instruction pointer.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function restrictCall(space: Space, root: Node, call: PartialCall): Node {
  const take = takerFor('restrictCall');
  return uncheckedRestrictCall(
    take('space', shapeOfSpace, space),
    take('root', nodeOf(space), root),
    take('call', partialCall, call),
  );
}

/**
 * What a task with several filters does: all run, and the lowest action word wins. If actions are equal, the newest filter's word
 * counts (Linux 6.18 kernel/seccomp.c seccomp_run_filters). Words stay as the filters return them: only the winner is interpreted
 * ({@link effective}).
 *
 * @param filters - the oldest first, at least one. Outcomes are words, undecided, or conflicts, whose filter may do any of
 *   the actions
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function strictestOf(space: Space, filters: readonly Node[]): Node {
  const take = takerFor('strictestOf');
  return uncheckedStrictestOf(
    take('space', shapeOfSpace, space),
    take('filters', atLeastOne('node', nodeOf(space)), filters),
  );
}

/**
 * The condition under which one of the relations holds between a call's two outcomes.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function whereRelated(space: Space, a: Node, b: Node, relations: readonly Relation[]): Node {
  const take = takerFor('whereRelated');
  return uncheckedWhereRelated(
    take('space', shapeOfSpace, space),
    take('a', nodeOf(space), a),
    take('b', nodeOf(space), b),
    take('relations', shapeOfRelations, relations),
  );
}

/**
 * The outcome of a call.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function evaluate(space: Space, root: Node, data: SeccompData): Outcome {
  const take = takerFor('evaluate');
  return uncheckedEvaluate(
    take('space', shapeOfSpace, space),
    take('root', nodeOf(space), root),
    take('data', seccompData, data),
  );
}

/**
 * Finds a call for which a condition holds, one that people can read: a known architecture, a system call that it has,
 * and the smallest arguments.
 *
 * @param preferred - architectures to try first
 * @returns `undefined` if the condition holds for no call
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function findWitness(
  space: Space,
  condition: Node,
  preferred: readonly ArchName[] = [],
): SeccompData | undefined {
  const take = takerFor('findWitness');
  return uncheckedFindWitness(
    take('space', shapeOfSpace, space),
    take('condition', nodeOf(space), condition),
    take('preferred', architecturesToTry, preferred),
  );
}
