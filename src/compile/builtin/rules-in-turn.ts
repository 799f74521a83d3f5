/**
 * The rules of a call, to be asked one after the other.
 *
 * A diagram cuts an argument at every border of every rule, and asks behind each part what is left of the rules. Where ranges
 * of several arguments overlap, many rules are left of each part. The rules in turn take no more than each of them takes.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { architectures } from '../../abi/architectures.ts';
import { winningWord } from '../../decision/relate.ts';
import { isLeaf, type Node, type Space } from '../../decision/space.ts';
import { nodeOfCall } from '../../decision/witness.ts';
import { type ArchPolicy, type ArchRule, rulesByNumber } from '../../policy/expand-policy.ts';
import type { Policy } from '../../policy/policy.ts';

/** The rules of a call: the first that matches decides. */
export interface RulesInTurn {
  readonly rules: readonly ArchRule[];
  /** Of the architecture. */
  readonly bits: 32 | 64;
  readonly otherwise: ReturnWord;
}

/** Finds the rules of calls in a diagram, by what is decided of a call's arguments. */
export type FindRules = (space: Space, root: Node) => ReadonlyMap<Node, RulesInTurn>;

/** Fewer rules are no reason for a program to be too long. */
const FEWEST_RULES = 16;

/**
 * Finds the calls of a policy that have many rules.
 *
 * @param root - what the policy means; if rules conflict, what the strictest of them says, or for gVisor the first
 */
export function findRulesInTurn(
  space: Space,
  root: Node,
  { defaultAction, runtime }: Policy,
  expanded: readonly ArchPolicy[],
): ReadonlyMap<Node, RulesInTurn> {
  // gVisor's rules have an order of their own.
  const inOrder = runtime.traits.sentry !== undefined;
  const found = new Map<Node, RulesInTurn>();
  for (const { arch, rules } of expanded) {
    const { bits } = architectures[arch];
    for (const [nr, own] of rulesByNumber(rules)) {
      if (own.length < FEWEST_RULES) continue;
      const node = nodeOfCall(space, root, arch, nr);
      // runc's stub answers some calls, whatever rules say.
      if (isLeaf(space, node)) continue;
      const inTurn = inOrder ? own : own.toSorted((a, b) => stricterFirst(a.returnWord, b.returnWord));
      found.set(node, { rules: inTurn, bits, otherwise: defaultAction });
    }
  }
  return found;
}

function stricterFirst(a: ReturnWord, b: ReturnWord): number {
  if (a === b) return 0;
  return winningWord(Math.min(a, b), Math.max(a, b)) === a ? -1 : 1;
}
