/**
 * All that the meaning of a policy depends on, as text: two policies with the same text mean the same if their calls have plain
 * names, and these the same numbers on the architectures that are not native.
 * @module
 */
import type { Policy, PolicyRule } from '../../policy/policy.ts';

/**
 * What a policy's text begins with: its architectures, actions and stub.
 *
 * The runtime's name and the flags of the load are not in it: they do not change what a program has to do. What they change
 * beside it is in the rules and words.
 */
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
 * The rules, in pieces of a line each: calls by name and native number, a word where it is another one than that of the rule before
 * it, and comparisons.
 */
export function pieces(rules: readonly PolicyRule[]): readonly string[] {
  const found: string[] = [];
  for (let start = 0; start < rules.length; start += PIECE) {
    let text = '';
    let word: number | undefined;
    rules.slice(start, start + PIECE).forEach(({ syscall, nr, comparisons, returnWord }) => {
      text += returnWord === word ? ` ${syscall} ${nr}` : ` ${returnWord}: ${syscall} ${nr}`;
      word = returnWord;
      comparisons.forEach(({ index, op, value, valueTwo }) => {
        text += `,${index} ${op} ${value} ${valueTwo}`;
      });
    });
    found.push(text);
  }
  return found;
}

/**
 * Whether no name has a sign that parts a text. A policy of a caller can have any: a call `socket 41,0 lt 38` with the number 0 is
 * written like `socket` with a comparison.
 */
export function hasPlainNames(rules: readonly PolicyRule[]): boolean {
  let names = '';
  for (const { syscall } of rules) names += syscall;
  return /^\w*$/.test(names);
}
