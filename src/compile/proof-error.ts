/**
 * What to say when a program does not mean what its policy says.
 * @module
 */
import { formatReturnWord } from '../abi/return-word.ts';
import { syscallName } from '../abi/syscalls.ts';
import {
  formatCall,
  formatComparison,
  formatOutcome,
  plainWords,
  type Words,
  wordsOf,
} from '../decision/format.ts';
import type { RuleMatch } from '../decision/match.ts';
import type { Relation } from '../decision/relate.ts';
import { archOfCall } from '../decision/witness.ts';
import { OciSeccompError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';
import type { Proof } from './prove.ts';

const judgements: Readonly<Record<Relation, string>> = {
  looser: 'lets through what the profile does not',
  stricter: 'denies what the profile lets through',
  different: 'answers otherwise than the profile says',
  unknown: 'computes something that cannot be followed',
};

/**
 * The error for a failed proof.
 *
 * @returns `ERR_PROOF`; details: `counterexample`, and `rule`, the index into `LinuxSeccomp.syscalls` of the rule that
 *   matches the call, if one does
 */
export function proofError(policy: Policy, { counterexample }: Proof, compiler: string): OciSeccompError {
  if (counterexample === undefined) throw new RangeError('the proof did not fail');
  const { call, meant, done, relation, rules } = counterexample;
  const matching = rules.find(({ matches }) => matches) ?? rules[0];
  const origin = matching === undefined ? undefined : policy.rules[matching.rule]?.origin;
  const arch = archOfCall(call);
  const words = wordsOf(arch, arch === undefined ? undefined : syscallName(call.nr, arch));
  const said = rules.map((match) => `\n    rule ${match.rule + 1}: ${formatMatch(match, words)}`).join('');
  return new OciSeccompError(
    'ERR_PROOF',
    `the program that ${compiler} built ${judgements[relation]}:
  ${formatCall(call)}
  profile: ${formatOutcome(meant)}
  program: ${formatOutcome(done)}${said === '' ? '' : `\n  rules for this call, as ${policy.runtime.name} adds them:${said}`}`,
    {
      hint: `${compiler} compiles some sets of rules with several comparisons wrongly; let the rules of this call compare fewer arguments, or write it anyway with --allow-unproven, since it is what ${policy.runtime.name} would install`,
      details: { counterexample, ...(origin === undefined ? {} : { rule: origin }) },
    },
  );
}

/** `ALLOW if arg0 == 0x28 and arg1 > 1: does not match, arg1 > 1 does not hold`. */
export function formatMatch(
  { returnWord, comparisons, matches }: RuleMatch,
  words: Words = plainWords,
): string {
  const conditions = comparisons.map((each) => formatComparison(each, words)).join(' and ');
  const failing = comparisons.filter(({ holds }) => !holds).map((each) => formatComparison(each, words));
  const verdict = matches ? 'matches' : `does not match: not ${failing.join(', not ')}`;
  return `${formatReturnWord(returnWord)} ${conditions === '' ? 'always' : `if ${conditions}`}: ${verdict}`;
}
