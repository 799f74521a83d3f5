/**
 * `oci-seccomp push`: a profile into a registry.
 * @module
 */
import { shellCommand } from '../../abi/shell-word.ts';
import { OciSeccompError } from '../../errors.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  referenceArgument,
  registryNotes,
  registryOptions,
  registryOptionsOf,
} from '../define/registry-options.ts';
import { reportOptions, textOrJson } from '../define/shared-options.ts';

export const definition = defineCommand({
  description:
    'Puts a profile into a registry as an artifact that Kubernetes takes (KEP-6061), and prints the reference with its digest. The profile must be the linux.seccomp section of runtime-spec as JSON: resolve --to oci writes it. It is stored byte by byte.',
  arguments: [{ name: 'profile', help: 'a file, or - for standard input', kind: 'file' }, referenceArgument],
  options: { ...registryOptions, ...textOrJson, ...reportOptions },
  notes: [
    'Runtimes take at most 1 MiB, 128 entries that name one system call, 256 rules for one, 1,024 names in an entry and 16,384 rules. They take no SCMP_ACT_NOTIFY and no listener. simplify makes fewer rules of a profile.',
    ...registryNotes,
  ],
  exitCodes: {
    0: 'the profile is in the registry',
    2: 'wrong usage, or a profile that runtimes would not take from a registry',
    3: 'a file that cannot be read, or a registry that cannot be reached or does not permit it',
  },
  examples: [
    {
      does: 'Resolve a profile, and put it into a registry',
      line: 'oci-seccomp resolve profile.json --to oci -o web.json\n  oci-seccomp push web.json registry.example/team/web:1.0',
    },
  ],
});

function builtinNeedsHost(name: string): OciSeccompError {
  return new OciSeccompError('ERR_ARTIFACT', `${name} has conditions, and an artifact has none`, {
    hint: `${shellCommand(['oci-seccomp', 'resolve', name])} --to oci -o FILE writes what can be pushed, for the kernel and capabilities that you name`,
  });
}

export const run: Run<typeof definition> = async ([operand = '-', reference = ''], options) => {
  const [{ namesBuiltin }, { displayName, readInput }, { pushProfile }, { printJson }, { writeReport }] =
    await Promise.all([
      import('../../oci/builtin/index.ts'),
      import('../../pipeline/read-input.ts'),
      import('../../registry/push-profile.ts'),
      import('../render/print-json.ts'),
      import('../output.ts'),
    ]);
  if (namesBuiltin(operand)) throw builtinNeedsHost(operand);
  const name = displayName(operand);
  const pushed = await pushProfile(readInput(operand), reference, { ...registryOptionsOf(options), name });
  const text = options.format === 'json' ? printJson({ profile: name, ...pushed }) : `${pushed.reference}\n`;
  await writeReport(text, options);
  return 'yes';
};
