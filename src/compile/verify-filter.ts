/**
 * Whether an existing filter means what a policy says: a program from any source, or all programs of a process.
 * @module
 */
import { exactJson } from '../abi/exact-json.ts';
import { takeOptions } from '../abi/take-options.ts';
import { type DecidableProgram, decidePrograms } from '../decision/answer-call.ts';
import { askInBestOrder, findBetterOrder } from '../decision/argument-order.ts';
import { decideInOrder } from '../decision/decide-policy.ts';
import { type ArchDifference, findDifferences } from '../decision/difference.ts';
import { type CompanyDifference, findCompanyDifference } from '../decision/filters-in-company.ts';
import { inPassing } from '../decision/node-room.ts';
import { relations, strictestOf } from '../decision/relate.ts';
import { createSpace, type Space, type SpaceOptions, spaceKinds } from '../decision/space.ts';
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
  const first = createSpace(takeOptions('verifyPrograms', options, spaceKinds));
  const expanded = expandPolicy(input.policy, input.table);
  return askInBestOrder(first, findBetterOrder(expanded), (space) => verifyIn(space, input, expanded));
}

function verifyIn(
  space: Space,
  { policy, programs }: VerifyInput,
  expanded: readonly ArchPolicy[],
): Verification {
  const meant = decideInOrder(space, policy, expanded);
  const filters = programs.map((each) => decidePrograms(space, [each]));
  const done = strictestOf(space, filters);
  const proof = proveDecision(space, { policy, expanded, meant, done });
  const { counterexample } = proof;
  const company = findCompanyDifference(space, meant, done, relations, policy.architectures);
  return {
    ...proof,
    company,
    deviation:
      counterexample === undefined || filters.length < 2
        ? undefined
        : findDeviation(space, filters, { policy, expanded, meant }, counterexample),
    differences: proof.equal ? [] : findDifferences(space, meant, done),
  };
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
  const first = createSpace(takeOptions('tryGuesses', options, spaceKinds));
  const [guess] = guesses;
  if (guess === undefined) return [];
  // The others are readings of the same rules.
  const expanded = expandPolicy(guess.policy, guess.table);
  const right = askInBestOrder(first, findBetterOrder(expanded), (space) =>
    rightOf(space, programs, guesses),
  );
  return right.toSorted((a, b) => a.labels.length - b.labels.length);
}

function rightOf(
  space: Space,
  programs: readonly DecidableProgram[],
  guesses: readonly Guess[],
): readonly Guess[] {
  const done = decidePrograms(space, programs);
  const tried = new Map<string, boolean>();
  return guesses.filter(({ policy, table }) => {
    const key = keyOf({ policy, table });
    const known = tried.get(key);
    if (known !== undefined) return known;
    const means = inPassing(space, () => {
      const expanded = expandPolicy(policy, table);
      const meant = decideInOrder(space, policy, expanded);
      return proveDecision(space, { policy, expanded, meant, done }).equal;
    });
    tried.set(key, means);
    return means;
  });
}

/** Equal for policies that say the same with the same table. */
function keyOf({ policy, table }: Omit<Guess, 'labels'>): string {
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
