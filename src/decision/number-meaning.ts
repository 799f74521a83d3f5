/**
 * What a policy means for one number after the other, without a diagram of all.
 * @module
 */
import { type ArchName, architectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { stubOn, stubWord } from '../policy/answered-by-stub.ts';
import { type ArchPolicy, rulesByNumber } from '../policy/expand-policy.ts';
import type { Policy } from '../policy/policy.ts';
import { type DecidedNumbers, plainNode, tellsX32Apart } from './join-numbers.ts';
import { type Node, type Space, wordLeaf } from './space.ts';

const LAST = 0xffff_ffff;

/**
 * What a policy means for the numbers of one architecture, each by the arguments. `joinNumbers` says the same of all numbers.
 *
 * @returns a function that makes no node
 */
export function numbersOf(
  space: Space,
  policy: Policy,
  expanded: readonly ArchPolicy[],
  decided: DecidedNumbers,
  arch: ArchName,
): (nr: number) => Node {
  const { auditArch } = architectures[arch];
  const parts = expanded
    .filter((each) => architectures[each.arch].auditArch === auditArch)
    .map((each) => ({ arch: each.arch, nodes: decided.get(each.arch), rules: rulesByNumber(each.rules) }));
  const stub = policy.enosysStub === undefined ? undefined : wordLeaf(space, stubWord(policy));
  const isAnswered = stubOn(policy, arch);
  const [x86, x32] = (['x86_64', 'x32'] as const).map((name) => parts.find((each) => each.arch === name));
  const isSplit = tellsX32Apart(policy) && (x86 ?? x32) !== undefined;
  return (nr) => {
    if (stub !== undefined && isAnswered(nr) !== undefined) return stub;
    // libseccomp counts -1 as a number of x86_64 if x32 is not in the filter.
    const isX86 = nr < X32_SYSCALL_BIT || (nr === LAST && x32 === undefined);
    const part = isSplit ? (isX86 ? x86 : x32) : parts[0];
    if (part === undefined) return wordLeaf(space, policy.badArchAction);
    return part.nodes?.get(nr) ?? plainNode(space, policy, part.rules.get(nr));
  };
}
