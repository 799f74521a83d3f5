/**
 * Whether an existing filter means what a policy says: a program from any source, or all programs of a process.
 * @module
 */
import { exactJson } from '../abi/exact-json.ts';
import { takeOptions } from '../abi/take-options.ts';
import { type DecidableProgram, decidePrograms } from '../decision/answer-call.ts';
import {
  type ArgumentOrder,
  findArgumentOrder,
  reorderProgram,
  reorderRules,
} from '../decision/argument-order.ts';
import { decidePolicy } from '../decision/decide-policy.ts';
import { type ArchDifference, findDifferences } from '../decision/difference.ts';
import { type CompanyDifference, findCompanyDifference } from '../decision/filters-in-company.ts';
import { inPassing } from '../decision/node-room.ts';
import { relations, strictestOf } from '../decision/relate.ts';
import {
  createSpace,
  isTooComplex,
  type Space,
  type SpaceOptions,
  STEPS_A_QUESTION,
  spaceKinds,
} from '../decision/space.ts';
import { nextQuestion } from '../decision/work.ts';
import { type ArchPolicy, expandPolicy } from '../policy/expand-policy.ts';
import type { Policy, SyscallTable } from '../policy/policy.ts';
import { type Deviation, findDeviation } from './deviation.ts';
import { type Proof, proveDecision } from './prove.ts';

/** A policy, and the programs that are said to mean it. */
export interface VerifyInput {
  /** What the programs should mean together. */
  readonly policy: Policy;
  /** The table that the policy was lowered with. */
  readonly table: SyscallTable;
  /** The oldest first; of several the lowest action word wins. */
  readonly programs: readonly DecidableProgram[];
}

/** Whether filters mean what a policy says, with all differences. */
export interface Verification extends Proof {
  /** A call for which another filter beside this one changes its relation to the policy, if there is such a call. */
  readonly company: CompanyDifference | undefined;
  /** If several programs do not mean the policy together: which of them makes the difference. */
  readonly deviation: Deviation | undefined;
  /** Every system call that the filter treats differently than the policy; empty if they are equal. */
  readonly differences: readonly ArchDifference[];
}

/** Compares programs with a policy's meaning, for every possible call. */
export function verifyPrograms(input: VerifyInput, options: SpaceOptions = {}): Verification {
  const limits = takeOptions('verifyPrograms', options, spaceKinds);
  const space = createSpace(limits);
  const expanded = expandPolicy(input.policy, input.table);
  try {
    return verifyInSpace(space, input, expanded);
  } catch (error) {
    const order = isTooComplex(error) ? findArgumentOrder(expanded) : undefined;
    const equal =
      order && verifyInOrder(createSpace({ ...limits, work: space.work }), input, expanded, order);
    if (equal === undefined) throw error;
    return equal;
  }
}

function verifyInSpace(
  space: Space,
  { policy, programs }: VerifyInput,
  expanded: readonly ArchPolicy[],
): Verification {
  const meant = decidePolicy(space, policy, expanded);
  const filters = programs.map((each) => decidePrograms(space, [each]));
  const done = strictestOf(space, filters);
  const proof = proveDecision(space, { policy, expanded, meant, done });
  const { counterexample } = proof;
  return {
    ...proof,
    company: findCompanyDifference(space, meant, done, relations, policy.architectures),
    deviation:
      counterexample === undefined || filters.length < 2
        ? undefined
        : findDeviation(space, filters, { policy, expanded, meant }, counterexample),
    differences: proof.equal ? [] : findDifferences(space, meant, done),
  };
}

/** @returns `undefined` where there is a difference: differences are described with arguments in their own order */
function verifyInOrder(
  space: Space,
  { policy, programs }: VerifyInput,
  expanded: readonly ArchPolicy[],
  order: ArgumentOrder,
): Verification | undefined {
  nextQuestion(space.work, STEPS_A_QUESTION);
  const meant = decidePolicy(space, policy, reorderRules(expanded, order));
  const reordered = programs.map((each) => ({ ...each, program: reorderProgram(each.program, order) }));
  const done = decidePrograms(space, reordered);
  const proof = proveDecision(space, { policy, expanded, meant, done, order });
  const company = findCompanyDifference(space, meant, done, relations, policy.architectures);
  if (!proof.equal || company !== undefined) return undefined;
  return { ...proof, company, deviation: undefined, differences: [] };
}

/** Another reading of the profile, and how to say it: `for crun`, `with all capabilities`. */
export interface Guess {
  /** What is guessed, in words. */
  readonly labels: readonly string[];
  /** The policy that the guess leads to. */
  readonly policy: Policy;
  /** The table that it was lowered with. */
  readonly table: SyscallTable;
}

/** Tries other policies on a filter. */
export function tryGuesses(
  programs: readonly DecidableProgram[],
  guesses: readonly Guess[],
  options: SpaceOptions = {},
): readonly Guess[] {
  const space = createSpace(takeOptions('tryGuesses', options, spaceKinds));
  const done = decidePrograms(space, programs);
  const tried = new Map<string, boolean>();
  const right = guesses.filter((guess) => {
    const key = keyOf(guess);
    const known = tried.get(key);
    if (known !== undefined) return known;
    const means = inPassing(space, () => isMeaning(space, guess, done));
    tried.set(key, means);
    return means;
  });
  return right.sort((a, b) => a.labels.length - b.labels.length);
}

function isMeaning(space: Space, { policy, table }: Guess, done: number): boolean {
  const expanded = expandPolicy(policy, table);
  const meant = decidePolicy(space, policy, expanded);
  return proveDecision(space, { policy, expanded, meant, done }).equal;
}

/** Equal for policies that say the same with the same table. */
function keyOf({ policy, table }: Guess): string {
  const { architectures, defaultAction, badArchAction, rules, enosysStub } = policy;
  const plain = rules.map(({ syscall, nr, comparisons, returnWord }) => [
    syscall,
    nr,
    comparisons,
    returnWord,
  ]);
  const parts = [table.name, architectures, defaultAction, badArchAction, plain, enosysStub];
  return exactJson(parts);
}
