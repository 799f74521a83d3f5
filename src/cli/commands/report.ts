/**
 * `oci-seccomp report`: a page about a profile, to look at and to keep with the results of a build.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  ENVIRONMENT_CODE,
  meaningOptions,
  output,
  PROFILE_HELP,
  quiet,
  USAGE_CODE,
} from '../define/shared-options.ts';

export const definition = defineCommand({
  description:
    'Writes a page about a profile: one HTML file that opens in every browser, without a server and without the network. It says in one sentence what the profile lets through, shows every system call, and answers questions about calls. Settings such as capabilities and kernel can be changed in the page, which then decides every call again.',
  arguments: [{ name: 'profile', help: PROFILE_HELP, kind: 'profile' }],
  options: {
    against: {
      value: 'profile',
      help: 'another profile in a file, or a built-in one: show first what the profile treats otherwise',
      kind: 'profile',
    },
    'against-object': {
      value: 'name',
      help: 'which profile of --against, in a file with Kubernetes objects (default: that of --object)',
    },
    ...meaningOptions,
    'no-new-privileges': {
      help: 'the container is started with noNewPrivileges (default: as config.json says, else without)',
    },
    output: { ...output, help: 'write the page to this file; - is standard output' },
    quiet: { ...quiet, help: 'print no summary' },
  },
  notes: [
    'The page holds the profile, the proof of its filter, the findings of lint, and the code that decides calls. It loads nothing and sends nothing: its content security policy forbids it.',
    'If a profile is too complex to decide all of it, the page is written all the same. It shows what is decided, and names what is not. The budget counts steps of work and not time.',
    'If no filter can be compiled or proven, the page says why, and shows what the profile means.',
    'The page also compares the profile with docker-default and podman-default, as this release has them.',
  ],
  exitCodes: {
    0: 'the page is written, whatever it says',
    2: `${USAGE_CODE}; the page is written, but the profile is too complex to decide all of it`,
    3: ENVIRONMENT_CODE,
  },
  examples: [
    {
      does: "A page about Docker's default profile",
      line: 'oci-seccomp report docker-default -o report.html',
    },
    {
      does: 'What a pull request changes, looser first',
      line: 'oci-seccomp report new.json --against old.json -o report.html',
    },
    {
      does: 'For another machine and a container with one more capability',
      line: 'oci-seccomp report profile.json --arch aarch64 --kernel 5.15 \\\n    --cap SYS_ADMIN -o report.html',
    },
  ],
});

export const run: Run<typeof definition> = async ([operand = '-'], options) => {
  const { isStdoutTerminal, writeAside } = await import('../streams.ts');
  if (options.output === '-' && isStdoutTerminal()) {
    throw new OciSeccompError(
      'ERR_USAGE',
      'the page is HTML for a browser, and standard output is a terminal',
      {
        hint: 'write it to a file: -o report.html',
      },
    );
  }
  const [{ reportOperand }, { writeOutput }, { displayName }] = await Promise.all([
    import('../answers/profile-report.ts'),
    import('../output.ts'),
    import('../../pipeline/read-input.ts'),
  ]);
  const { html, summary, undecided } = await reportOperand(operand, options);
  writeOutput(options.output, html);
  if (options.quiet !== true && options.output !== '-') {
    writeAside(`${displayName(options.output)}: ${summary}\n`);
  }
  for (const what of undecided) writeAside(`warning: too complex to decide: ${what}\n`);
  return undecided.length === 0 ? 'yes' : 'ERR_UNDECIDED';
};
