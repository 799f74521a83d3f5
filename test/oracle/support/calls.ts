/**
 * One libseccomp call, written for C (a line for `libseccomp-build`) and for the binding.
 *
 * The binding's outcome is brought into the words of the C side: a result, a negative errno, `released`, or `refused`
 * for what the binding does not hand to a library that lacks it.
 * @module
 */
import { ftruncateSync, readFileSync } from 'node:fs';
import { OciSeccompError } from '../../../src/errors.ts';
import {
  type Action,
  type AttributeName,
  type AttributeValue,
  actionToNative,
  type ComparisonInput,
  Filter,
  resetGlobalState,
  resolveSyscall,
  resolveSyscallRewrite,
  setApiLevel,
} from '../../../src/libseccomp/index.ts';
import { toHex } from './native.ts';

/** Where the binding's calls are made. */
export interface Stage {
  readonly library: string;
  readonly filters: (Filter | undefined)[];
  slot: number;
  /** A file open for appending, for exports to a descriptor. */
  readonly fd: number;
  readonly file: string;
}

export interface Call {
  readonly line: string;
  /** What follows the verb, in the words of the C side. */
  readonly run: (stage: Stage) => string;
  /** What C answers where the binding refuses; other than `unknown` and `absent`. */
  readonly refused?: string;
}

/** Runs work and says what came of it in the words of the C side. */
function outcome(work: () => unknown): string {
  try {
    return String(work() ?? 0);
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    if (error.code === 'ERR_LIBSECCOMP') return String(-Number(error.details.errno));
    if (error.code === 'ERR_LIBSECCOMP_RELEASED') return 'released';
    if (error.code === 'ERR_LIBSECCOMP_TOO_OLD' || error.code === 'ERR_USAGE') return 'refused';
    throw error;
  }
}

/** A call of a method: an empty slot answers as a released filter does. */
function onFilter(line: string, work: (filter: Filter, stage: Stage) => unknown, refused?: string): Call {
  const run = (stage: Stage): string => {
    const filter = stage.filters[stage.slot];
    return filter === undefined ? 'released' : outcome(() => work(filter, stage));
  };
  return refused === undefined ? { line, run } : { line, run, refused };
}

const onLibrary = (line: string, work: (library: string) => unknown): Call => ({
  line,
  run: ({ library }) => outcome(() => work(library)),
});

function init(word: number, action: Action): Call {
  return {
    line: `init ${word}`,
    run: (stage) => {
      stage.filters[stage.slot]?.release();
      stage.filters[stage.slot] = undefined;
      const result = outcome(() => {
        stage.filters[stage.slot] = new Filter(action, { library: stage.library });
      });
      return result === '0' ? '0' : '-1';
    },
  };
}

const exports = {
  bytes: (filter: Filter) => filter.exportBpf(),
  descriptor: (filter: Filter, { fd, file }: Stage) => {
    ftruncateSync(fd);
    filter.exportBpf(fd);
    return readFileSync(file);
  },
  text: (filter: Filter) => new TextEncoder().encode(filter.exportPfc()),
} as const;

/** @param format - for C, `bpf-mem` only for libraries that have it */
function exportAs(format: 'bpf' | 'bpf-mem' | 'pfc', way: keyof typeof exports): Call {
  return onFilter(`export ${format}`, (filter, stage) => `0 ${toHex(exports[way](filter, stage))}`);
}

function merge(source: number): Call {
  return onFilter(`merge ${source} renew`, (filter, { filters }) => {
    const other = filters[source];
    return other === undefined ? 'released' : filter.merge(other);
  });
}

const transactions = {
  'transaction-start': (filter: Filter) => filter.transactionStart(),
  'transaction-commit': (filter: Filter) => filter.transactionCommit(),
  'transaction-reject': (filter: Filter) => filter.transactionReject(),
} as const;

const archCalls = {
  'arch-add': (filter: Filter, arch: string) => filter.addArch(arch),
  'arch-remove': (filter: Filter, arch: string) => filter.removeArch(arch),
  'arch-exist': (filter: Filter, arch: string) => (filter.hasArch(arch) ? 0 : -17),
} as const;

const forC = (syscall: string | number): string => (typeof syscall === 'string' ? syscall : `#${syscall}`);
const archForC = (arch: string): string => (arch === 'native' ? '0' : arch);

/** The value of an attribute as C returns it. */
function attributeForC(value: Action | boolean | 1 | 2): number {
  return typeof value === 'object' ? actionToNative(value) : Number(value);
}

/** Every call, made from the C side's arguments and the binding's. */
/** What the binding does more, for C. */
const wholly = {
  'transaction-start': '',
  'transaction-commit': ' renew',
  'transaction-reject': ' whole',
} as const;

export const calls = {
  init,
  merge,
  export: exportAs,
  use: (slot: number): Call => ({
    line: `use ${slot}`,
    run: (stage) => {
      stage.slot = slot;
      return String(slot);
    },
  }),
  clear: (): Call => ({
    line: 'clear',
    run: (stage) => {
      for (const filter of stage.filters) filter?.release();
      stage.filters.fill(undefined);
      stage.slot = 0;
      return '';
    },
  }),
  release: (): Call =>
    onFilter('release', (filter) => {
      const was = filter.isValid;
      filter.release();
      return was ? 0 : 'released';
    }),
  reset: (word: number, action: Action): Call => onFilter(`reset ${word}`, (filter) => filter.reset(action)),
  arch: (verb: keyof typeof archCalls, arch: string): Call =>
    onFilter(`${verb} ${archForC(arch)} renew`, (filter) => archCalls[verb](filter, arch)),
  rule: (
    exact: boolean,
    word: number,
    action: Action,
    syscall: string | number,
    texts: readonly string[],
    inputs: readonly ComparisonInput[],
  ): Call =>
    onFilter([exact ? 'rule-exact' : 'rule', word, forC(syscall), ...texts].join(' '), (filter) =>
      exact ? filter.addRuleExact(action, syscall, inputs) : filter.addRule(action, syscall, inputs),
    ),
  priority: (syscall: string | number, priority: number): Call =>
    onFilter(`priority ${forC(syscall)} ${priority}`, (filter) => filter.syscallPriority(syscall, priority)),
  setAttribute: (name: AttributeName, native: number, word: number, value: Action | boolean | 1 | 2): Call =>
    onFilter(
      `attr ${native} ${word}`,
      (filter) => filter.setAttribute(name, value as AttributeValue<typeof name>),
      '-22',
    ),
  getAttribute: (name: AttributeName, native: number): Call =>
    onFilter(`attr-get ${native}`, (filter) => `0 ${attributeForC(filter.getAttribute(name))}`, '-22 0'),
  precompute: (): Call => onFilter('precompute', (filter) => filter.precompute()),
  transaction: (verb: keyof typeof transactions): Call =>
    onFilter(`${verb}${wholly[verb]}`, transactions[verb], 'none'),
  resolve: (arch: string, name: string): Call =>
    onLibrary(
      `resolve-arch ${archForC(arch)} ${name}`,
      (library) => resolveSyscall(name, arch, { library }) ?? -1,
    ),
  rewrite: (arch: string, name: string): Call =>
    onLibrary(
      `rewrite ${archForC(arch)} ${name}`,
      (library) => resolveSyscallRewrite(arch, name, { library }) ?? -1,
    ),
  resolveNumber: (arch: string, nr: number): Call =>
    onLibrary(`number ${archForC(arch)} ${nr}`, (library) => resolveSyscall(nr, arch, { library }) ?? '-'),
  api: (level: number): Call => onLibrary(`api ${level}`, (library) => setApiLevel(level, { library })),
  resetGlobal: (): Call => onLibrary('reset-global', (library) => resetGlobalState({ library })),
} as const;

/** What the binding answers, as `libseccomp-build` would print it. */
export function runCall({ line, run }: Call, stage: Stage): string {
  return `${line.split(' ')[0]} ${run(stage)}`.trimEnd();
}

/** Whether both sides answered the same. */
export function sameAnswer(call: Call, ofC: string, ours: string): boolean {
  // The C helper names what it resolves, and exports nothing after an error.
  const c = ofC
    .replace(/^resolve /, 'resolve-arch ')
    .replace(/^(export -\d+) .*$/, '$1')
    .trimEnd();
  const verb = call.line.split(' ')[0] ?? '';
  if (c === ours) return true;
  const reply = c.slice(verb.length + 1);
  if (ours === `${verb} refused`) return ['unknown', 'absent', 'released', call.refused].includes(reply);
  // attr-get shows a value with an errno too.
  return verb === 'attr-get' && c === `${ours} 0`;
}
