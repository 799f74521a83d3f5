/**
 * `oci-seccomp syscalls`: names to numbers and back, on one architecture or all.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { defineCommand, type OptionsOf, type Run } from '../define/command-definition.ts';
import { reportOptions, textOrJson } from '../define/shared-options.ts';
import type { Ending } from '../exit-code.ts';

export const definition = defineCommand({
  description: 'Prints the numbers of system calls, or the names of numbers, on one or all architectures.',
  arguments: [
    {
      name: 'name|number',
      help: 'system calls; none: all of the architecture',
      optional: true,
      variadic: true,
      kind: 'syscall',
    },
  ],
  options: {
    arch: {
      short: 'a',
      value: 'arch',
      help: 'one architecture (default: all; for a whole list: this machine)',
      kind: 'arch',
    },
    since: {
      value: 'release',
      help: 'list the calls that came after a kernel, such as 6.6; or those that newer default profiles name and this one does not, such as docker-default@20.10',
    },
    ...textOrJson,
    ...reportOptions,
  },
  notes: [
    '--since KERNEL goes by the release that had a call first, on any architecture; some architectures got it later. Kernels with more than their release has, such as those of RHEL, may have it earlier.',
  ],
  exitCodes: {
    0: 'all are known',
    2: 'wrong usage, or no architecture has such a system call',
  },
  examples: [
    { does: 'The numbers of a call on all architectures', line: 'oci-seccomp syscalls openat' },
    { does: 'The call behind a number', line: 'oci-seccomp syscalls 231 --arch s390x' },
    { does: 'All calls of an architecture', line: 'oci-seccomp syscalls --arch riscv64' },
    {
      does: 'The calls of aarch64 that kernels newer than 6.6 brought, and which kernel did',
      line: 'oci-seccomp syscalls --since 6.6 --arch aarch64',
    },
    {
      does: "The calls that Docker's default came to know since a release, and when",
      line: 'oci-seccomp syscalls --since docker-default@20.10',
    },
  ],
});

export const run: Run<typeof definition> = async (words, options) => {
  const { callSpelling, pastedCall } = await import('../operands/call-spelling.ts');
  const pasted = pastedCall(words);
  const operands = pasted === undefined ? words.map(callSpelling) : [pasted.syscall].map(callSpelling);
  if (options.since !== undefined) return printSince(operands, options.since, options);
  const [
    { lookUpSyscall, syscallsEverywhere, syscallsOf },
    render,
    { allArchitectures },
    { printJson },
    { writeReport },
  ] = await Promise.all([
    import('../answers/look-up-syscalls.ts'),
    import('../render/render-syscalls.ts'),
    import('../../abi/architectures.ts'),
    import('../render/print-json.ts'),
    import('../output.ts'),
  ]);
  const { format } = options;
  const arch = options.arch ?? pasted?.arch;
  const { parseArch } = await import('../operands/host-options.ts');
  const print = async <Found>(
    key: 'answers' | 'calls' | 'names',
    found: readonly Found[],
    text: (found: readonly Found[]) => string,
  ): Promise<Ending> => {
    await writeReport(format === 'json' ? printJson({ [key]: found }) : text(found), options);
    return 'yes';
  };
  const asked = arch === undefined || arch === 'all' ? undefined : parseArch(arch);
  if (operands.length === 0) {
    if (arch === 'all') return print('names', syscallsEverywhere(), render.renderSyscallTable);
    const { machineArch } = await import('../../kernel/this-machine.ts');
    return print('calls', syscallsOf(asked ?? machineArch()), render.renderSyscallList);
  }
  const arches = asked === undefined ? allArchitectures.map(({ name }) => name) : [asked];
  const answers = operands.map((operand) => ({ asked: operand, entries: lookUpSyscall(operand, arches) }));
  const known = answers.flatMap(({ asked: word, entries }) =>
    entries === undefined ? [] : [{ asked: word, entries }],
  );
  const unknown = answers.flatMap(({ asked: word, entries }) => (entries === undefined ? [word] : []));
  if (unknown.length > 0) await reportUnknown(unknown, asked);
  await print('answers', known, (found) =>
    found.map(({ asked: word, entries }) => render.renderAnswer(word, entries)).join(''),
  );
  return unknown.length > 0 ? 'ERR_USAGE' : 'yes';
};

/** @param arch - the only architecture that was asked for */
async function reportUnknown(words: readonly string[], arch: ArchName | undefined): Promise<void> {
  const { renderError } = await import('../render/render-error.ts');
  const { writeStderr } = await import('../streams.ts');
  const { unknownCall } = await import('../operands/unknown-call.ts');
  for (const word of words) writeStderr(renderError(unknownCall(word, arch)));
}

/** @throws OciSeccompError `ERR_USAGE` as {@link callsSince} throws it */
async function printSince(
  names: readonly string[],
  since: string,
  options: OptionsOf<typeof definition.options>,
): Promise<Ending> {
  const [{ callsSince }, { parseArch }, render, { printJson }, { writeReport }, { writeAside }] =
    await Promise.all([
      import('../answers/calls-since.ts'),
      import('../operands/host-options.ts'),
      import('../render/render-syscalls.ts'),
      import('../render/print-json.ts'),
      import('../output.ts'),
      import('../streams.ts'),
    ]);
  const { arch, format } = options;
  const found = callsSince(since, names, arch === undefined || arch === 'all' ? undefined : parseArch(arch));
  const text = (): string =>
    'entered' in found ? render.renderEntered(found.entered) : render.renderIntroduced(found.introduced);
  await writeReport(format === 'json' ? printJson(found) : text(), options);
  if (('entered' in found ? found.entered : found.introduced).length === 0) {
    writeAside(`nothing that this version of oci-seccomp knows came since ${found.since}\n`);
  }
  return 'yes';
}
