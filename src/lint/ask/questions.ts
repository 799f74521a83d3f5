/**
 * The questions that built-in rules ask, for rules of your own: each is handed to a rule with its profile bound to it.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import type { Comparison } from '../../abi/operators.ts';
import { allHold } from '../../decision/decide-policy.ts';
import { and, type Node } from '../../decision/space.ts';
import type { LinuxSyscall } from '../../oci/linux-seccomp.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Witness } from '../engine/finding.ts';
import type { LintContext } from '../engine/rule-context.ts';
import {
  type CallOpenness,
  callOpennessOf,
  forEachView,
  mayTrace,
  type NamedRule,
  type Openness,
  openingPlaces,
  opennessOf,
  rulesNaming,
  witnessWhere,
} from './call-openness.ts';
import { meansTheSame, policyIfTaken, witnessAgainst } from './changed-policy.ts';
import { type ComparedCall, comparedCalls } from './compared-calls.ts';
import { type CallDenials, denialsOf, denyingPlace, formatDenials } from './denied-calls.ts';
import type { HostView } from './host-view.ts';
import { listNames } from './list-names.ts';
import { namePointer } from './name-pointer.ts';
import { type PlacedComparison, placedComparisons } from './placed-comparisons.ts';

/**
 * What a rule can ask about a profile. A view is the profile on one host under one runtime; `view.policy.architectures` are
 * the architectures of its filter, the native one first.
 *
 * Answers are exact: they come from decision diagrams. Where a diagram is too large, the question throws `ERR_UNDECIDED`;
 * within `forEachView` the engine catches that and reports that the rule did not see everything.
 */
export interface Questions {
  /** Runs a check on every view. Ask all other questions in it. */
  readonly forEachView: (check: (view: HostView) => void) => void;
  /**
   * How much of a call gets through: always, for some arguments, never.
   *
   * @returns the call's number, the condition under which it gets through, and `openness`; `undefined` if the architecture
   *   does not have the call
   */
  readonly callOpenness: (view: HostView, arch: ArchName, syscall: string) => CallOpenness | undefined;
  /**
   * What a call gets where it is denied, whatever its arguments.
   *
   * @returns `undefined` if the architecture does not have the call
   */
  readonly callDenials: (view: HostView, arch: ArchName, syscall: string) => CallDenials | undefined;
  /** `ERRNO EPERM (1)`: what a denied call gets, in words. */
  readonly formatDenials: (denials: CallDenials) => string;
  /** The rules that name a call and count on the view's host. */
  readonly rulesNaming: (view: HostView, syscall: string) => readonly NamedRule[];
  /** The calls of an architecture whose rules compare arguments, with the condition under which each gets through. */
  readonly comparedCalls: (view: HostView, arch: ArchName) => readonly ComparedCall[];
  /** Every comparison of the profile's rules with its JSON pointer, in the profile's order. */
  readonly placedComparisons: (view: HostView) => readonly PlacedComparison[];
  /** Whether programs may call ptrace so that calls which get TRACE pass. */
  readonly mayTrace: (view: HostView) => boolean;

  /** The condition that some comparisons of arguments hold, all of them, on an architecture. */
  readonly condition: (view: HostView, arch: ArchName, comparisons: readonly Comparison[]) => Node;
  /** The condition that both of two conditions hold. */
  readonly both: (view: HostView, first: Node, second: Node) => Node;
  /** Whether a condition always holds (`open`), for some arguments (`partly`) or never (`closed`). */
  readonly opennessOf: (condition: Node) => Openness;
  /** A call for which a condition holds, with what the profile does with it; `undefined` if it holds for no call. */
  readonly witness: (view: HostView, call: CallOpenness, condition?: Node) => Witness | undefined;

  /**
   * What the profile would mean with other rules.
   *
   * @param edit - gets the rules that the runtime was handed, returns others
   * @returns `undefined` if the runtime would refuse them
   */
  readonly policyWith: (
    view: HostView,
    edit: (syscalls: readonly LinuxSyscall[]) => readonly LinuxSyscall[],
  ) => Policy | undefined;
  /** Whether another policy means the same as the view's. */
  readonly meansTheSame: (view: HostView, policy: Policy) => boolean;
  /** A call that the profile and another policy answer differently; `undefined` if they mean the same. */
  readonly witnessAgainst: (view: HostView, meant: Policy) => Witness | undefined;

  /** JSON pointer of a name in a rule. @param rule - index into `Profile.rules` */
  readonly namePointer: (rule: number, syscall: string) => string;
  /**
   * JSON pointers of where the profile lets a call through, or the calls of a condition: names in rules, else the default
   * action.
   */
  readonly openingPlaces: (view: HostView, call: CallOpenness, condition?: Node) => readonly string[];
  /** JSON pointer of where the profile denies a call: the first name of a rule that does, else the default action. */
  readonly denyingPlace: (view: HostView, syscall: string) => string;
  /** `a, b and c`; of more than `limit` (default 8) names, how many more there are. */
  readonly listNames: (names: readonly string[], limit?: number) => string;
}

/** The questions about one profile. */
export function createQuestions(context: LintContext): Questions {
  return {
    forEachView: (check) => forEachView(context, check),
    callOpenness: callOpennessOf,
    callDenials: denialsOf,
    formatDenials,
    rulesNaming: (view, syscall) => rulesNaming(context, view, syscall),
    comparedCalls,
    placedComparisons: (view) => placedComparisons(context, view),
    mayTrace,
    condition: ({ space }, arch, comparisons) => allHold(space, comparisons, architectures[arch].bits),
    both: ({ space }, first, second) => and(space, first, second),
    opennessOf,
    witness: (view, call, condition = call.open) => witnessWhere(view, call, condition).witness,
    policyWith: policyIfTaken,
    meansTheSame,
    witnessAgainst,
    namePointer: (rule, syscall) => namePointer(context, rule, syscall),
    openingPlaces: (view, call, condition = call.open) => openingPlaces(context, view, call, condition),
    denyingPlace: (view, syscall) => denyingPlace(context, view, syscall),
    listNames,
  };
}
