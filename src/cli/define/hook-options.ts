/**
 * The options of `oci-seccomp hook`, one row an option: read without commander in the path of a container's start,
 * and shown by commander in help.
 * @module
 */
import { compiledSpellings, engines, listRuntimes } from '../../consumers.ts';
import { backends, LIBRARY_HELP, loadedBackend, table } from './backend-option.ts';
import type { OptionRow, OptionRows } from './command-definition.ts';

const common = {
  profile: {
    value: 'profile',
    kind: 'profile',
    help: 'for every container: a file (absolute path; a profile, or a program compiled before), or a built-in profile',
  },
  'profiles-dir': {
    value: 'folder',
    kind: 'folder',
    help: 'let containers choose a file in this folder, by the annotation dev.oci-seccomp.profile',
  },
  default: {
    value: 'profile',
    kind: 'profile',
    help: 'for containers that choose none: as --profile, or none; without this they do not start',
  },
  choices: {
    value: 'file',
    kind: 'file',
    help: 'in place of these three: a table that chooses by image, labels and annotations (absolute path; docs/hook-choices.md)',
  },
  runtime: {
    value: 'runtime',
    kind: 'compiled-runtime',
    help: `whose reading of a profile counts: ${listRuntimes(compiledSpellings)}`,
    default: 'runc',
  },
  engine: {
    value: 'engine',
    help: 'who resolves the profile (default: by dialect)',
    choices: engines,
  },
  library: {
    value: 'file',
    kind: 'file',
    help: LIBRARY_HELP,
  },
  table,
  store: {
    value: 'folder',
    kind: 'folder',
    help: 'keep compiled programs in this folder (absolute path), which only root may write; what is found there is proven again before it is used (default: keep none)',
  },
  strict: {
    help: 'start no container whose filter does not do all that its profile seems to say: unknown names, contradictions, lost conditions',
  },
  log: {
    value: 'file',
    kind: 'file',
    help: 'append a line about each container to this file (absolute path), or syslog',
  },
} as const satisfies OptionRows;

const noNewPrivs = {
  value: 'mode',
  help: 'set no_new_privs: auto if the container may not install a filter otherwise',
  choices: ['auto', 'always', 'never'],
  default: 'auto',
} as const satisfies OptionRow;

const allowUnverified = {
  help: 'start containers whose filter cannot be read back from the kernel and compared: a hook that does not run as root, or runs in a user namespace',
} as const satisfies OptionRow;

const precreateBackend = {
  value: 'backend',
  help: 'what compiles the rules: builtin, the compiler of oci-seccomp (default), or libseccomp; without --crun-bpf, precreate leaves this to the runtime, and its libseccomp compiles',
  choices: backends,
} as const satisfies OptionRow;

const observe = {
  help: 'a trial: deny nothing; the kernel logs the calls that the profile would deny (not with --strict; the builtin compiler only)',
} as const satisfies OptionRow;

/** Options of hooks that the agent has too. */
export const servedOptions = {
  ...common,
  observe,
  backend: loadedBackend,
  'no-new-privs': noNewPrivs,
  'allow-unverified': allowUnverified,
} as const satisfies OptionRows;

const agent = {
  value: 'socket',
  kind: 'file',
  help: 'leave the work to the agent that listens on this socket (absolute path); if it does not run, containers do not start',
} as const satisfies OptionRow;

const recorder = {
  value: 'socket',
  kind: 'file',
  help: 'in place of a profile: tell the recorder that listens at this socket (absolute path) of every call; oci-seccomp record --container sets this',
} as const satisfies OptionRow;

export const attachOptions = { ...servedOptions, recorder, agent } as const satisfies OptionRows;

export const precreateOptions = {
  ...common,
  'crun-bpf': { help: 'hand crun the proven program itself, by its annotation run.oci.seccomp_bpf_data' },
  backend: precreateBackend,
} as const satisfies OptionRows;

const { log: _, store: _store, ...choosing } = common;

/** Options that say which filter a container gets. */
export const checkOptions = { ...choosing, observe, backend: loadedBackend } as const satisfies OptionRows;

export const explainOptions = {
  ...checkOptions,
  root: {
    value: 'folder',
    kind: 'folder',
    help: 'where the runtime keeps the states of containers, as its own --root (default: those of runc, crun, containerd and Docker)',
  },
  format: { value: 'format', help: 'how to print it', choices: ['human', 'json'], default: 'human' },
  json: { help: 'short for --format json' },
} as const satisfies OptionRows;

export const configOptions = {
  output: {
    value: 'file',
    short: 'o',
    help: 'write it to this file, whole or not at all; a folder that is not there is made (default: standard output)',
  },
  for: {
    value: 'reader',
    help: 'podman: a file for a hooks directory of Podman or CRI-O; oci: the hooks of a config.json',
    choices: ['podman', 'oci'],
    default: 'podman',
  },
  stage: {
    value: 'stage',
    help: 'when the hook is called',
    choices: ['createRuntime', 'prestart', 'precreate'],
    default: 'createRuntime',
  },
  when: {
    value: 'condition',
    help: 'for which containers (default: annotation with --profiles-dir alone, else always)',
    choices: ['always', 'annotation'],
  },
  timeout: { value: 'seconds', help: 'limit for the hook, 1 to 600', default: '30' },
  ...common,
  observe,
  'no-new-privs': noNewPrivs,
  'allow-unverified': allowUnverified,
  agent,
  client: {
    value: 'file',
    kind: 'file',
    help: 'with --agent: write a static program of 3 kB to this file (absolute path, mode 0755), and have runtimes call that in place of Node',
  },
  'crun-bpf': { help: 'for precreate: hand crun the proven program itself' },
  backend: precreateBackend,
} as const satisfies OptionRows;
