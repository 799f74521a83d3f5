/**
 * Proofs and counterexamples as JSON.
 * @module
 */
import type { Verification } from '../../compile/verify-filter.ts';
import { archOfCall } from '../../decision/witness.ts';
import { formatRuntime } from '../../policy/runtimes.ts';
import { formatHost } from '../operands/host-options.ts';
import { basisJson, profileBasis, programBasis } from './answer-basis.ts';
import {
  archDifferencesJson,
  callJson,
  companyJson,
  outcomeJson,
  verdictJson,
  witnessJson,
} from './json-meaning.ts';
import { preferredFirst } from './preferred-first.ts';
import type { VerifyContext } from './render-verify.ts';

export function verificationJson(
  { equal, counterexample, conflicts, differences, company, deviation }: Verification,
  { lowered: { input, runtime, host, lowered }, subject, guesses, claim }: VerifyContext,
) {
  const arch = counterexample === undefined ? undefined : archOfCall(counterexample.call);
  return {
    profile: input.name,
    filter: subject.name,
    runtime: formatRuntime(runtime),
    host: formatHost(host),
    equal,
    witness: counterexample === undefined ? null : witnessJson(counterexample),
    conflicts: conflicts.map(({ call, words, done }) => ({
      call: callJson(call),
      ...outcomeJson({ kind: 'conflict', words }, archOfCall(call)),
      filter: done === undefined ? null : verdictJson(done, archOfCall(call)),
    })),
    differences: archDifferencesJson(preferredFirst(differences, lowered.policy.architectures)),
    equalInstead: guesses,
    restsOn: [profileBasis(input.name, claim), programBasis(subject)].map(basisJson),
    besideAnotherFilter: companyJson(company),
    filters:
      deviation === undefined
        ? null
        : {
            verdicts: deviation.answers.map((answer) => outcomeJson(answer, arch)),
            winner: deviation.winner ?? null,
            equalAlone: deviation.right ?? null,
            deviating: deviation.deviating ?? null,
          },
  };
}
