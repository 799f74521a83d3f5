/**
 * `oci-seccomp convert`: a filter in the language of another program.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  ENVIRONMENT_CODE,
  hostOptions,
  library,
  namesOf,
  output,
  quiet,
  reportOptions,
  textOrJson,
  USAGE_CODE,
} from '../define/shared-options.ts';

export const definition = defineCommand({
  description:
    'Writes a filter for a program that has its own form of seccomp policy. The result is read again as that program reads it, and proven to do the same for every call. What the form cannot say is refused, with the place of the rule.',
  arguments: [
    {
      name: 'filter',
      help: 'a profile or a BPF program in a file, - for standard input, a built-in profile, or pid:PID',
      kind: 'filter',
    },
  ],
  options: {
    to: {
      value: 'form',
      help: 'systemd: a drop-in with SystemCallFilter=; lxc: a policy of version 2; minijail: a policy of minijail0 -S; bwrap: a shell script that passes the compiled filter to bubblewrap',
      choices: namesOf<'systemd' | 'lxc' | 'minijail' | 'bwrap'>({
        systemd: true,
        lxc: true,
        minijail: true,
        bwrap: true,
      }),
    },
    stricter: {
      help: 'where the form cannot say what the filter does with a call, be stricter for it, and list the call',
    },
    ...hostOptions,
    library,
    ...textOrJson,
    ...reportOptions,
    output: { ...output, help: 'write the policy to this file; - is standard output' },
    quiet: { ...quiet, help: 'print no summary' },
  },
  notes: [
    'A profile is taken as libseccomp builds it, without the ENOSYS answers that runc adds for calls newer than the profile.',
    'systemd knows no arguments, and kills the process or returns an errno. LXC filters all architectures of a machine alike. minijail filters one architecture, and kills the thread where the policy says nothing. bubblewrap takes every filter.',
    'With --format json the output is a report that contains the policy.',
  ],
  exitCodes: {
    0: 'the policy is written',
    1: 'the process has no filter; or the program of libseccomp is not proven to be the filter, which bwrap would get; nothing is written',
    2: `${USAGE_CODE}, or the form cannot say what the filter does`,
    3: ENVIRONMENT_CODE,
  },
  examples: [
    {
      does: 'Give a systemd service the filter of a profile, stricter where systemd cannot say it; put the file into NAME.service.d/',
      line: 'oci-seccomp convert profile.json --to systemd --stricter -o seccomp.conf',
    },
    {
      does: "Run a command in bubblewrap under Docker's default",
      line: 'oci-seccomp convert docker-default --to bwrap -o bwrap-docker && sh bwrap-docker --ro-bind / / ls',
    },
  ],
});

export const run: Run<typeof definition> = async ([operand = '-'], options) => {
  const [
    { convertSource },
    { loadFilterSource },
    { renderConverted, renderConvertedJson },
    { writeOutput, writeReport },
  ] = await Promise.all([
    import('../answers/converted-filter.ts'),
    import('../../pipeline/filter-source.ts'),
    import('../render/render-converted.ts'),
    import('../output.ts'),
  ]);
  const { dialect } = options;
  const source = await loadFilterSource(operand, {
    selection: options,
    ...(dialect === undefined ? {} : { dialect }),
  });
  const converted = await convertSource(source, options);
  if (options.format === 'json') {
    await writeReport(renderConvertedJson(converted), options);
    return 'yes';
  }
  writeOutput(options.output, converted.text);
  if (options.quiet !== true) {
    const { writeAside } = await import('../streams.ts');
    writeAside(renderConverted(converted));
  }
  return 'yes';
};
