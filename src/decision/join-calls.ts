/**
 * Diagrams of some calls, put together from those of each call.
 * @module
 */
import { architectures } from '../abi/architectures.ts';
import { fromRuns } from './condition-diagrams.ts';

import { FIELD_ARCH, FIELD_NR, type Field } from './diagram-variables.ts';
import { runsOfPoints } from './join-numbers.ts';
import type { KnownCall } from './partial-call.ts';
import { leaf, type Node, type Space } from './space.ts';

/**
 * A diagram of some calls.
 *
 * @param decided - what becomes of each call, as a diagram that asks neither the architecture nor the number
 * @param others - what becomes of all other calls; default: they have the outcome `undecided`
 */
export function joinCalls(
  space: Space,
  decided: ReadonlyMap<KnownCall, Node>,
  others: Node = leaf(space, { kind: 'undecided', reason: 'this call was not asked for' }),
): Node {
  const calls = [...decided.keys()];
  const wordOf = ({ arch }: KnownCall): number => architectures[arch].auditArch;
  const nodeOf = (call: KnownCall): Node => decided.get(call) ?? others;
  const nodeAt = (word: number): Node => {
    const own = calls.filter((call) => wordOf(call) === word);
    return byNumber(space, own, nodeOf, others);
  };
  return fromRuns(space, FIELD_ARCH, runsOfPoints(new Set(calls.map(wordOf)), nodeAt, others));
}

/** As {@link joinCalls}, for the calls of one architecture's word. */
export function byNumber(
  space: Space,
  calls: readonly KnownCall[],
  decided: (call: KnownCall) => Node,
  open: Node,
): Node {
  const numbers = new Map(calls.map((call) => [call.nr >>> 0, call]));
  const nodeAt = (nr: number): Node => decided(numbers.get(nr) as KnownCall);
  return fromRuns(space, FIELD_NR, runsOfPoints(numbers.keys(), nodeAt, open));
}

/** The words that single out a call. */
export function wordsOfCall({ arch, nr }: KnownCall): readonly (readonly [Field, number])[] {
  return [
    [FIELD_ARCH, architectures[arch].auditArch],
    [FIELD_NR, nr >>> 0],
  ];
}
