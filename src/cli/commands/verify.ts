/**
 * `oci-seccomp verify`: does this filter mean this profile?
 * @module
 */
import { table } from '../define/backend-option.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  ENVIRONMENT_CODE,
  PROFILE_HELP,
  pid,
  readingOptions,
  reportOptions,
  strict,
  textOrJson,
  verboseCalls,
} from '../define/shared-options.ts';
import { answer } from '../exit-code.ts';

export const definition = defineCommand({
  description:
    'Says whether a program, or the filters of a live process, mean what a profile says for a runtime: a proof, or a call that gets another answer.',
  arguments: [
    { name: 'profile', help: PROFILE_HELP, kind: 'profile' },
    {
      name: 'filter',
      help: 'a BPF program in a file, - for standard input, or pid:PID for a live process',
      optional: true,
      kind: 'filter',
    },
  ],
  options: {
    ...readingOptions,
    table: {
      ...table,
      help: 'know the names of this release of libseccomp, which need not be there: 2.5.0 to 2.6.1 (what run and hooks know), or 2.5.4-1+deb12u1 of Debian 12',
    },
    pid: { ...pid, help: 'the filters of a live process, in place of the second operand' },
    strict,
    verbose: verboseCalls,
    ...textOrJson,
    ...reportOptions,
  },
  notes: [
    'This is the way to compare with a running container: runc puts the sections of its ENOSYS stub in random order, so its filters are the same as those of compile in meaning, and not always byte for byte.',
    '--strict also refuses other threads of the process under other filters, and a difference that another filter beside it could make. Without --strict these are named, and the answer is "equal" instead of "proven".',
  ],
  exitCodes: {
    0: 'the two are equal for every call',
    1: 'they are not, the process has no filter, or --strict finds a weakness',
    2: 'wrong usage, or one of them cannot be read as what it should be',
    3: ENVIRONMENT_CODE,
  },
  examples: [
    {
      does: 'Prove a compiled filter',
      line: 'oci-seccomp verify profile.json filter.bpf --runtime crun',
    },
    {
      does: "Prove the filter of a running container, whose pid docker inspect -f '{{.State.Pid}}' NAME prints; if it has another one, the exit code is 1",
      line: 'oci-seccomp verify docker-default --pid 1234',
    },
  ],
});

export const run: Run<typeof definition> = async ([profile, operand], options) => {
  const [{ loadClaim }, { verifyPrograms }, { claimOfPrograms }, { writeStderr }] = await Promise.all([
    import('../operands/claimed-filter.ts'),
    import('../../compile/verify-filter.ts'),
    import('../../pipeline/compile-profile.ts'),
    import('../streams.ts'),
  ]);
  const [lowered, subject] = await loadClaim(profile, operand, options);
  const { policy } = lowered.lowered;
  const verification = verifyPrograms({ policy, table: lowered.table, programs: subject.filters });
  const guesses = verification.equal
    ? []
    : await (await import('../answers/other-readings.ts')).guessReadings(lowered, subject, options);
  const claim = claimOfPrograms(lowered, subject, verification);
  const context = { lowered, subject, guesses, claim, verbose: options.verbose === true };
  const { writeReport } = await import('../output.ts');
  if (options.format === 'json') {
    const { verificationJson } = await import('../render/verification-json.ts');
    const { printJson } = await import('../render/print-json.ts');
    await writeReport(printJson(verificationJson(verification, context)), options);
  } else {
    const { renderVerification } = await import('../render/render-verify.ts');
    await writeReport(renderVerification(verification, context), options);
  }
  const weak = options.strict === true && claim.weaknesses.length > 0;
  if (weak && verification.equal) {
    writeStderr('error: --strict: the filter does not do all that the profile seems to say [ERR_CLAIM]\n');
  }
  return answer(verification.equal && !weak);
};
