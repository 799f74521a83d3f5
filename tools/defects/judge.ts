/**
 * What a program is to the set it was built from, by the decision diagrams of both.
 * @module
 */
import { architectures } from '../../src/abi/architectures.ts';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import { decodeProgram } from '../../src/bpf/program.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { formatCall, formatOutcome } from '../../src/decision/format-call.ts';
import { type Relation, relations, whereOutcome, whereRelated } from '../../src/decision/relate.ts';
import { and, createSpace, FALSE, type Node, type Outcome, type Space } from '../../src/decision/space.ts';
import { evaluate, findWitness } from '../../src/decision/witness.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import type { SyscallTable } from '../../src/policy/policy.ts';
import { policyOf, type RuleSet } from './rule-set.ts';

/** A call and the two answers to it. */
export interface Shown {
  readonly call: SeccompData;
  readonly meant: Outcome;
  readonly done: Outcome;
}

export function describeShown({ call, meant, done }: Shown): string {
  return `${formatCall(call)}: rules say ${formatOutcome(meant)}, program does ${formatOutcome(done)}`;
}

export interface Judgement {
  /** The relations that calls are found in, each with a call; none: the program is right. */
  readonly wrong: Partial<Readonly<Record<Relation, Shown>>>;
  /** A call on which rules contradict each other, if there is one. */
  readonly conflict: Shown | undefined;
  /** A call on which they do, and the program answers as none of them says. */
  readonly outside: Shown | undefined;
}

/** Judges a program, for every call there can be. */
export function judge(set: RuleSet, program: Uint8Array, table: SyscallTable): Judgement {
  const { endian } = architectures[set.architectures[0]];
  const space = createSpace();
  const policy = policyOf(set, table);
  const meant = decidePolicy(space, policy, expandPolicy(policy, table));
  const done = decideProgram(space, decodeProgram(program, endian), endian);
  const show = (condition: Node): Shown | undefined => {
    const call = findWitness(space, condition, set.architectures);
    if (call === undefined) return undefined;
    return { call, meant: evaluate(space, meant, call), done: evaluate(space, done, call) };
  };
  const wrong: Partial<Record<Relation, Shown>> = {};
  for (const relation of meant === done ? [] : relations) {
    const shown = show(whereRelated(space, meant, done, [relation]));
    if (shown !== undefined) wrong[relation] = shown;
  }
  const conflicts = conflictCondition(space, meant);
  if (conflicts === FALSE) return { wrong, conflict: undefined, outside: undefined };
  const anyWrong = whereRelated(space, meant, done, relations);
  return { wrong, conflict: show(conflicts), outside: show(and(space, conflicts, anyWrong)) };
}

function conflictCondition(space: Space, meant: Node): Node {
  return whereOutcome(space, meant, ({ kind }) => kind === 'conflict');
}

/** The worst that is wrong: {@link relations} is in this order. */
export function worst({
  wrong,
}: Judgement): { readonly relation: Relation; readonly shown: Shown } | undefined {
  for (const relation of relations) {
    const shown = wrong[relation];
    if (shown !== undefined) return { relation, shown };
  }
  return undefined;
}
