/**
 * The proof that a program means what its policy says, for every possible call.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import type { Endian } from '../abi/architectures.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { takeOptions } from '../abi/take-options.ts';
import type { Program } from '../bpf/program.ts';
import { askInBestOrder, findBetterOrder } from '../decision/argument-order.ts';
import { type Conflict, findConflicts } from '../decision/conflicts.ts';
import { decideInOrder } from '../decision/decide-policy.ts';
import { decideProgram } from '../decision/decide-program.ts';
import { matchRules, type RuleMatch } from '../decision/match-rules.ts';
import type { PartialCall } from '../decision/partial-call.ts';
import { type Relation, relations, whereRelated } from '../decision/relate.ts';
import {
  createSpace,
  type Node,
  type Outcome,
  type Space,
  type SpaceOptions,
  STEPS_A_QUESTION,
  spaceKinds,
} from '../decision/space.ts';
import { evaluate, findWitness } from '../decision/witness.ts';
import { nextQuestion } from '../decision/work.ts';
import { type ArchPolicy, expandPolicy } from '../policy/expand-policy.ts';
import type { Policy, SyscallTable } from '../policy/policy.ts';

/** A call for which a program and its policy give different answers. */
export interface Counterexample {
  /** The call. */
  readonly call: SeccompData;
  /** What the policy says: one return word, or the words of rules in conflict. */
  readonly meant: Outcome;
  /** What the program does. */
  readonly done: Outcome;
  /** `looser`: the program lets through more than was meant. */
  readonly relation: Relation;
  /** The rules that name this call and what each says to it. */
  readonly rules: readonly RuleMatch[];
}

declare module '../errors.ts' {
  interface ErrorDetailsByCode {
    /** `counterexample`: a call for which the program does something else than its policy says; absent of rebased profiles. */
    readonly ERR_PROOF: ErrorDetails & { readonly counterexample?: Counterexample | undefined };
  }
}

/** Whether a program means what a policy says, for every possible call. */
export interface Proof {
  /** Equal for every call; where rules conflict, the program does what one of them says. */
  readonly equal: boolean;
  /** A call that shows the difference; `undefined` where they are equal. */
  readonly counterexample: Counterexample | undefined;
  /** Calls for which rules of different actions match at once, one a system call, each with what the program does. */
  readonly conflicts: readonly (Conflict & { readonly done: ReturnWord | undefined })[];
  /**
   * When the two were compared. `now`: by this process. `release`: when this release of oci-seccomp was made, for a program that
   * comes with it. This process then only found that the policy is the same.
   */
  readonly compared: 'now' | 'release';
  /** The calls that were compared, with any arguments; absent: all. `equal` and `conflicts` then say nothing of others. */
  readonly calls?: readonly PartialCall[] | undefined;
}

/** Called before the comparison with the meaning of a policy and of a program, as diagrams of one space. */
export type OnDecided = (space: Space, meant: Node, done: Node) => void;

/** What is proven: a program against a policy. */
export interface ProofInput {
  /** What the program should mean. */
  readonly policy: Policy;
  /** The table that the policy was lowered with. */
  readonly table: SyscallTable;
  /** The program, with its ENOSYS stub. */
  readonly program: Program;
  /** The target's byte order. */
  readonly endian: Endian;
}

/** Compares a program with its policy's meaning, for every architecture, number, argument and instruction pointer. */
export function proveProgram(
  { policy, table, program, endian }: ProofInput,
  options: SpaceOptions = {},
  onDecided?: OnDecided,
): Proof {
  const first = createSpace(takeOptions('proveProgram', options, spaceKinds));
  const expanded = expandPolicy(policy, table);
  return askInBestOrder(first, findBetterOrder(expanded), (space) => {
    const meant = decideInOrder(space, policy, expanded);
    const done = decideProgram(space, program, endian);
    onDecided?.(space, meant, done);
    return proveDecision(space, { policy, expanded, meant, done });
  });
}

/** A policy, its rules by architecture, and its meaning as a diagram. */
export interface DecidedPolicy {
  readonly space: Space;
  readonly policy: Policy;
  readonly expanded: readonly ArchPolicy[];
  readonly meant: Node;
}

/**
 * As {@link proveProgram}, for a policy that `decidePolicy` has decided already.
 *
 * @throws OciSeccompError as {@link proveProgram}
 */
export function proveDecided(
  { space, ...decided }: DecidedPolicy,
  { program, endian }: Pick<ProofInput, 'program' | 'endian'>,
  onDecided?: OnDecided,
): Proof {
  // The work on a proof has a budget of its own.
  nextQuestion(space.work, STEPS_A_QUESTION);
  const done = decideProgram(space, program, endian);
  onDecided?.(space, decided.meant, done);
  return proveDecision(space, { ...decided, done });
}

/** A policy and a filter as diagrams of one space. */
export interface DecidedPair extends Omit<DecidedPolicy, 'space'> {
  readonly done: Node;
}

/** Compares what a filter does with what its policy means, both decided already. */
export function proveDecision(space: Space, { policy, expanded, meant, done }: DecidedPair): Proof {
  const conflicts = findConflicts(space, meant, policy.architectures).map((conflict) => {
    const outcome = evaluate(space, done, conflict.call);
    const word = outcome.kind === 'word' ? outcome.word : undefined;
    return { ...conflict, done: word };
  });
  for (const relation of meant === done ? [] : relations) {
    const call = findWitness(space, whereRelated(space, meant, done, [relation]), policy.architectures);
    if (call === undefined) continue;
    const counterexample: Counterexample = {
      call,
      meant: evaluate(space, meant, call),
      done: evaluate(space, done, call),
      relation,
      rules: matchRules(expanded, call),
    };
    return { equal: false, counterexample, conflicts, compared: 'now' };
  }
  return { equal: true, counterexample: undefined, conflicts, compared: 'now' };
}
