/**
 * Options that several commands have, one meaning each.
 * @module
 */
import { type CapabilitySet, capabilitySets } from '../../abi/capabilities.ts';
import { compiledSpellings, engines, listRuntimes } from '../../consumers.ts';
import { dialectNames } from '../../oci/dialect-rows.ts';
import { LIBRARY_HELP, loadedBackend, namesTable, table } from './backend-option.ts';
import type { OptionRow, OptionRows, OptionsOf } from './command-definition.ts';

/** The names of a union, each once. TypeScript refuses a name that is missing or unknown. */
export function namesOf<Name extends string>(names: Readonly<Record<Name, true>>): readonly Name[] {
  return Object.keys(names) as Name[];
}

const capabilitySetNames = Object.keys(capabilitySets) as readonly CapabilitySet[];

export const PROFILE_HELP =
  'a file, - for standard input, or a built-in profile: docker-default, podman-default, containerd-default, crio-default, or that of a release: docker-default@20.10';

export const FILTER_HELP =
  'a profile or a BPF program in a file, - for standard input, a built-in profile such as docker-default or docker-default@20.10, or pid:PID';

export const PROGRAM_HELP =
  'raw BPF, base64, hex, a C array, JSON, assembly, or what seccomp-tools, firejail or strace print, in a file; - for standard input; or pid:PID';

/** What exit codes mean in most commands. */
export const USAGE_CODE = 'wrong usage, or an input that cannot be read as what it should be';
export const ENVIRONMENT_CODE = 'no libseccomp, a file that cannot be read or written, no permission';

export const dialect = {
  short: 'd',
  value: 'dialect',
  help: 'how to read the profile (default: told from its content)',
  choices: dialectNames,
} as const satisfies OptionRow;

export const engine = {
  short: 'e',
  value: 'engine',
  help: 'who resolves the profile (default: by dialect)',
  choices: engines,
} as const satisfies OptionRow;

export const caps = {
  value: 'set',
  help: 'capabilities of the container (default: docker; for a bundle, those that its config.json lists)',
  choices: capabilitySetNames,
} as const satisfies OptionRow;

export const cap = {
  value: 'capability',
  help: 'one more capability, repeatable',
  repeatable: true,
  kind: 'capability',
} as const satisfies OptionRow;

const runtimeDefault = '(default: runc; plain for units of systemd and policies of LXC and minijail)';

const runtime = {
  short: 'r',
  value: 'runtime',
  help: `${listRuntimes()} ${runtimeDefault}`,
  kind: 'runtime',
} as const satisfies OptionRow;

/** The option `--runtime` of commands that make a program. */
export const compiledRuntime = {
  ...runtime,
  help: `${listRuntimes(compiledSpellings)} ${runtimeDefault}`,
  kind: 'compiled-runtime',
} as const satisfies OptionRow;

export const library = {
  value: 'file',
  help: 'libseccomp to use (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2)',
  kind: 'file',
} as const satisfies OptionRow;

export const timeout = {
  value: 'seconds',
  help: 'the most processor time for libseccomp, for profiles on which it may not end; waiting on a busy machine does not count (default: 10)',
} as const satisfies OptionRow;

export const strict = {
  help: 'fail if the filter does not do all that the profile seems to say: unknown names, contradictions, lost conditions',
} as const satisfies OptionRow;

export const pid = {
  short: 'p',
  value: 'pid',
  help: 'the filters of a live process, in place of the operand',
  kind: 'pid',
} as const satisfies OptionRow;

export const endian = {
  value: 'endian',
  help: 'byte order of the target (default: told from the program)',
  choices: ['little', 'big'],
} as const satisfies OptionRow;

/** For commands that need an architecture only to read a program. */
export const callNumbers = {
  short: 'a',
  value: 'arch',
  help: 'the architecture of names such as __NR_read in C arrays (default: the one that the array compares with)',
  kind: 'arch',
} as const satisfies OptionRow;

export const output = {
  short: 'o',
  value: 'file',
  help: 'write to this file; - is standard output',
  default: '-',
  kind: 'file',
} as const satisfies OptionRow;

/** The option `--report` of commands whose output is a profile. */
export const proofReport = {
  value: 'file',
  help: 'write what is proven, and what is lost, as JSON to this file; - is standard output, if the profile goes to a file',
  kind: 'file',
} as const satisfies OptionRow;

export const quiet = {
  short: 'q',
  help: 'print nothing but errors: the exit code is the answer',
} as const satisfies OptionRow;

export const color = {
  value: 'when',
  help: 'use colours; auto: on a terminal, unless NO_COLOR is set',
  choices: ['auto', 'always', 'never'],
  default: 'auto',
} as const satisfies OptionRow;

/** What every command with a report has. */
export const reportOptions = { output, quiet, color } as const satisfies OptionRows;

/** build-command.ts turns it into `--format json`. */
const json = { help: 'short for --format json' } as const satisfies OptionRow;

/** `--format`, and `--json` as its short form. @param standard - the format without the option */
export function formatOptions<const Format extends string, const Standard extends Format>(
  choices: readonly Format[],
  standard: Standard,
  help = 'form of the output',
) {
  return {
    format: { short: 'f', value: 'format', help, choices, default: standard },
    json,
  } as const satisfies OptionRows;
}

/** The form of a written profile, which is YAML for Kubernetes alone. */
export const documentOptions = {
  format: {
    short: 'f',
    value: 'format',
    help: 'form of the output (default: json; for kubernetes: yaml)',
    choices: ['yaml', 'json'],
  },
  json,
} as const satisfies OptionRows;

/** The options about the nodes of a cluster. */
export const nodeOptions = {
  'profiles-dir': {
    value: 'dir',
    help: 'what the nodes have in /var/lib/kubelet/seccomp: say which profiles of pods are not there',
    kind: 'folder',
  },
  'seccomp-default': {
    help: 'the kubelets set seccompDefault: containers that name no profile get RuntimeDefault',
  },
} as const satisfies OptionRows;

/** For commands that print text or JSON. */
export const textOrJson = formatOptions(['human', 'json'], 'human');

export const verboseCalls = {
  short: 'v',
  help: 'list all system calls of long lists',
} as const satisfies OptionRow;

/** The options that say what a profile is resolved for. */
export const hostOptions = {
  dialect,
  engine,
  object: { value: 'name', help: 'which profile of a file with Kubernetes objects: its metadata.name' },
  'base-dir': {
    value: 'dir',
    help: 'where the base profiles of Kubernetes objects are searched',
    kind: 'folder',
  },
  arch: {
    short: 'a',
    value: 'arch',
    help: 'architecture of the host: any usual spelling (default: this machine)',
    kind: 'arch',
  },
  kernel: {
    short: 'k',
    value: 'release',
    help: 'kernel of the host, for instance 6.1 (default: this machine)',
  },
  caps,
  cap,
} as const satisfies OptionRows;

export type HostOptions = OptionsOf<typeof hostOptions>;

/** The options that say what a profile is compiled for. */
export const readingOptions = { ...hostOptions, runtime, library } as const satisfies OptionRows;

export type ReadingOptions = OptionsOf<typeof readingOptions>;

/** The options of commands that ask what a filter does. */
export const meaningOptions = { ...readingOptions, table: namesTable } as const satisfies OptionRows;

export type MeaningOptions = OptionsOf<typeof meaningOptions>;

const OTHER = 'Options for the second filter, where it differs from the first:';

/** The options for the second of two operands. */
export const otherOptions = {
  'other-dialect': { value: 'dialect', help: 'how to read it', choices: dialectNames, heading: OTHER },
  'other-engine': { value: 'engine', help: 'who resolves it', choices: engines, heading: OTHER },
  'other-object': {
    value: 'name',
    help: 'which profile of a file with Kubernetes objects (default: that of --object)',
    heading: OTHER,
  },
  'other-arch': { value: 'arch', help: 'architecture of its host', heading: OTHER, kind: 'arch' },
  'other-kernel': { value: 'release', help: 'kernel of its host', heading: OTHER },
  'other-caps': {
    value: 'set',
    help: 'capabilities of its container',
    choices: capabilitySetNames,
    heading: OTHER,
  },
  'other-cap': {
    value: 'capability',
    help: 'one more capability, repeatable',
    repeatable: true,
    heading: OTHER,
    kind: 'capability',
  },
  'other-runtime': { value: 'runtime', help: 'runtime that installs it', heading: OTHER, kind: 'runtime' },
  'other-library': { value: 'file', help: 'libseccomp that compiles it', heading: OTHER, kind: 'file' },
  'other-table': { value: 'version', help: 'release of libseccomp whose names it knows', heading: OTHER },
} as const satisfies OptionRows;

export type OtherOptions = OptionsOf<typeof otherOptions>;

/** The options that say which filter `run` makes, and of what. */
export const filterOptions = {
  profile: {
    oldShort: 'p',
    value: 'profile',
    help: 'a profile or a BPF program in a file, - for standard input, or a built-in profile',
    default: 'docker-default',
    kind: 'filter',
  },
  ...readingOptions,
  backend: loadedBackend,
  library: { ...library, help: LIBRARY_HELP },
  table,
  timeout,
  'allow-unproven': {
    help: 'take a program that is not proven to mean what the profile says, with a warning',
  },
  store: {
    value: 'folder',
    help: 'keep compiled programs in this folder, which only you or root may write; what is found there is proven again before it is used (default: keep none)',
    kind: 'folder',
  },
  strict,
} as const satisfies OptionRows;

export type FilterOptions = OptionsOf<typeof filterOptions>;
