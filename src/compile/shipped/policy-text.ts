/**
 * All that the meaning of a policy depends on, as one text: two policies with the same text mean the same.
 * @module
 */
import type { ArchPolicy, ArchRule } from '../../policy/expand-policy.ts';
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
  let text = headText(policy);
  for (const { arch, rules } of expanded) text += `${arch}\n${pieces(rules).join('\n')}\n`;
  return text;
}

/** What a policy's text begins with: all but the rules. */
export function headText({ architectures, defaultAction, badArchAction, enosysStub }: Policy): string {
  let text = `${architectures.join(' ')}\n${defaultAction} ${badArchAction}\n`;
  for (const { auditArch, limits } of enosysStub ?? []) {
    text += `stub ${auditArch}`;
    for (const { arch, maxNr } of limits) text += ` ${arch} ${maxNr}`;
    text += '\n';
  }
  return text;
}

/** Rules in a piece: policies that differ in a few rules have most pieces in common. */
const PIECE = 48;

/**
 * The rules of an architecture, in pieces of a line each: numbers of calls, a word where it is another one than that of the
 * rule before it, and comparisons.
 */
export function pieces(rules: readonly ArchRule[]): readonly string[] {
  const found: string[] = [];
  for (let start = 0; start < rules.length; start += PIECE) {
    let text = '';
    let word: number | undefined;
    rules.slice(start, start + PIECE).forEach(({ nr, comparisons, returnWord }) => {
      text += returnWord === word ? ` ${nr}` : ` ${returnWord}: ${nr}`;
      word = returnWord;
      comparisons.forEach(({ index, op, value, valueTwo }) => {
        text += `,${index} ${op} ${value} ${valueTwo}`;
      });
    });
    found.push(text);
  }
  return found;
}
