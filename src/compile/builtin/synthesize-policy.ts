/**
 * A policy to a small program: its meaning as a diagram, and the code for that.
 * @module
 */

import { architectures } from '../../abi/architectures.ts';
import { callback, record, takeOptions } from '../../abi/take-options.ts';
import type { Program } from '../../bpf/program.ts';
import { decidePolicy } from '../../decision/decide-policy.ts';
import { createSpace, type Node, type Space, type SpaceOptions } from '../../decision/space.ts';
import type { ArchPolicy } from '../../policy/expand-policy.ts';
import type { Policy } from '../../policy/policy.ts';
import { callShares } from './call-shares.generated.ts';
import { weighCalls } from './call-weights.ts';
import type { CallCounts } from './read-call-counts.ts';
import { type FindRules, findRulesInTurn } from './rules-in-turn.ts';
import { type SynthesisOptions, synthesizeProgram } from './synthesize.ts';

/** A program, and the meaning that it was made from. */
export interface Synthesized {
  /** Of more than 4096 instructions, which no kernel accepts, if there is no room for all that it has to tell apart. */
  readonly program: Program;
  /** The space of `meant`. */
  readonly space: Space;
  /** What the policy means, as a diagram. */
  readonly meant: Node;
}

/**
 * Builds a program that does what a policy says, runc's stub included: it is part of the meaning.
 *
 * @param expanded - the policy's rules by architecture, from `expandPolicy`
 * @param counts - how often calls come, by name; default: a mix of workloads that was measured
 * @throws OciSeccompError `ERR_UNDECIDED` if the policy is too complex to decide
 */
export function synthesizePolicy(
  policy: Policy,
  expanded: readonly ArchPolicy[],
  counts: CallCounts = new Map(Object.entries(callShares)),
  options: Pick<SynthesisOptions, 'windows'> & Pick<SpaceOptions, 'work'> = {},
): Synthesized {
  const { work, ...shape } = takeOptions('synthesizePolicy', options, { windows: callback, work: record });
  const space = createSpace({ work });
  const meant = decidePolicy(space, policy, expanded);
  const { endian } = architectures[policy.architectures[0]];
  const weights = weighCalls(policy.architectures, counts);
  const findRules: FindRules = (of, root) => findRulesInTurn(of, root, policy, expanded);
  const program = synthesizeProgram(space, meant, endian, { weights, findRules, ...shape });
  return { program, space, meant };
}
