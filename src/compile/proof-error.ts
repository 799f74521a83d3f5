/**
 * The error for a program that does not mean what its policy says.
 * @module
 */
import { formatReturnWord } from '../abi/return-word.ts';
import { syscallName } from '../abi/syscall-numbers.ts';
import { formatCall, formatComparison, formatOutcome, type Words, wordsOf } from '../decision/format-call.ts';
import type { ComparisonResult, RuleMatch } from '../decision/match-rules.ts';
import type { Relation } from '../decision/relate.ts';
import { archOfCall } from '../decision/witness.ts';
import { OciSeccompError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';
import type { Counterexample, Proof } from './prove.ts';

const judgements: Readonly<Record<Relation, string>> = {
  looser: 'lets through a call that the profile does not',
  stricter: 'denies a call that the profile lets through',
  different: 'answers differently from what the profile says',
  unknown: 'computes something that cannot be followed',
};

/**
 * The error for a failed proof.
 *
 * @returns `ERR_PROOF`; details: `counterexample`, and `rules`, what each rule for the call says:
 *   `{ rule: index into LinuxSeccomp.syscalls, says: text }`
 */
export function proofError(policy: Policy, { counterexample }: Proof, compiler: string): OciSeccompError {
  if (counterexample === undefined) throw new RangeError('the proof did not fail');
  const { call, relation, rules } = counterexample;
  const arch = archOfCall(call);
  const words = wordsOf(arch, arch === undefined ? undefined : syscallName(call.nr, arch));
  const says = rules.map((match) => ({
    rule: policy.rules[match.rule]?.origin,
    says: formatMatch(match, words),
  }));
  return new OciSeccompError(
    'ERR_PROOF',
    `the program that ${compiler} built ${judgements[relation]}: ${formatCounterexample(counterexample)}`,
    {
      hint: `${compiler} compiles some sets of rules with several comparisons wrongly: compare fewer arguments in the rules of this call; compile and run take the program with --allow-unproven, because ${policy.runtime.name} would install the same one`,
      details: { counterexample, rules: says },
    },
  );
}

/** `x86_64 getppid(1, 0) gets ALLOW, the profile says ERRNO EPERM (1)`. */
export function formatCounterexample({ call, done, meant }: Counterexample): string {
  const arch = archOfCall(call);
  return `${formatCall(call)} gets ${formatOutcome(done, arch)}, the profile says ${formatOutcome(meant, arch)}`;
}

/** `ALLOW if arg0 == 0x28 and arg1 > 1: does not match, since not arg1 > 1`. */
export function formatMatch({ returnWord, comparisons, matches }: RuleMatch, words: Words): string {
  const text = (each: ComparisonResult): string => formatComparison(each, words);
  const conditions = comparisons.map(text).join(' and ');
  const failing = comparisons.filter(({ holds }) => !holds).map(text);
  const action = `${formatReturnWord(returnWord, words.arch)} ${conditions === '' ? 'always' : `if ${conditions}`}`;
  if (matches) return `${action}: matches`;
  // With one comparison the reason is plain.
  return `${action}: does not match${comparisons.length < 2 ? '' : `, since not ${failing.join(', not ')}`}`;
}
