/**
 * A policy to a small program: its meaning as a diagram, and the code for that.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { BPF_MAXINSNS } from '../../bpf/longest-program.ts';
import type { Program } from '../../bpf/program.ts';
import { findBetterOrder, spaceInOrder } from '../../decision/argument-order.ts';
import { decideInOrder } from '../../decision/decide-policy.ts';
import { tryWithin } from '../../decision/node-room.ts';
import {
  createSpace,
  isTooComplex,
  type Node,
  type Space,
  type SpaceOptions,
  STEPS_A_QUESTION,
} from '../../decision/space.ts';
import { askWithin } from '../../decision/work.ts';
import { OciSeccompError } from '../../errors.ts';
import type { ArchPolicy } from '../../policy/expand-policy.ts';
import type { Policy } from '../../policy/policy.ts';
import { callShares } from './call-shares.generated.ts';
import { weighCalls } from './call-weights.ts';
import type { CallCounts } from './read-call-counts.ts';
import { type FindRules, findRulesInTurn } from './rules-in-turn.ts';
import { type SynthesisOptions, synthesizeProgram } from './synthesize.ts';

/** A program, and the meaning that it was made from. */
export interface BuiltProgram {
  /** Of more than 4096 instructions, which no kernel accepts, if there is no room for all that it has to tell apart. */
  readonly program: Program;
  /** The space of `meant`. */
  readonly space: Space;
  /** What the policy means, as a diagram. */
  readonly meant: Node;
}

/** Builds a program that does what a policy says, runc's stub included: it is part of the meaning. */
export function buildProgram(
  policy: Policy,
  expanded: readonly ArchPolicy[],
  counts: CallCounts = new Map(Object.entries(callShares)),
  options: Pick<SynthesisOptions, 'windows'> & Pick<SpaceOptions, 'work'> = {},
): BuiltProgram {
  const { work, ...shape } = options;
  const space = createSpace({ work });
  const make = (of: Space, known?: Node): BuiltProgram => {
    const meant = known ?? decideInOrder(of, policy, expanded);
    const { endian } = architectures[policy.architectures[0]];
    const weights = weighCalls(policy.architectures, counts);
    const findRules: FindRules = (within, root) => findRulesInTurn(within, root, policy, expanded);
    const program = synthesizeProgram(of, meant, endian, { weights, findRules, ...shape });
    return { program, space: of, meant };
  };
  const better = findBetterOrder(expanded);
  if (better === undefined) return make(space);
  const meant = tryWithin(space, better.patience, () => decideInOrder(space, policy, expanded));
  const natural = (): BuiltProgram => make(space, meant);
  const other = (): BuiltProgram =>
    askWithin(space.work, STEPS_A_QUESTION, () => make(spaceInOrder(better.order, { work: space.work })));
  if (meant !== undefined) return shortestOf([natural, other], hasRoom);
  // Of so complex a meaning, neither order always gives the shorter program.
  return shortestOf([other, natural], () => false);
}

/**
 * The shortest of the programs that can be made.
 *
 * @param isEnough - whether a program is taken without making those after it
 */
function shortestOf(
  ways: readonly (() => BuiltProgram)[],
  isEnough: (made: BuiltProgram) => boolean,
): BuiltProgram {
  let best: BuiltProgram | undefined;
  let failed: unknown;
  for (const way of ways) {
    const made = unlessUndecided(way);
    if (!isProgram(made)) failed ??= made;
    else if (best === undefined || made.program.length < best.program.length) best = made;
    if (best !== undefined && isEnough(best)) break;
  }
  if (best === undefined) throw failed;
  return best;
}

function hasRoom({ program }: BuiltProgram): boolean {
  return program.length <= BPF_MAXINSNS;
}

/** @returns the error, if it is too complex to decide */
function unlessUndecided(make: () => BuiltProgram): BuiltProgram | OciSeccompError {
  try {
    return make();
  } catch (error) {
    if (isTooComplex(error)) return error;
    throw error;
  }
}

function isProgram(made: BuiltProgram | OciSeccompError): made is BuiltProgram {
  return !(made instanceof OciSeccompError);
}
