/**
 * Builds the filters of the behaviour tables through `Filter` and asks two judges what they answer: the interpreter
 * in test/oracle/support, and the kernel.
 * @module
 */
import { OciSeccompError } from '../../../src/errors.ts';
import {
  type Action,
  allow,
  type ComparisonInput,
  errno,
  Filter,
  findArch,
  killProcess,
  killThread,
  log,
  notify,
  trace,
  trap,
} from '../../../src/libseccomp/index.ts';
import { runHelper, toHex } from '../../oracle/support/native.ts';
import { simulate } from '../../oracle/support/simulate.ts';
import {
  actionText,
  type CaseFilter,
  type CaseRow,
  endianOf,
  parseAction,
  type Step,
  type StepBody,
} from './cases.ts';

/** errno(3), x86. */
const errnos: Readonly<Record<string, number>> = {
  ENOENT: 2,
  EACCES: 13,
  EEXIST: 17,
  EINVAL: 22,
  EDOM: 33,
  EOPNOTSUPP: 95,
};

function toAction(text: string): Action {
  const { name, data } = parseAction(text);
  switch (name) {
    case 'KILL_PROCESS':
      return killProcess();
    case 'KILL_THREAD':
      return killThread();
    case 'TRAP':
      return trap(data);
    case 'ERRNO':
      return errno(data);
    case 'NOTIFY':
      return notify();
    case 'TRACE':
      return trace(data);
    case 'LOG':
      return log();
    default:
      return allow();
  }
}

function addRule(filter: Filter, step: StepBody & { kind: 'rule' }): void {
  const comparisons = step.comparisons.map((each) => each as ComparisonInput);
  if (step.exact) filter.addRuleExact(toAction(step.action), step.syscall, comparisons);
  else filter.addRule(toAction(step.action), step.syscall, comparisons);
}

function setAttribute(filter: Filter, name: string, value: string): void {
  if (name === 'ACT_BADARCH') filter.setAttribute(name, toAction(value));
  else if (name === 'CTL_OPTIMIZE') filter.setAttribute(name, value === '2' ? 2 : 1);
  else if (name === 'API_TSKIP') filter.setAttribute(name, value === 'on');
  else throw new Error(`attribute ${name} has no bearing on verdicts`);
}

function takeStep(filter: Filter, step: Step, library: string): void {
  switch (step.kind) {
    case 'reset':
      filter.reset(toAction(step.action));
      break;
    case 'addArch':
      filter.addArch(step.arch);
      break;
    case 'removeArch':
      filter.removeArch(step.arch);
      break;
    case 'attribute':
      setAttribute(filter, step.name, step.value);
      break;
    case 'priority':
      filter.syscallPriority(step.syscall, step.priority);
      break;
    case 'rule':
      addRule(filter, step);
      break;
    case 'start':
      filter.transactionStart();
      break;
    case 'commit':
      filter.transactionCommit();
      break;
    case 'reject':
      filter.transactionReject();
      break;
    default:
      mergeWith(filter, step.source, library);
  }
}

function mergeWith(filter: Filter, described: CaseFilter, library: string): void {
  const source = begun(described, library);
  try {
    filter.merge(source);
  } finally {
    source.release();
  }
}

/** What a step did, `done` or the errno's name. */
function outcome(filter: Filter, step: Step, library: string): string {
  try {
    takeStep(filter, step, library);
    return 'done';
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_LIBSECCOMP') throw error;
    const number = error.details.errno;
    return Object.keys(errnos).find((name) => errnos[name] === number) ?? `errno ${number}`;
  }
}

/** A filter with the architectures and all steps done; the caller releases it. */
function begun(described: CaseFilter, library: string): Filter {
  const filter = new Filter(toAction(described.defaultAction), { library });
  try {
    const own = findArch('native', { library });
    // The native architecture goes first: an empty filter takes the byte order of the first one added.
    if (!described.archs.includes(own)) filter.removeArch(own);
    for (const arch of described.archs) if (arch !== own) filter.addArch(arch);
    for (const step of described.steps) {
      const wanted = step.fails ?? 'done';
      const found = outcome(filter, step, library);
      if (found !== wanted) throw new Error(`${step.where}: step expected ${wanted}, found ${found}`);
    }
    return filter;
  } catch (error) {
    filter.release();
    throw error;
  }
}

/** `enum scmp_compare`, seccomp.h. */
const compares = ['', '!=', '<', '<=', '==', '>=', '>', '&='];

/**
 * The rules of a filter as `libseccomp-build` takes them: for those that may not be built in this process.
 *
 * @throws Error for a filter with other steps
 */
export function scriptOf({ defaultAction, steps }: CaseFilter): string {
  const lines = steps.map((step) => {
    if (step.kind !== 'rule') throw new Error(`${step.where}: a filter that loops has rules only`);
    const comparisons = step.comparisons.map(
      ({ index, op, value, valueTwo = 0n }) => `${index}:${compares.indexOf(op)}:${value}:${valueTwo}`,
    );
    return ['rule', parseAction(step.action).word, step.syscall, ...comparisons].join(' ');
  });
  return `init ${parseAction(defaultAction).word}\n${lines.join('\n')}\n`;
}

/** Whether a filter leaves it to the runner how its program is laid out. */
export function variesLayout({ steps }: CaseFilter): boolean {
  return !steps.some((step) => step.kind === 'attribute' && step.name === 'CTL_OPTIMIZE');
}

/**
 * Builds a filter and exports its program.
 *
 * @param layout - 2 for the binary tree; ignored by filters that set it themselves
 * @throws Error naming the step that did not do as the table says; OciSeccompError as `Filter` throws it
 */
export function buildCase(described: CaseFilter, library: string, layout: 1 | 2 = 1): Uint8Array {
  const filter = begun(described, library);
  try {
    if (layout === 2 && variesLayout(described)) filter.setAttribute('CTL_OPTIMIZE', 2);
    return filter.exportBpf();
  } finally {
    filter.release();
  }
}

const patterns = {
  64: [0n, 1n, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0xffff_ffff_ffff_ffffn, 0x0123_4567_89ab_cdefn],
  32: [0n, 1n, 0x8000_0000n, 0xffff_ffffn, 0x1234_5678n],
} as const;

/** The calls a row stands for: one if it gives all arguments, else several that together try each value everywhere. */
export function callsOf({ args, registerBits }: CaseRow): readonly (readonly bigint[])[] {
  const values = patterns[registerBits];
  const turns = args.includes(undefined) ? values.length : 1;
  return Array.from({ length: turns }, (_, turn) =>
    args.map((arg, i) => arg ?? values[(turn + i) % values.length] ?? 0n),
  );
}

/** The return word a version must give for a row. */
function expectedWord(row: CaseRow, version: string): number {
  return row.defects.get(version) ?? row.expected;
}

/** Rows the interpreter disagrees with, each as a message with file and line; empty if the table is right. */
export function simulatorDisagreements(
  described: CaseFilter,
  program: Uint8Array,
  version: string,
): readonly string[] {
  const endian = endianOf(described);
  return described.rows.flatMap((row) => {
    const wanted = expectedWord(row, version);
    for (const args of callsOf(row)) {
      const word = simulate(program, { nr: row.nr, arch: row.auditArch, args }, endian);
      if (word !== wanted) return [disagreement(row, args, actionText(wanted), actionText(word))];
    }
    return [];
  });
}

function disagreement(row: CaseRow, args: readonly bigint[], wanted: string, found: string): string {
  const shown = args.map((arg) => `0x${arg.toString(16)}`).join(' ');
  return `${row.where}: ${row.text} (${shown}): expected ${wanted}, found ${found}`;
}

/** Calls whose arguments the kernel ignores: they may really be made. */
const withoutArguments = new Set([
  'getpid',
  'getppid',
  'gettid',
  'getuid',
  'geteuid',
  'getgid',
  'getegid',
  'sched_yield',
]);
/** Calls made only where the table says they are denied; should they get through, a child's own descriptors change. */
const harmlessIfDenied = new Set(['socket', 'connect', 'socketcall', 'close', 'personality', 'ioctl']);
const x86Abis = new Set(['x86_64', 'x86', 'x32']);

/** What kernel-verdict.c reports when a word is returned without tracer or listener. */
function kernelReport(word: number): RegExp {
  const data = word & 0xffff;
  switch (actionText(word).replace(/\(.*/, '')) {
    case 'ALLOW':
    case 'LOG':
      return /^return \d+$/;
    case 'ERRNO':
      return data === 0 ? /^return 0$/ : new RegExp(`^errno ${Math.min(data, 4095)}$`);
    case 'TRAP':
      return new RegExp(`^trap ${data}$`);
    case 'KILL_THREAD':
      return /^kill-thread$/;
    case 'KILL_PROCESS':
      return /^kill-process$/;
    default:
      return /^errno 38$/;
  }
}

function kernelCanJudge(row: CaseRow, wanted: number): boolean {
  if (!x86Abis.has(row.arch)) return false;
  // int 0x80 takes the sixth argument from the frame pointer, which the helper needs itself.
  if (row.arch === 'x86' && row.args[5] !== undefined) return false;
  const made = /^(ALLOW|LOG)$/.test(actionText(wanted));
  // Kernels are rarely built with x32: its calls are judged by the filter, then unknown.
  if (made) return withoutArguments.has(row.syscall) && row.arch !== 'x32';
  return withoutArguments.has(row.syscall) || harmlessIfDenied.has(row.syscall) || row.syscall === '-1';
}

export interface KernelQuestion {
  readonly program: string;
  readonly call: string;
  readonly row: CaseRow;
  readonly args: readonly bigint[];
  readonly wanted: number;
}

/** The calls of a filter's rows that the kernel can be asked about: at most two a row. */
export function kernelQuestions(
  described: CaseFilter,
  program: Uint8Array,
  version: string,
): readonly KernelQuestion[] {
  // The kernel takes no program in another byte order.
  if (endianOf(described) !== 'little') return [];
  const hex = toHex(program);
  return described.rows.flatMap((row) => {
    const wanted = expectedWord(row, version);
    if (!kernelCanJudge(row, wanted)) return [];
    return callsOf(row)
      .slice(0, 2)
      .map((args) => {
        const words =
          row.arch === 'x86' ? ['call32', row.nr, ...args.slice(0, 5)] : ['call', row.nr, ...args];
        return { program: hex, call: words.join(' '), row, args, wanted };
      });
  });
}

/** Questions that are the same but for where they come from are asked once. */
function distinct(questions: readonly KernelQuestion[]): readonly KernelQuestion[] {
  return [...new Map(questions.map((each) => [`${each.program} ${each.call}`, each])).values()];
}

/** Answers of the kernel that the rows disagree with, each call made in a process of its own. */
export function kernelDisagreements(questions: readonly KernelQuestion[]): readonly string[] {
  const asked = distinct(questions);
  if (asked.length === 0) throw new Error('nothing to ask the kernel');
  let loaded = '';
  const lines = asked.flatMap(({ program, call }) => {
    const load = program === loaded ? [] : [`program ${program}`];
    loaded = program;
    return [...load, call];
  });
  const { status, signal, stdout, stderr } = runHelper('kernel-verdict', [], `${lines.join('\n')}\n`);
  if (status !== 0) throw new Error(`kernel-verdict: ${signal ?? status} ${stderr}`);
  const reports = stdout.trimEnd().split('\n');
  return asked.flatMap(({ row, args, wanted }, i) => {
    const report = reports[i] ?? 'nothing';
    return kernelReport(wanted).test(report) ? [] : [disagreement(row, args, actionText(wanted), report)];
  });
}
