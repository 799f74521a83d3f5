/**
 * Programs as C: an array of `struct sock_filter` with rows `{ code, jt, jf, k }`, `BPF_STMT(code, k)` or
 * `BPF_JUMP(code, k, jt, jf)`. This is not a compiler: a field is made of numbers and constants of the kernel's headers, joined by
 * `| & + - * <<` and parentheses. `__NR_read` is known if the array compares with one architecture. Other macros are not known.
 *
 * Source of the macros: Linux 6.18 include/uapi/linux/filter.h.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { findArchitecture } from '../abi/find-architecture.ts';
import { MAX_INSTRUCTIONS } from './assemble.ts';
import { type CallNumbers, evaluate, type Token, tokenize } from './c-expression.ts';
import { FIELD_LIMITS, type Program, type SockFilter } from './program.ts';
import { type ProblemList, placeOf, problemList } from './text-problem.ts';

/**
 * Reads the one array of instructions in a C text, or bare rows.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID` with every problem of the text, each with its place, in `details.problems`
 */
export function readCProgram(text: string, name: string, arch?: ArchName): Program {
  const problems = problemList(name);
  const tokens = tokenize(text);
  const report = (token: Token | undefined, message: string, hint?: string): void =>
    problems.add(placeOf(text, token?.at ?? text.length), 'bpf-syntax', message, hint);
  const array = arrayOf(tokens, report);
  checkConditions(text, array.rows, problems);
  const calls = arch ?? architectureIn(array.rows);
  const program = readCRows(array.rows, report, { calls, stop: () => problems.isFull() });
  if (program.length === 0) addNoRows(problems);
  else if (problems.isEmpty()) checkWhole(array, program.length, report);
  problems.throwIfAny('C array');
  return program;
}

/**
 * Reads the rows of an array. Only commas and braces may stand between rows: a macro there could be any number of instructions.
 *
 * @param calls - the architecture of `__NR_` names
 * @param stop - asked after each row
 */
export function readCRows(
  tokens: readonly Token[],
  report: Report,
  { calls, stop = () => false }: { readonly calls?: CallNumbers; readonly stop?: () => boolean } = {},
): Program {
  const program: SockFilter[] = [];
  for (const row of rowsOf(tokens, report)) {
    const instruction = readRow(row, report, calls);
    if (instruction !== undefined) program.push(instruction);
    if (stop()) break;
    if (program.length > MAX_INSTRUCTIONS) {
      report(row.fields[0]?.[0], `more than ${MAX_INSTRUCTIONS} instructions`);
      break;
    }
  }
  return program;
}

/** The one architecture that an array compares with; `undefined`: none, or several. */
function architectureIn(tokens: readonly Token[]): CallNumbers {
  const named = tokens.filter(({ text }) => text.startsWith('AUDIT_ARCH_')).map(({ text }) => text);
  const [only, ...others] = new Set(named);
  return only === undefined || others.length > 0 ? undefined : findArchitecture(only)?.name;
}

/** Refuses an array with lines of the preprocessor, which choose between rows. */
function checkConditions(text: string, tokens: readonly Token[], problems: ProblemList): void {
  const [first] = tokens;
  const last = tokens.at(-1);
  if (first === undefined || last === undefined) return;
  const found = /^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else|include)\b[^\n]*/m.exec(
    text.slice(first.at, last.at),
  );
  if (found === null) return;
  const place = placeOf(text, first.at + found.index);
  const message = `'${found[0].trim().slice(0, 40)}' within the array: what the compiler makes of it is not known here`;
  problems.add(place, 'bpf-syntax', message, 'give what cc -E makes of the file');
}

/** Refuses an array with fewer rows than its length: C would fill it with zeros, which nobody means. */
function checkWhole({ length, unclosed }: CArray, rows: number, report: Report): void {
  if (unclosed !== undefined) report(unclosed, 'this bracket is not closed: the end is missing');
  const digits = /^(?:0[xX][0-9a-fA-F]+|[1-9]\d*|0)/.exec(length?.text ?? '')?.[0];
  if (digits === undefined || Number(digits) === rows) return;
  const hint = 'copy the whole array';
  report(length, `the array has ${Number(digits)} instructions, ${rows} are here`, hint);
}

function addNoRows(problems: ProblemList): void {
  if (!problems.isEmpty()) return;
  const hint = 'rows are { 0x06, 0, 0, 0x7fff0000 }, BPF_STMT(code, k) or BPF_JUMP(code, k, jt, jf)';
  problems.add({ line: 1, column: 1 }, 'bpf-syntax', 'there are no rows of a sock_filter array here', hint);
}

type Report = (token: Token | undefined, message: string, hint?: string) => void;

interface CArray {
  readonly rows: readonly Token[];
  /** A length that is written as one number. */
  readonly length: Token | undefined;
  /** The bracket that opens it, if nothing closes it. */
  readonly unclosed: Token | undefined;
}

/** The tokens inside `sock_filter name[…] = { … }`; without such an array all tokens. */
function arrayOf(tokens: readonly Token[], report: Report): CArray {
  const found: CArray[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]?.text !== 'sock_filter') continue;
    let open = i + 1;
    while (open < tokens.length && !['=', ';', ',', ')', '{'].includes(tokens[open]?.text ?? '')) open += 1;
    if (tokens[open]?.text !== '=' || tokens[open + 1]?.text !== '{') continue;
    const close = closing(tokens, open + 1);
    const isNumber = tokens[open - 3]?.text === '[' && tokens[open - 1]?.text === ']';
    const unclosed = close === tokens.length ? tokens[open + 1] : undefined;
    const length = isNumber ? tokens[open - 2] : undefined;
    found.push({ rows: tokens.slice(open + 2, close), length, unclosed });
    if (found.length === 2) report(tokens[i], 'this is a second array; a program is read from one');
    i = close;
  }
  return found[0] ?? { rows: tokens, length: undefined, unclosed: undefined };
}

/** Index of the bracket that closes the one at `open`; the end if none does. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const text = tokens[i]?.text;
    if (text === '{' || text === '(') depth += 1;
    if (text === '}' || text === ')') depth -= 1;
    if (depth === 0) return i;
  }
  return tokens.length;
}

interface Row {
  readonly macro: 'BPF_STMT' | 'BPF_JUMP' | undefined;
  readonly start: Token | undefined;
  readonly fields: readonly (readonly Token[])[];
}

function* rowsOf(tokens: readonly Token[], report: Report): Generator<Row> {
  for (let i = 0; i < tokens.length; i++) {
    const text = tokens[i]?.text;
    const macro = text === 'BPF_STMT' || text === 'BPF_JUMP' ? text : undefined;
    const open = macro === undefined ? i : i + 1;
    const opener = tokens[open]?.text;
    if (macro === undefined ? opener !== '{' : opener !== '(') {
      i = skipBetween(tokens, i, report);
      continue;
    }
    const inner = tokens[open + 1]?.text ?? '';
    // Braces of an array can stand around its rows.
    if (macro === undefined && ['{', 'BPF_STMT', 'BPF_JUMP'].includes(inner)) continue;
    const close = closing(tokens, open);
    if (close === tokens.length) report(tokens[open], 'this bracket is not closed: the end is missing');
    yield { macro, start: tokens[i], fields: splitAtCommas(tokens.slice(open + 1, close)) };
    i = close;
  }
}

/** Passes what stands between rows, and reports what could be instructions; returns the last token passed. */
function skipBetween(tokens: readonly Token[], at: number, report: Report): number {
  const { text = '' } = tokens[at] ?? {};
  // `[3] = {…}` names the place of a row.
  if (text === '[' && tokens[at + 2]?.text === ']' && tokens[at + 3]?.text === '=') return at + 3;
  if ([',', '}', ';'].includes(text)) return at;
  const isCall = tokens[at + 1]?.text === '(';
  const hint = 'this is not a C compiler: give what cc -E makes of the file';
  const what = /^\w/.test(text) ? `the macro ${text} is not known here` : `cannot read '${text}' here`;
  report(tokens[at], what, /^\w/.test(text) ? hint : undefined);
  return isCall ? closing(tokens, at + 1) : at;
}

function splitAtCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const fields: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (token.text === ',' && depth === 0) fields.push([]);
    else fields.at(-1)?.push(token);
  }
  // C allows a comma after the last field.
  return fields.at(-1)?.length === 0 ? fields.slice(0, -1) : fields;
}

const orders = {
  BPF_STMT: ['code', 'k'],
  BPF_JUMP: ['code', 'k', 'jt', 'jf'],
  braces: ['code', 'jt', 'jf', 'k'],
} as const;

function readRow({ macro, start, fields }: Row, report: Report, calls: CallNumbers): SockFilter | undefined {
  const order: readonly (keyof SockFilter)[] = orders[macro ?? 'braces'];
  const isDesignated = macro === undefined && fields.length > 0 && fields.every(([dot]) => dot?.text === '.');
  if (fields.length > order.length || (fields.length < order.length && !isDesignated)) {
    report(start, `a row of ${fields.length} fields; ${macro ?? 'braces'} take ${order.join(', ')}`);
    return undefined;
  }
  const row = { code: 0, jt: 0, jf: 0, k: 0 };
  for (const [i, tokens] of fields.entries()) {
    const designator = tokens[0]?.text === '.' && tokens[2]?.text === '=' ? tokens[1]?.text : undefined;
    const named = order.find((key) => key === designator);
    const key = designator === undefined ? order[i] : named;
    const value = evaluate(designator === undefined ? tokens : tokens.slice(3), calls);
    if (key === undefined || 'problem' in value) {
      const problem =
        'problem' in value ? value : { problem: `there is no field ${designator}`, token: tokens[1] };
      report(problem.token ?? tokens[0] ?? start, problem.problem, problem.hint);
      return undefined;
    }
    if (value.value < 0 || value.value > FIELD_LIMITS[key]) {
      report(tokens[0], `${key} is ${value.value}, not in 0..${FIELD_LIMITS[key]}`);
      return undefined;
    }
    row[key] = value.value;
  }
  return row;
}
