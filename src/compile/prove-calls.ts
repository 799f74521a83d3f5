/**
 * The proof for some calls, for whoever answers for no others: it takes a tenth of the time of the proof for all.
 * @module
 */
import { decidePolicy } from '../decision/decide-policy.ts';
import { decideProgram } from '../decision/decide-program.ts';
import { joinCalls, wordsOfCall } from '../decision/join-calls.ts';
import { type PartialCall, restrictCall } from '../decision/partial-call.ts';
import { createSpace, type SpaceOptions, wordLeaf } from '../decision/space.ts';
import { expandPolicy, rulesAbout } from '../policy/expand-policy.ts';
import { type OnDecided, type Proof, type ProofInput, proveDecision } from './prove.ts';

/**
 * Compares a program with its policy's meaning for some calls alone, with any arguments. The program is followed with their
 * numbers, and only their rules are decided.
 *
 * @param calls - their arguments do not count
 * @throws OciSeccompError as `proveProgram`
 */
export function proveCalls(
  { policy, table, program, endian }: ProofInput,
  calls: readonly PartialCall[],
  options: SpaceOptions = {},
  onDecided?: OnDecided,
): Proof {
  const space = createSpace(options);
  const expanded = rulesAbout(expandPolicy(policy, table), calls);
  const ofAll = decidePolicy(space, policy, expanded);
  const meant = new Map(calls.map((call) => [call, restrictCall(space, ofAll, { ...call, args: [] })]));
  const done = new Map(
    calls.map((call) => [call, decideProgram(space, program, endian, new Map(wordsOfCall(call)))]),
  );
  onDecided?.(space, joinCalls(space, meant), joinCalls(space, done));
  // What is not known of other calls must not count as a difference: for them both get one answer.
  const others = wordLeaf(space, policy.badArchAction);
  const [a, b] = [joinCalls(space, meant, others), joinCalls(space, done, others)];
  return { ...proveDecision(space, { policy, expanded, meant: a, done: b }), calls };
}
