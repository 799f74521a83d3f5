/**
 * The commands in the order of the help. This table is all that is loaded before the command that is asked for.
 * @module
 */
import type { CommandRow, LoadedCommand } from './command-definition.ts';

interface TableRow extends CommandRow {
  /** The heading it stands under in the program's help. */
  readonly heading: string;
}

const PROFILES = 'Profiles:';
const COMPOSED = 'Profiles out of profiles:';
const MEANING = 'What filters mean:';
const PROGRAMS = 'BPF programs:';
const CONTAINERS = 'Commands and containers:';
const REGISTRIES = 'Registries:';
const FACTS = 'Facts:';

export const commandTable = {
  validate: {
    heading: PROFILES,
    summary: 'find every problem in profiles',
    load: () => import('../commands/validate.ts'),
  },
  lint: {
    heading: PROFILES,
    summary: 'find what is wrong, weak or pointless in profiles',
    load: () => import('../commands/lint.ts'),
  },
  rules: {
    heading: PROFILES,
    summary: 'list the rules of lint, or explain one',
    load: () => import('../commands/rules.ts'),
  },
  init: {
    heading: PROFILES,
    summary: 'set up lint in a project, and in its CI',
    load: () => import('../commands/init.ts'),
  },
  resolve: {
    heading: PROFILES,
    summary: 'print the linux.seccomp section that an engine makes of a profile',
    load: () => import('../commands/resolve.ts'),
  },
  rebase: {
    heading: PROFILES,
    summary: 'put a copy of a default profile onto a newer default',
    load: () => import('../commands/rebase.ts'),
  },
  compile: {
    heading: PROFILES,
    summary: 'compile a profile to the filter that a runtime would install',
    load: () => import('../commands/compile.ts'),
  },
  intersect: {
    heading: COMPOSED,
    summary: 'make one profile that is as strict as several together',
    load: () => import('../commands/intersect.ts'),
  },
  union: {
    heading: COMPOSED,
    summary: 'make one profile that allows what any of several allows',
    load: () => import('../commands/union.ts'),
  },
  simplify: {
    heading: COMPOSED,
    summary: 'write a profile in fewer rules, with the same meaning',
    load: () => import('../commands/simplify.ts'),
  },
  allow: {
    heading: COMPOSED,
    summary: 'edit a profile so that a system call gets through',
    load: () => import('../commands/allow.ts'),
  },
  deny: {
    heading: COMPOSED,
    summary: 'edit a profile so that a system call does not get through',
    load: () => import('../commands/deny.ts'),
  },
  decompile: {
    heading: COMPOSED,
    summary: 'write the profile of a BPF program or of a live process',
    load: () => import('../commands/decompile.ts'),
  },
  convert: {
    heading: COMPOSED,
    summary: 'write a filter for systemd, LXC, minijail or bubblewrap',
    load: () => import('../commands/convert.ts'),
  },
  explain: {
    heading: MEANING,
    summary: 'say what a filter does with a system call, and why; or what it blocks',
    load: () => import('../commands/explain.ts'),
  },
  audit: {
    heading: MEANING,
    summary: 'find in logs what was denied, and the rule that did it',
    load: () => import('../commands/audit.ts'),
  },
  report: {
    heading: MEANING,
    summary: 'write a page about a profile: what it lets through, and why',
    load: () => import('../commands/report.ts'),
  },
  diff: {
    heading: MEANING,
    summary: 'compare two filters exactly',
    load: () => import('../commands/diff.ts'),
  },
  subset: {
    heading: MEANING,
    summary: 'prove that a filter is at least as strict as another',
    load: () => import('../commands/subset.ts'),
  },
  verify: {
    heading: MEANING,
    summary: 'prove that a filter means a profile',
    load: () => import('../commands/verify.ts'),
  },
  disasm: {
    heading: PROGRAMS,
    summary: 'list the instructions of a BPF program, with names for its numbers',
    load: () => import('../commands/disasm.ts'),
  },
  asm: {
    heading: PROGRAMS,
    summary: 'assemble a listing, or convert a BPF program',
    load: () => import('../commands/asm.ts'),
  },
  simulate: {
    heading: PROGRAMS,
    summary: 'run a BPF program over system calls from a table',
    load: () => import('../commands/simulate.ts'),
  },
  run: {
    heading: CONTAINERS,
    summary: 'run a command under a filter',
    load: () => import('../commands/run.ts'),
  },
  record: {
    heading: CONTAINERS,
    summary: 'make a profile of what a command calls',
    load: () => import('../commands/record.ts'),
  },
  hook: {
    heading: CONTAINERS,
    summary: 'give containers their filter: called by container runtimes',
    load: () => import('../commands/hook.ts'),
  },
  agent: {
    heading: CONTAINERS,
    summary: 'do the work of hooks in one resident process: containers start without waiting for Node',
    load: () => import('../commands/agent.ts'),
  },
  push: {
    heading: REGISTRIES,
    summary: 'put a profile into a registry, as Kubernetes takes it',
    load: () => import('../commands/push.ts'),
  },
  pull: {
    heading: REGISTRIES,
    summary: 'get a profile from a registry, verified and within a baseline',
    load: () => import('../commands/pull.ts'),
  },
  syscalls: {
    heading: FACTS,
    summary: 'translate between names and numbers of system calls',
    load: () => import('../commands/syscalls.ts'),
  },
  doctor: {
    heading: FACTS,
    summary: 'show what this machine has: libseccomp, kernel features, runtimes',
    load: () => import('../commands/doctor.ts'),
  },
  completion: {
    heading: FACTS,
    summary: 'print a script that makes a shell complete this command line',
    load: async (): Promise<LoadedCommand> => {
      const { definition, makeRun } = await import('../commands/completion.ts');
      return { definition, run: makeRun(commandTable) };
    },
  },
} as const satisfies Record<string, TableRow>;

export type Verb = keyof typeof commandTable;

export function isVerb(word: string | undefined): word is Verb {
  return word !== undefined && Object.hasOwn(commandTable, word);
}
