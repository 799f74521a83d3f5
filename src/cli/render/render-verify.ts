/**
 * Proofs and counterexamples as text.
 * @module
 */
import { syscallName } from '../../abi/syscall-numbers.ts';
import type { Claim } from '../../compile/claim.ts';
import { formatClaim } from '../../compile/claim-text.ts';
import { formatMatch } from '../../compile/proof-error.ts';
import type { Verification } from '../../compile/verify-filter.ts';
import { formatCall, formatCompany, formatOutcome, wordsOf } from '../../decision/format-call.ts';
import type { Relation } from '../../decision/relate.ts';
import { archOfCall } from '../../decision/witness.ts';
import type { LoweredProfile } from '../../pipeline/compile-profile.ts';
import type { ProgramSource } from '../../pipeline/process-source.ts';
import { describeRuntime } from '../../policy/runtimes.ts';
import { placeOfDefault, placeOfRule } from '../../report/rule-text.ts';
import { formatHost } from '../operands/host-options.ts';
import { profileBasis, programBasis, renderBasis } from './answer-basis.ts';
import { arrange, renderDifferences, summarize } from './render-diff.ts';

const judgements: Readonly<Record<Relation, string>> = {
  looser: 'it lets through what the profile does not',
  stricter: 'it denies what the profile lets through',
  different: 'it answers differently from what the profile says',
  unknown: 'it computes something that cannot be followed, so it may do anything there',
};

export interface VerifyContext {
  readonly lowered: LoweredProfile;
  readonly subject: ProgramSource;
  readonly guesses: readonly string[];
  readonly claim: Claim;
  readonly verbose: boolean;
}

export function renderVerification(verification: Verification, context: VerifyContext): string {
  const { lowered, subject, claim } = context;
  const { input, runtime, host } = lowered;
  const basis = renderBasis([profileBasis(input.name, claim), programBasis(subject)]);
  const reading = `${input.name} for ${describeRuntime(runtime)} on ${formatHost(host)}`;
  const filters = subject.filters.length === 1 ? '' : ` (its ${subject.filters.length} filters together)`;
  if (verification.equal) {
    const isAll = claim.weaknesses.length === 0;
    const head = `${isAll ? 'proven' : 'equal'}: ${subject.name}${filters} means ${reading}, for every call\n`;
    const doubts = isAll ? '' : `  ${formatClaim(claim)}\n`;
    return `${head}${doubts}${renderConflicts(verification, lowered)}${renderCompany(verification, context)}${basis}`;
  }
  const lines = [
    `not equal: ${subject.name}${filters} does not mean ${reading}`,
    ...renderWitness(verification, lowered),
    ...renderDeviation(verification, lowered),
  ];
  if (context.guesses.length > 0) lines.push(`  it does mean ${input.name} ${context.guesses.join(', or ')}`);
  return `${lines.map((line) => `${line}\n`).join('')}${renderAll(verification, context)}${renderCompany(verification, context)}${basis}`;
}

/** Which of several filters makes the difference. */
function renderDeviation(
  { deviation, counterexample }: Verification,
  { input }: LoweredProfile,
): readonly string[] {
  if (deviation === undefined) return [];
  const { answers, winner, right = [], deviating } = deviation;
  const arch = counterexample === undefined ? undefined : archOfCall(counterexample.call);
  const place = (index: number): string =>
    index === 0 ? ', the oldest' : index === answers.length - 1 ? ', the newest' : '';
  const number = (index: number): string => `filter ${index + 1}`;
  return [
    '  its filters, one by one:',
    ...answers.map(
      (answer, index) =>
        `    ${number(index)}${place(index)}: ${formatOutcome(answer, arch)}${index === winner ? ', which the kernel takes' : ''}`,
    ),
    ...(right.length === 0
      ? []
      : [
          `  ${right.map(number).join(' and ')} alone ${right.length === 1 ? 'means' : 'mean'} ${input.name}: the others make the difference`,
        ]),
    ...(deviating === undefined || right.length > 0
      ? []
      : [`  ${number(deviating)} makes the difference: without it the others mean ${input.name}`]),
  ];
}

function renderCompany({ company }: Verification, { lowered, subject }: VerifyContext): string {
  if (company === undefined) return '';
  const lines = formatCompany(company, { first: lowered.input.name, second: subject.name });
  return lines.map((line) => `${line}\n`).join('');
}

function renderWitness({ counterexample }: Verification, lowered: LoweredProfile): readonly string[] {
  if (counterexample === undefined) return [];
  const { call, meant, done, relation, rules } = counterexample;
  const {
    input,
    resolution,
    lowered: { policy },
  } = lowered;
  const arch = archOfCall(call);
  const words = wordsOf(arch, arch === undefined ? undefined : syscallName(call.nr, arch));
  const lines = rules.map((match) => {
    const origin = policy.rules[match.rule]?.origin;
    const rule = origin === undefined ? undefined : resolution.origins[origin];
    const where = rule === undefined ? '' : `${placeOfRule(input.profile, rule, input.name)}: `;
    return `    ${where}${formatMatch(match, words)}`;
  });
  const place = placeOfDefault(input.profile);
  const isDefault =
    meant.kind === 'word' && meant.word === policy.defaultAction && !rules.some(({ matches }) => matches);
  return [
    `  ${judgements[relation]}:`,
    `  ${formatCall(call)}`,
    `    profile: ${formatOutcome(meant, arch)}${isDefault ? ` (the default action${place === undefined ? '' : `, ${place}`})` : ''}`,
    `    filter:  ${formatOutcome(done, arch)}`,
    ...(lines.length === 0 ? [] : ['  rules for this call:', ...lines]),
  ];
}

function renderConflicts({ conflicts }: Verification, { input }: LoweredProfile): string {
  return conflicts
    .map(
      ({ call, words, done }) =>
        `note: rules of ${input.name} contradict each other for ${formatCall(call)}: ${formatOutcome({ kind: 'conflict', words }, archOfCall(call))}; the filter does ${done === undefined ? 'something else' : formatOutcome({ kind: 'word', word: done }, archOfCall(call))}\n`,
    )
    .join('');
}

function renderAll(verification: Verification, { lowered, subject, verbose }: VerifyContext): string {
  const differences = arrange(verification.differences, lowered.lowered.policy.architectures);
  const sides = { first: lowered.input.name, second: subject.name };
  return `${summarize(differences, sides)}\n${renderDifferences(differences, sides, { verbose })}`;
}
