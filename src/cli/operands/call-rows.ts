/**
 * System calls as lines of text: rows of a table in the manner of libseccomp's `.tests` files, or JSON objects.
 * @module
 */
import type { Architecture } from '../../abi/architectures.ts';
import { findArchitecture } from '../../abi/find-architecture.ts';
import { nearest, suggestSyscall } from '../../abi/nearest-name.ts';
import { U32_MAX, U64_MAX } from '../../abi/operators.ts';
import { actionForms, parseAction } from '../../abi/parse-action.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { allSyscallNames, directSyscallNumber, multiplexedCall } from '../../abi/syscall-numbers.ts';
import { callSpelling, pastedCall } from './call-spelling.ts';

interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

/** One line: one call, or all calls of its ranges. */
export interface CallRow {
  /** Each architecture with its numbers of the call. */
  readonly targets: readonly { readonly arch: Architecture; readonly nrs: Range }[];
  /** Those that were given, at most six. */
  readonly args: readonly Range[];
  /** The return word that is expected. */
  readonly expected: number | undefined;
  /** How many calls it stands for. */
  readonly count: number;
}

export interface BadLine {
  readonly column: number;
  readonly problem: string;
  readonly hint?: string | undefined;
}

/** Most calls one line may stand for. */
const MAX_CALLS_OF_ROW = 10_000_000;

const NUMBER = /^(-?(?:0x[0-9a-f]{1,16}|[0-9]{1,20}))(?:(?:-|\.\.)(0x[0-9a-f]{1,16}|[0-9]{1,20}))?$/i;
const ROW_HINT =
  'a row is: architecture, call, up to six arguments, and the expected action if there is one; for instance x86_64 openat 3 0 ALLOW';
const ZERO: Range = { low: 0n, high: 0n };

/**
 * Reads a line.
 *
 * @param defaultArch - the architecture of JSON calls that name none
 * @returns `undefined` for blank lines and comments
 */
export function parseCall(line: string, defaultArch: Architecture): CallRow | BadLine | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  if (text.startsWith('{')) return parseJson(text, defaultArch);
  const row = parseRow(line);
  return 'problem' in row ? (parseRecord(text, defaultArch) ?? row) : row;
}

/** A whole record of a log, or a dump of SIGSYS: a call with unknown arguments, which are 0 here. */
function parseRecord(text: string, defaultArch: Architecture): CallRow | BadLine | undefined {
  const pasted = pastedCall([text]);
  if (pasted === undefined) return undefined;
  const { syscall, arch = defaultArch.name } = pasted;
  return readFields({ arch, syscall, args: [], expected: undefined }, () => 1);
}

interface Fields {
  readonly arch: string;
  readonly syscall: string;
  readonly args: readonly string[];
  readonly expected: string | undefined;
}

/** Reads a line's fields; `column` gives the place of one for messages. */
function readFields(fields: Fields, column: (field: number) => number): CallRow | BadLine {
  const targets: { arch: Architecture; nrs: Range }[] = [];
  for (const spelling of fields.arch.split(',')) {
    const arch = findArchitecture(spelling);
    if (arch === undefined) return { column: column(0), ...unknownArch(spelling) };
    const nrs = readNrs(fields.syscall, arch);
    if ('problem' in nrs) return { column: column(1), ...nrs };
    targets.push({ arch, nrs });
  }
  const args: Range[] = [];
  for (const [i, text] of fields.args.entries()) {
    const range = /^n$/i.test(text) ? ZERO : readRange(text, U64_MAX);
    if (range === undefined) {
      const hint = 'arguments are numbers of 64 bits, ranges a-b, or N for any';
      return { column: column(2 + i), problem: `cannot read the argument '${text}'`, hint };
    }
    args.push(range);
  }
  const expected = fields.expected === undefined ? undefined : parseAction(fields.expected);
  if (fields.expected !== undefined && expected === undefined) {
    const problem = `cannot read the action '${fields.expected}'`;
    return { column: column(2 + args.length), problem, hint: `actions are ${actionForms}` };
  }
  const count = countCalls(targets, args);
  if (count > MAX_CALLS_OF_ROW) {
    const problem = `the ranges make ${count} calls; at most ${MAX_CALLS_OF_ROW} of one line are made`;
    return { column: 1, problem };
  }
  return { targets, args, expected, count };
}

function countCalls(targets: readonly { readonly nrs: Range }[], args: readonly Range[]): number {
  const size = ({ low, high }: Range): number => Number(high - low) + 1;
  const nrs = targets.reduce((sum, target) => sum + size(target.nrs), 0);
  return args.reduce((product, range) => product * size(range), nrs);
}

function unknownArch(spelling: string): Pick<BadLine, 'problem' | 'hint'> {
  return { problem: `unknown architecture '${spelling}'`, hint: ROW_HINT };
}

const known = new Map<string, Range | Pick<BadLine, 'problem' | 'hint'>>();

function readNrs(word: string, arch: Architecture): Range | Pick<BadLine, 'problem' | 'hint'> {
  const text = callSpelling(word);
  const key = `${arch.name} ${text}`;
  let found = known.get(key);
  if (found === undefined) {
    found = /^[a-z_]/i.test(text) ? readName(text, arch) : readNumbers(text);
    known.set(key, found);
  }
  return found;
}

function readNumbers(text: string): Range | Pick<BadLine, 'problem' | 'hint'> {
  const range = readRange(text, U32_MAX);
  if (range !== undefined) return range;
  return { problem: `cannot read the system call '${text}'`, hint: 'a name, a number, or a range a-b' };
}

function readName(name: string, { name: arch }: Architecture): Range | Pick<BadLine, 'problem' | 'hint'> {
  const nr = directSyscallNumber(name, arch);
  if (nr !== undefined) return { low: BigInt(nr), high: BigInt(nr) };
  const through = multiplexedCall(name, arch);
  if (through !== undefined) {
    const problem = `${name} has no number on ${arch}`;
    return { problem, hint: `there it is ${through.multiplexer} with argument 0 = ${through.argument}` };
  }
  if (allSyscallNames().includes(name)) return { problem: `${arch} has no system call ${name}` };
  const names = suggestSyscall(name)?.names;
  const hint = names === undefined ? undefined : `did you mean ${names.join(' or ')}?`;
  return { problem: `no architecture has a system call '${name}'`, hint };
}

/** `7`, `0x1f`, `-1` as its two's complement, `1-3`. */
function readRange(text: string, limit: bigint): Range | undefined {
  const [, first, second] = NUMBER.exec(text) ?? [];
  if (first === undefined) return undefined;
  const isNegative = first.startsWith('-');
  const low = isNegative ? limit + 1n - BigInt(first.slice(1)) : BigInt(first);
  const high = second === undefined ? low : BigInt(second);
  const isInRange = low >= 0n && low <= high && high <= limit && !(isNegative && second !== undefined);
  return isInRange ? { low, high } : undefined;
}

function parseRow(line: string): CallRow | BadLine {
  const words = line
    .replace(/\s#.*$/, '')
    .trim()
    .split(/\s+/);
  const column = (field: number): number => [...line.matchAll(/\S+/g)][field]?.index ?? 0;
  const place = (field: number): number => column(field) + 1;
  const [arch = '', syscall, ...rest] = words;
  if (syscall === undefined) {
    return { column: 1, problem: `a row of one word, '${arch}'`, hint: ROW_HINT };
  }
  const last = rest.at(-1);
  const hasAction = last !== undefined && /^[a-z_]{3,}/i.test(last);
  const args = hasAction ? rest.slice(0, -1) : rest;
  if (args.length > 6) return { column: place(8), problem: `${args.length} arguments; there are six` };
  return readFields({ arch, syscall, args, expected: hasAction ? last : undefined }, place);
}

const keys = ['arch', 'syscall', 'nr', 'args', 'expected'];

function parseJson(text: string, defaultArch: Architecture): CallRow | BadLine {
  const bad = (problem: string, hint?: string): BadLine => ({ column: 1, problem, hint });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('this line is not valid JSON');
  }
  const object = value as Readonly<Record<string, unknown>>;
  const extra = Object.keys(object).find((key) => !keys.includes(key));
  if (extra !== undefined) {
    const near = nearest(extra, keys);
    return bad(
      `unknown key '${extra}'`,
      near === undefined ? `keys are ${keys.join(', ')}` : `did you mean ${near}?`,
    );
  }
  const { arch = defaultArch.name, syscall = object.nr, args = [], expected } = object;
  if (typeof arch !== 'string') return bad("'arch' must be a string");
  const number = scalar(syscall);
  if (number === undefined) return bad("'syscall' must be a name or a number");
  if (!Array.isArray(args) || args.length > 6) return bad("'args' must be an array of at most six numbers");
  const words = args.map(scalar);
  const unreadable = words.indexOf(undefined);
  if (unreadable !== -1) {
    const hint =
      'numbers above 2^53 are written as strings, decimal or hexadecimal, since JSON readers round them';
    return bad(`args[${unreadable}] is not an integer`, hint);
  }
  if (expected !== undefined && typeof expected !== 'string') return bad("'expected' must be a string");
  const given = words.filter((word) => word !== undefined);
  return readFields({ arch, syscall: number, args: given, expected }, () => 1);
}

function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Calls of a row, one after the other; the object is the same each time, with other values. */
export function* callsOf({ targets, args }: CallRow): Generator<{ arch: Architecture; data: SeccompData }> {
  const values = Array.from({ length: 6 }, (_, i) => args[i]?.low ?? 0n);
  for (const { arch, nrs } of targets) {
    for (let nr = nrs.low; nr <= nrs.high; nr++) {
      const data = { nr: Number(nr) | 0, arch: arch.auditArch, instructionPointer: 0n, args: values };
      do yield { arch, data };
      while (advance(values, args));
    }
  }
}

/** Counts the arguments up, the last fastest; `false` when all are back at their beginning. */
function advance(values: bigint[], args: readonly Range[]): boolean {
  for (let i = args.length - 1; i >= 0; i--) {
    const range = args[i] ?? ZERO;
    const value = values[i] ?? 0n;
    if (value < range.high) {
      values[i] = value + 1n;
      return true;
    }
    values[i] = range.low;
  }
  return false;
}
