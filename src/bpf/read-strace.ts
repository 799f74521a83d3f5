/**
 * Filters out of strace(1)'s output: `seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=4, filter=[BPF_STMT(…), BPF_JUMP(…), …]}) = 0`
 * or prctl, with `-v`, in any style of `-X`. Other calls of the trace may stand around them.
 *
 * Source: the output of strace 6.1.
 * @module
 */
import { evaluate, type Token, tokenize } from './c-expression.ts';
import type { Program } from './program.ts';
import { readCRows } from './read-c.ts';
import type { ListedProgram } from './read-columns.ts';
import { type ProblemList, placeOf, problemList } from './text-problem.ts';

const FILTER = /\{\s*len=((?:0x)?[0-9a-f]+),\s*filter=(\[|[^\s,})]*)/gi;
const AGAIN = 'trace again with: strace -f -v -s 99999 -e trace=seccomp,prctl COMMAND';

interface TracedFilter extends ListedProgram {
  readonly at: number;
  /** The process that the line is about; empty: strace names none. */
  readonly pid: string;
  /** Whether the kernel took it; `undefined`: the trace does not show that. */
  readonly taken: boolean | undefined;
}

/**
 * Reads the filters that a traced process installed, oldest first. Calls that the kernel refused are left out, unless
 * there are no others.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID` with every problem and its place: filters that strace shortened or showed as
 *   an address, lengths that contradict their arrays, filters of several processes
 */
export function readStrace(text: string, name: string): readonly ListedProgram[] {
  const problems = problemList(name);
  const found: TracedFilter[] = [];
  for (const match of text.matchAll(FILTER)) {
    if (problems.isFull()) break;
    const filter = readFilter(text, match, problems);
    if (filter !== undefined) found.push(filter);
  }
  const installed = found.filter(({ taken }) => taken !== false);
  const filters = installed.length > 0 ? installed : found;
  const pids = [...new Set(filters.map(({ pid }) => pid))];
  const other = filters.find(({ pid }) => pid !== pids[0]);
  if (other !== undefined) {
    const message = `this filter is of another process than the one before: the trace shows filters of ${pids.length} processes`;
    const hint = 'keep the lines of one process: grep its number in the trace';
    problems.add(placeOf(text, other.at), 'bpf-syntax', message, hint);
  }
  problems.throwIfAny('trace');
  return filters;
}

function readFilter(text: string, match: RegExpExecArray, problems: ProblemList): TracedFilter | undefined {
  const { index: at } = match;
  const [whole, length = '', opening] = match;
  const start = at + whole.length;
  const line = lineOf(text, at);
  if (opening !== '[') {
    // libseccomp tests the kernel with addresses that cannot be read, and the kernel refuses these.
    if (isTaken(text, start, line.pid) === false) return undefined;
    const message = 'strace shows only the address of this filter, not its instructions';
    problems.add(placeOf(text, at), 'bpf-gap', message, AGAIN);
    return undefined;
  }
  const end = text.indexOf(']', start);
  if (end === -1 || end > line.end) {
    problems.add(placeOf(text, line.end), 'bpf-gap', 'the line ends within the filter', AGAIN);
    return undefined;
  }
  const tokens = tokenize(text.slice(start, end)).map((token) => ({ ...token, at: token.at + start }));
  const program = readArray(text, tokens, problems);
  if (program === undefined) return undefined;
  if (program.length !== Number(length)) {
    const message = `the filter has ${Number(length)} instructions, ${program.length} are shown`;
    problems.add(placeOf(text, at), 'bpf-gap', message, AGAIN);
    return undefined;
  }
  checkComments(text, start, end, problems);
  const { line: number } = placeOf(text, at);
  const taken = isTaken(text, end, line.pid);
  return { program, lines: program.map(() => number), at, pid: line.pid, taken };
}

function readArray(text: string, tokens: readonly Token[], problems: ProblemList): Program | undefined {
  const cut = tokens.findIndex(
    ({ text: word }, i) => word === '.' && tokens[i + 1]?.text === '.' && tokens[i + 2]?.text === '.',
  );
  if (cut !== -1) {
    const message = 'strace left out the rest of this filter';
    problems.add(placeOf(text, tokens[cut]?.at ?? 0), 'bpf-gap', message, AGAIN);
    return undefined;
  }
  let isRead = true;
  const program = readCRows(tokens, (token, message, hint) => {
    isRead = false;
    problems.add(placeOf(text, token?.at ?? 0), 'bpf-syntax', message, hint);
  });
  return isRead ? program : undefined;
}

/** `-X verbose` prints numbers, with names as comments. The two must agree. */
function checkComments(text: string, start: number, end: number, problems: ProblemList): void {
  const pairs = /(0x[0-9a-f]+|\b0) \/\* ((?:BPF|SECCOMP_RET)_[A-Z_]+) \*\//g;
  const shown = text.slice(start, end);
  for (const match of shown.matchAll(pairs)) {
    const [, number, named = ''] = match;
    const value = evaluate([{ text: named, at: 0 }]);
    if ('problem' in value || value.value === Number(number)) continue;
    const message = `${named} is 0x${value.value.toString(16)}, not ${number}`;
    problems.add(placeOf(text, start + match.index), 'bpf-contradiction', message, AGAIN);
  }
}

function lineOf(text: string, at: number): { readonly pid: string; readonly end: number } {
  const start = text.lastIndexOf('\n', at) + 1;
  const next = text.indexOf('\n', at);
  const [, bracketed, plain] = /^(?:\[pid +(\d+)\]|(\d+) )/.exec(text.slice(start, start + 40)) ?? [];
  return { pid: bracketed ?? plain ?? '', end: next === -1 ? text.length : next };
}

/** What the call returned: in its own line, or where strace resumes it. */
function isTaken(text: string, from: number, pid: string): boolean | undefined {
  const rest = text.slice(from, from + 1_000_000);
  const own = /^[^\n]*?\) += +(-?\d+)/.exec(rest)?.[1];
  if (own !== undefined) return !own.startsWith('-');
  if (!/^[^\n]*<unfinished/.test(rest)) return undefined;
  const resumed = new RegExp(
    `^${pid === '' ? '' : `(?:\\[pid +${pid}\\]|${pid}) +`}[^\\n]*<\\.\\.\\. (?:seccomp|prctl) resumed>[^\\n]*?\\) += +(-?\\d+)`,
    'm',
  ).exec(rest)?.[1];
  return resumed === undefined ? undefined : !resumed.startsWith('-');
}
