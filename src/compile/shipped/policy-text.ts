/**
 * All that the meaning of a policy depends on, as one text: two policies with the same text mean the same.
 * @module
 */
import type { ArchPolicy } from '../../policy/expand-policy.ts';
import type { Policy } from '../../policy/policy.ts';

/**
 * Writes a policy in numbers: its architectures, actions and stub, then each architecture's rules.
 *
 * Names, the runtime's name and the flags of the load are not in it: they do not change what a program has to do. What
 * they change beside it is in the numbers and words.
 *
 * @param expanded - the policy's rules by architecture, from `expandPolicy`
 */
export function policyText(policy: Policy, expanded: readonly ArchPolicy[]): string {
  let text = `${policy.architectures.join(' ')}\n${policy.defaultAction} ${policy.badArchAction}\n`;
  for (const { auditArch, limits } of policy.enosysStub ?? []) {
    text += `stub ${auditArch}`;
    for (const { arch, maxNr } of limits) text += ` ${arch} ${maxNr}`;
    text += '\n';
  }
  for (const { arch, rules } of expanded) {
    text += `${arch}\n`;
    for (const { nr, comparisons, returnWord } of rules) {
      text += `${nr} ${returnWord}`;
      for (const { index, op, value, valueTwo } of comparisons)
        text += ` ${index} ${op} ${value} ${valueTwo}`;
      text += '\n';
    }
  }
  return text;
}
