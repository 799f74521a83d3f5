/**
 * `oci-seccomp verify`: does this filter mean this profile?
 * @module
 */

import type { Claim } from '../../compile/claim.ts';
import { type Verification, verifyPrograms } from '../../compile/verify-filter.ts';
import { OciSeccompError } from '../../errors.ts';
import type { LoweredProfile } from '../../pipeline/compile-profile.ts';
import { claimOfPrograms } from '../../pipeline/compile-profile.ts';
import { loadFilterSource } from '../../pipeline/filter-source.ts';
import type { ProgramSource } from '../../pipeline/process-source.ts';
import { formatRuntime } from '../../policy/runtimes.ts';
import { answer, type Ending } from '../exit-code.ts';
import { lowerSubject, type ReadingOptions, readSubject } from '../operands/filter-operand.ts';
import { formatHost } from '../operands/host-options.ts';
import { guessReadings } from '../operands/other-readings.ts';
import { basisJson, profileBasis, programBasis } from '../render/answer-basis.ts';
import { callJson, companyJson, differencesJson, outcomeJson, printJson } from '../render/json-meaning.ts';
import { renderVerification } from '../render/render-verify.ts';
import { writeStderr, writeStdout } from '../streams.ts';

export interface VerifyCommandOptions extends ReadingOptions {
  readonly pid?: string;
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly verbose?: boolean;
}

export async function runVerify(
  [profile, operand]: readonly string[],
  options: VerifyCommandOptions,
): Promise<Ending> {
  const [lowered, subject] = await loadClaim(profile, operand, options);
  const {
    lowered: { policy },
    table,
  } = lowered;
  const verification = verifyPrograms({ policy, table, programs: subject.filters });
  const guesses = verification.equal ? [] : await guessReadings(lowered, subject, options);
  const claim = claimOfPrograms(lowered, subject, verification);
  if (options.json === true)
    writeStdout(printJson(verificationJson(verification, lowered, subject, guesses, claim)));
  else
    writeStdout(
      renderVerification(verification, {
        lowered,
        subject,
        guesses,
        claim,
        verbose: options.verbose === true,
      }),
    );
  const weak = options.strict === true && claim.weaknesses.length > 0;
  if (weak && verification.equal)
    writeStderr('error: --strict: the filter is not all that the profile reads like [ERR_CLAIM]\n');
  return answer(verification.equal && !weak);
}

async function loadClaim(
  profile: string | undefined,
  operand: string | undefined,
  options: VerifyCommandOptions,
): Promise<readonly [LoweredProfile, ProgramSource]> {
  if (profile === undefined || (operand === undefined) === (options.pid === undefined)) {
    throw new OciSeccompError('ERR_USAGE', 'verify takes a profile and a filter', {
      hint: 'for instance: oci-seccomp verify profile.json filter.bpf, or oci-seccomp verify profile.json --pid 1234',
    });
  }
  const read = await readSubject(profile, options);
  if (read.kind !== 'profile') {
    throw new OciSeccompError('ERR_USAGE', `${read.name} is no profile`, {
      hint: 'the profile comes first; two programs are compared by oci-seccomp diff',
    });
  }
  const subject = await loadFilterSource(operand ?? `pid:${options.pid}`);
  if (subject.kind !== 'program') {
    throw new OciSeccompError('ERR_USAGE', `${subject.input.name} is a profile, not a filter`, {
      hint: 'two profiles are compared by oci-seccomp diff',
    });
  }
  for (const warning of subject.warnings) writeStderr(`warning: ${warning}\n`);
  return [await lowerSubject(read.input, options), subject];
}

function verificationJson(
  { equal, counterexample, conflicts, differences, company, deviation }: Verification,
  { input, runtime, host }: LoweredProfile,
  subject: ProgramSource,
  guesses: readonly string[],
  claim: Claim,
) {
  return {
    profile: input.name,
    filter: subject.name,
    runtime: formatRuntime(runtime),
    host: formatHost(host),
    equal,
    witness:
      counterexample === undefined
        ? null
        : {
            relation: counterexample.relation,
            call: callJson(counterexample.call),
            profile: outcomeJson(counterexample.meant),
            filter: outcomeJson(counterexample.done),
          },
    conflicts: conflicts.map(({ call, words }) => ({
      call: callJson(call),
      ...outcomeJson({ kind: 'conflict', words }),
    })),
    differences: differencesJson(differences, { first: input.name, second: subject.name }).architectures,
    equalInstead: guesses,
    restsOn: [profileBasis(input.name, claim), programBasis(subject)].map(basisJson),
    besideAnotherFilter: companyJson(company),
    filters:
      deviation === undefined
        ? null
        : {
            verdicts: deviation.answers.map(outcomeJson),
            winner: deviation.winner ?? null,
            equalAlone: deviation.right ?? null,
            deviating: deviation.deviating ?? null,
          },
  };
}
