/**
 * Reads system calls from text: what strace(1), perf(1) and sysdig print, audit records of seccomp, or a plain list.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { readAuditLine } from './audit-line.ts';
import { readProfilerLine } from './profiler-lines.ts';

/** A call as a line shows it. */
export interface TraceEntry {
  /** 1-based. */
  readonly line: number;
  /** The line from the call's name on. */
  readonly text: string;
  /** A name, or a number as text where the tracer knew none. */
  readonly name: string;
  /** Arguments as they are written; `undefined`: not shown. */
  readonly args: readonly string[] | undefined;
  /** How often; more than 1 in summaries. */
  readonly count: number;
  /** Whether the process had changed to the 32-bit calls of its architecture, or to x32. */
  readonly mode: 'native' | '32 bit' | 'x32';
  /** The architecture, where the line names it; it overrides the mode. */
  readonly arch?: ArchName;
}

interface Trace {
  readonly calls: readonly TraceEntry[];
  /** Lines that are neither calls nor what tracers say between them, 1-based. */
  readonly unread: readonly number[];
}

/**
 * Process id (`1234`, `[pid 1234]`, with `-Y` also `1234<name>`), time stamps of `-t`, `-tt`, `-ttt`, `-r`, and in brackets the
 * number of the call (`-n`) and where it was made (`-i`).
 */
const STRACE_PREFIX =
  /^(?:\[pid +(\d+)(?:<.{0,64}>)?\] +|(\d+)(?:<.{0,64}>)? +(?=\S))?(?:\d\d:\d\d:\d\d(?:\.\d+)? +)?(?: *(?:\(\+ +)?\d+\.\d+\)? +)?(?:\[ *\d{1,4}\] +)?(?:\[[0-9a-f?]{8,16}\] +)?/;
/** `0.048 ( 0.013 ms): true/16318 `; with `--no-comm` the number alone. */
const PERF_PREFIX = /^ *(?:[\d.]+|\?) *\( *(?:[\d.]+ ms *)?\): *(?:.*\/\d+ |\d+ )?/;
/** `  0.00    0.000000           0        79         3 read`, a row of `strace -c`. */
const SUMMARY_ROW = /^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?([a-z_][a-z0-9_]*)$/;
const SUMMARY_FRAME = /^(?:% time|[- ]+$| *[\d.]+ +[\d.]+ +\d+ +\d+ +(?:\d+ +)?total$)/;
const CALL = /^([a-z_][a-zA-Z0-9_]*)\(/;
const BARE = /^([a-z_][a-z0-9_]*|\d+)$/;
/** What tracers write between calls: signals, exits, second halves of calls, attached processes. */
const BETWEEN = /^(?:---|\+\+\+|<\.\.\. |\.\.\. \[continued\]|strace: |#|>|\||(?:min|maj)fault \[)/;
const MODE = /\[ Process PID=(\d+) runs in (64 bit|32 bit|x32) mode\. \]/;

/** Records of seccomp in any form of log. A dump of SIGSYS stands beside the call that got the signal, which counts. */
function readAudit(row: string): readonly Pick<TraceEntry, 'name' | 'text' | 'arch'>[] {
  if (/SIGSYS \{/.test(row)) return [];
  return readAuditLine(row).flatMap(({ arch, nr }) =>
    arch === undefined || nr === undefined ? [] : [{ text: row.trim(), name: String(nr), arch }],
  );
}

/** Reads the calls of a trace. */
export function readTrace(text: string): Trace {
  const calls: TraceEntry[] = [];
  const unread: number[] = [];
  const modes = new Map<string, TraceEntry['mode']>();
  const shown = new Set<string>();
  for (const [index, row] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const mode = MODE.exec(row);
    if (mode !== null) {
      modes.set(
        mode[1] ?? '',
        mode[2] === '64 bit' ? 'native' : ((mode[2] ?? 'native') as TraceEntry['mode']),
      );
      continue;
    }
    const audit = readAudit(row);
    if (audit.length > 0) {
      for (const each of audit) calls.push({ ...each, line, args: undefined, count: 1, mode: 'native' });
      continue;
    }
    const profiled = readProfilerLine(row);
    if (profiled !== undefined) {
      if (profiled !== 'frame') calls.push({ ...profiled, line, text: row.trim(), mode: 'native' });
      continue;
    }
    const summary = SUMMARY_ROW.exec(row);
    if (SUMMARY_FRAME.test(row) || row.trim() === '') continue;
    if (summary !== null) {
      const [, count = '1', name = ''] = summary;
      // `strace -C` shows each call, and then their sums.
      if (shown.has(name)) continue;
      const times = Number(count);
      if (!Number.isSafeInteger(times)) unread.push(line);
      else calls.push({ line, text: row.trim(), name, args: undefined, count: times, mode: 'native' });
      continue;
    }
    const { body, pid } = withoutPrefix(row);
    if (BETWEEN.test(body)) continue;
    const found = readCall(body);
    if (found === undefined) {
      unread.push(line);
      continue;
    }
    if (found.args !== undefined) shown.add(found.name);
    calls.push({ ...found, line, text: body, count: 1, mode: modes.get(pid) ?? 'native' });
  }
  return { calls, unread };
}

function withoutPrefix(row: string): { body: string; pid: string } {
  const trimmed = row.trim();
  if (BARE.test(trimmed)) return { body: trimmed, pid: '' };
  const perf = PERF_PREFIX.exec(row);
  if (perf !== null) return { body: row.slice(perf[0].length).trim(), pid: '' };
  const match = STRACE_PREFIX.exec(trimmed);
  return { body: trimmed.slice(match?.[0].length ?? 0), pid: match?.[1] ?? match?.[2] ?? '' };
}

function readCall(body: string): Pick<TraceEntry, 'name' | 'args'> | undefined {
  const bare = BARE.exec(body);
  if (bare !== null) return { name: bare[1] ?? '', args: undefined };
  const call = CALL.exec(body);
  if (call === null) return undefined;
  const [opening, name = ''] = call;
  // strace writes numbers it has no name for as syscall_0x1c3, in 64 bits, of which the kernel reads 32.
  const unnamed = /^syscall_(0x[0-9a-f]+|\d+)$/.exec(name);
  const args = splitArguments(body.slice(opening.length));
  return { name: unnamed === null ? name : String(BigInt.asUintN(32, BigInt(unnamed[1] ?? 0))), args };
}

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Splits at the commas that are in no bracket, string or comment, up to the bracket that ends the call. */
function splitArguments(text: string): readonly string[] {
  const args: string[] = [];
  const open: string[] = [];
  // Looked for once: to look for it again from each `/*` is too much work for a line that has none.
  const lastClose = text.lastIndexOf('*/');
  let from = 0;
  const take = (to: number): void => {
    const argument = text.slice(from, to).trim();
    if (argument !== '' || args.length > 0) args.push(argument);
    from = to + 1;
  };
  let at = 0;
  for (; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (letter === '"') at = endOfString(text, at);
    else if (text.startsWith('/*', at)) at = (at + 2 <= lastClose ? text.indexOf('*/', at + 2) : at) + 1;
    else if (text.startsWith('<unfinished', at)) break;
    else if (closers[letter] !== undefined) open.push(closers[letter]);
    else if (letter === open.at(-1)) open.pop();
    else if (letter === ')' && open.length === 0) break;
    else if (letter === ',' && open.length === 0) take(at);
  }
  take(at);
  return args;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
