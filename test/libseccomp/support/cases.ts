/**
 * Reads the behaviour tables of fixtures/cases/: filters, and what each must answer to which calls.
 *
 * The format, a line each; `#` starts a comment, indentation means nothing:
 *
 *     filter   TITLE                     begins a filter; what follows, up to the rows, is done in this order
 *     since    2.6.0                     older libraries must refuse the filter as too old
 *     arch     x86_64 x86                the filter's architectures, all of them; without: x86_64
 *     default  ERRNO(1)                  the default action; without: ALLOW
 *     reset    ACTION | add-arch ARCH | remove-arch ARCH | attr NAME VALUE | priority SYSCALL N
 *     rule     ACTION SYSCALL [a0 == 1, a1 & 0xff == 0x10, …]      exact: the same, by addRuleExact
 *     start | commit | reject            a transaction
 *     merge … end                        another filter between the two lines, merged into this one
 *     … ! EEXIST                         at the end of a step: it must fail so
 *     loops                              instead of rows: the last step never returns
 *
 *     ARCH SYSCALL [ARG …] -> ACTION [; 2.5.4 ACTION]     a row; N is any value, as are arguments left out; after `;`
 *                                                         what a version does that gets it wrong
 *
 * SYSCALL is a name, or a number as the kernel sees it. Nothing here comes from `src/libseccomp`: return words are
 * seccomp(2)'s; numbers of names are those of the table in `src/abi`, which the test holds against the library's.
 * @module
 */
import { readFileSync } from 'node:fs';
import { architectures } from '../../../src/abi/architectures.ts';
import { findArchitecture } from '../../../src/abi/find-architecture.ts';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';

export interface CaseComparison {
  readonly index: number;
  readonly op: string;
  readonly value: bigint;
  /** Only of masked comparisons, whose `value` is the mask. */
  readonly valueTwo?: bigint;
}

export type StepBody =
  | { readonly kind: 'reset'; readonly action: string }
  | { readonly kind: 'addArch' | 'removeArch'; readonly arch: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: string }
  | { readonly kind: 'priority'; readonly syscall: string | number; readonly priority: number }
  | {
      readonly kind: 'rule';
      readonly exact: boolean;
      readonly action: string;
      readonly syscall: string | number;
      readonly comparisons: readonly CaseComparison[];
    }
  | { readonly kind: 'start' | 'commit' | 'reject' }
  | { readonly kind: 'merge'; readonly source: CaseFilter };

export type Step = StepBody & { readonly where: string; readonly fails: string | undefined };

export interface CaseRow {
  /** `FILE:LINE`, as messages show it. */
  readonly where: string;
  readonly text: string;
  readonly arch: string;
  /** `seccomp_data.arch`, u32. */
  readonly auditArch: number;
  /** Size of the registers the arguments come in. */
  readonly registerBits: 32 | 64;
  readonly syscall: string;
  readonly nr: number;
  /** Six; `undefined` for any value. */
  readonly args: readonly (bigint | undefined)[];
  /** Return word, u32. */
  readonly expected: number;
  /** Versions that get it wrong, and their return word. */
  readonly defects: ReadonlyMap<string, number>;
}

export interface CaseFilter {
  readonly title: string;
  readonly where: string;
  readonly since: string;
  readonly archs: readonly string[];
  readonly defaultAction: string;
  readonly steps: readonly Step[];
  readonly rows: readonly CaseRow[];
  readonly loops: boolean;
}

/** Linux 6.18 include/uapi/linux/seccomp.h. */
const actionBits: Readonly<Record<string, number>> = {
  KILL_PROCESS: 0x80000000,
  KILL_THREAD: 0x00000000,
  TRAP: 0x00030000,
  ERRNO: 0x00050000,
  NOTIFY: 0x7fc00000,
  TRACE: 0x7ff00000,
  LOG: 0x7ffc0000,
  ALLOW: 0x7fff0000,
};

/** Takes `ERRNO(7)` apart. @throws Error for a word that is no action */
export function parseAction(text: string): { name: string; data: number; word: number } {
  const [, name = '', data = '0'] = /^([A-Z_]+)(?:\((\d+)\))?$/.exec(text) ?? [];
  const bits = actionBits[name];
  if (bits === undefined) throw new Error(`not an action: ${text}`);
  return { name, data: Number(data), word: (bits | Number(data)) >>> 0 };
}

/** Prints a return word as the tables write it. */
export function actionText(word: number): string {
  const found = Object.entries(actionBits).find(([, bits]) => bits === (word & 0xffff0000) >>> 0);
  const data = word & 0xffff;
  if (found === undefined) return `0x${word.toString(16)}`;
  return data === 0 && found[0] !== 'ERRNO' ? found[0] : `${found[0]}(${data})`;
}

function parseValue(text: string): bigint {
  const value = text === '-1' ? 0xffff_ffff_ffff_ffffn : BigInt(text.replaceAll('_', ''));
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new Error(`not a u64: ${text}`);
  return value;
}

function parseSyscall(text: string): string | number {
  return /^-?\d/.test(text) ? Number(text) : text;
}

function parseComparison(text: string): CaseComparison {
  const masked = /^a(\d) & (\S+) == (\S+)$/.exec(text);
  if (masked !== null) {
    const [, index, mask = '', value = ''] = masked;
    return { index: Number(index), op: '&=', value: parseValue(mask), valueTwo: parseValue(value) };
  }
  const plain = /^a(\d) (!=|<|<=|==|>=|>) (\S+)$/.exec(text);
  if (plain === null) throw new Error(`not a comparison: ${text}`);
  const [, index, op = '', value = ''] = plain;
  return { index: Number(index), op, value: parseValue(value) };
}

function parseRule(rest: string, exact: boolean): StepBody {
  const [, action = '', syscall = '', comparisons = ''] = /^(\S+)\s+(\S+)\s*(.*)$/.exec(rest) ?? [];
  parseAction(action);
  const list = comparisons === '' ? [] : comparisons.split(/\s*,\s*/).map(parseComparison);
  return { kind: 'rule', exact, action, syscall: parseSyscall(syscall), comparisons: list };
}

function parseStep(verb: string, rest: string): StepBody | undefined {
  const [first = '', second = ''] = rest.split(/\s+/);
  switch (verb) {
    case 'reset':
      return { kind: 'reset', action: first };
    case 'add-arch':
      return { kind: 'addArch', arch: first };
    case 'remove-arch':
      return { kind: 'removeArch', arch: first };
    case 'attr':
      return { kind: 'attribute', name: first, value: second };
    case 'priority':
      return { kind: 'priority', syscall: parseSyscall(first), priority: Number(second) };
    case 'rule':
    case 'exact':
      return parseRule(rest, verb === 'exact');
    case 'start':
    case 'commit':
    case 'reject':
      return { kind: verb };
    default:
      return undefined;
  }
}

/** ABIs whose arguments libseccomp takes for 32 bits, though the registers have 64. */
const wideRegisters = new Set(['x32', 'mips64n32', 'mipsel64n32']);

function parseRow(text: string, where: string): CaseRow {
  const [call = '', verdicts = ''] = text.split(/\s*->\s*/);
  const [arch = '', syscall = '', ...values] = call.split(/\s+/);
  const row = findArchitecture(arch);
  if (row === undefined) throw new Error(`no architecture: ${arch}`);
  const given = parseSyscall(syscall);
  const nr = typeof given === 'number' ? given : directSyscallNumber(given, row.name);
  if (nr === undefined) throw new Error(`${arch} has no ${syscall}`);
  const registerBits = row.bits === 64 || wideRegisters.has(arch) ? 64 : 32;
  const args = Array.from({ length: 6 }, (_, i) => {
    const value = values[i] ?? 'N';
    return value === 'N' ? undefined : parseValue(value);
  });
  const tooWide = args.some((arg) => arg !== undefined && arg >> BigInt(registerBits) !== 0n);
  if (values.length > 6 || tooWide) throw new Error(`arguments ${arch} cannot have: ${call}`);
  const [right = '', ...wrong] = verdicts.split(/\s*;\s*/);
  const defects = wrong.map((each) => {
    const [version = '', action = ''] = each.split(/\s+/);
    return [version, parseAction(action).word] as const;
  });
  return {
    where,
    text,
    arch: row.name,
    auditArch: row.auditArch,
    registerBits,
    syscall,
    nr,
    args,
    expected: parseAction(right).word,
    defects: new Map(defects),
  };
}

interface Draft {
  title: string;
  where: string;
  since: string;
  archs: string[];
  defaultAction: string;
  steps: Step[];
  rows: CaseRow[];
  loops: boolean;
}

function begin(title: string, where: string): Draft {
  return {
    title,
    where,
    since: '2.5.0',
    archs: ['x86_64'],
    defaultAction: 'ALLOW',
    steps: [],
    rows: [],
    loops: false,
  };
}

/** Settles one line of a filter in its draft. */
function readLine(draft: Draft, line: string, where: string): void {
  if (line.includes('->')) {
    draft.rows.push(parseRow(line, where));
    return;
  }
  const [, verb = '', rest = '', fails] = /^(\S+)\s*(.*?)(?:\s*!\s+([A-Z_]+))?$/.exec(line) ?? [];
  if (draft.rows.length > 0) throw new Error(`a step after rows: ${line}`);
  if (verb === 'since') draft.since = rest;
  else if (verb === 'arch') draft.archs = rest.split(/\s+/);
  else if (verb === 'default') draft.defaultAction = rest;
  else if (verb === 'loops') draft.loops = true;
  else {
    const step = parseStep(verb, rest);
    if (step === undefined) throw new Error(`unknown line: ${line}`);
    draft.steps.push({ ...step, where, fails });
  }
}

/**
 * Reads a table.
 *
 * @param name - stands for the file in messages
 * @throws Error `FILE:LINE: …` for a line that is not in the format
 */
export function parseCases(text: string, name: string): readonly CaseFilter[] {
  const filters: Draft[] = [];
  const outer: Draft[] = [];
  let current: Draft | undefined;
  for (const [i, raw] of text.split('\n').entries()) {
    const where = `${name}:${i + 1}`;
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    try {
      const title = /^filter\s+(.*)$/.exec(line)?.[1];
      if (line === '') continue;
      if (title !== undefined) {
        current = begin(title, where);
        filters.push(current);
      } else if (current === undefined) throw new Error('a filter must come first');
      else if (/^merge\b/.test(line)) {
        outer.push(current);
        const fails = /!\s+([A-Z_]+)$/.exec(line)?.[1];
        const source = begin('merged', where);
        current.steps.push({ kind: 'merge', source, where, fails });
        current = source;
      } else if (line === 'end') current = outer.pop();
      else readLine(current, line, where);
    } catch (error) {
      throw new Error(`${where}: ${error instanceof Error ? error.message : error}`);
    }
  }
  // A filter that asks nothing would pass whatever it does.
  const mute = filters.find(({ rows, loops }) => (rows.length === 0) !== loops);
  if (mute !== undefined) throw new Error(`${mute.where}: a filter has rows, or loops`);
  return filters;
}

/** Reads fixtures/cases/NAME. */
export function readCases(name: string): readonly CaseFilter[] {
  const file = `fixtures/cases/${name}`;
  const path = new URL(`../../../${file}`, import.meta.url);
  return parseCases(readFileSync(path, 'utf8'), file);
}

/** Byte order of a filter's programs: its first architecture's. */
export function endianOf(filter: CaseFilter): 'little' | 'big' {
  const [first = ''] = filter.archs;
  const row = findArchitecture(first);
  if (row === undefined) throw new Error(`${filter.where}: no architecture ${first}`);
  return architectures[row.name].endian;
}
