/**
 * Programs as C: an array of `struct sock_filter`, its rows as `{ code, jt, jf, k }`, `BPF_STMT(code, k)` or
 * `BPF_JUMP(code, k, jt, jf)`. Not a compiler: fields are constants of the kernel's headers and numbers, joined by
 * `| & + - * <<` and parentheses. `#define` and syscall numbers (`__NR_read`) are not known here.
 *
 * Source of the macros: Linux 6.18 include/uapi/linux/filter.h.
 * @module
 */
import { MAX_INSTRUCTIONS } from './assemble.ts';
import { evaluate, type Token, tokenize } from './c-expression.ts';
import type { Program, SockFilter } from './program.ts';
import { type ProblemList, placeOf, problemList } from './text-problem.ts';

/**
 * Reads the one array of instructions in a C text, or bare rows.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID` with every problem of the text, each with its place, in `details.problems`
 */
export function readCProgram(text: string, name: string): Program {
  const problems = problemList(name);
  const tokens = tokenize(text);
  const report = (token: Token | undefined, message: string, hint?: string): void =>
    problems.add(placeOf(text, token?.at ?? text.length), 'bpf-syntax', message, hint);
  const program: SockFilter[] = [];
  for (const row of rowsOf(arrayOf(tokens, report))) {
    const instruction = readRow(row, report);
    if (instruction !== undefined) program.push(instruction);
    if (problems.isFull()) break;
    if (program.length > MAX_INSTRUCTIONS) {
      report(row.fields[0]?.[0], `more than ${MAX_INSTRUCTIONS} instructions`);
      break;
    }
  }
  if (program.length === 0) addNoRows(problems);
  problems.throwIfAny('C array');
  return program;
}

function addNoRows(problems: ProblemList): void {
  if (!problems.isEmpty()) return;
  const hint = 'rows are { 0x06, 0, 0, 0x7fff0000 }, BPF_STMT(code, k) or BPF_JUMP(code, k, jt, jf)';
  problems.add({ line: 1, column: 1 }, 'bpf-syntax', 'there are no rows of a sock_filter array here', hint);
}

type Report = (token: Token | undefined, message: string, hint?: string) => void;

/** The tokens inside `sock_filter name[…] = { … }`; without such an array all tokens. */
function arrayOf(tokens: readonly Token[], report: Report): readonly Token[] {
  const found: (readonly Token[])[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]?.text !== 'sock_filter') continue;
    let open = i + 1;
    while (open < tokens.length && !['=', ';', ',', ')', '{'].includes(tokens[open]?.text ?? '')) open += 1;
    if (tokens[open]?.text !== '=' || tokens[open + 1]?.text !== '{') continue;
    const close = closing(tokens, open + 1);
    found.push(tokens.slice(open + 2, close));
    if (found.length === 2) report(tokens[i], 'this is a second array; a program is read from one');
    i = close;
  }
  return found[0] ?? tokens;
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

function* rowsOf(tokens: readonly Token[]): Generator<Row> {
  for (let i = 0; i < tokens.length; i++) {
    const text = tokens[i]?.text;
    const macro = text === 'BPF_STMT' || text === 'BPF_JUMP' ? text : undefined;
    const open = macro === undefined ? i : i + 1;
    const opener = tokens[open]?.text;
    if (macro === undefined ? opener !== '{' : opener !== '(') continue;
    const inner = tokens[open + 1]?.text ?? '';
    // Around rows there can be braces of an array.
    if (macro === undefined && ['{', 'BPF_STMT', 'BPF_JUMP'].includes(inner)) continue;
    const close = closing(tokens, open);
    yield { macro, start: tokens[i], fields: splitAtCommas(tokens.slice(open + 1, close)) };
    i = close;
  }
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
  // A comma after the last field is C's right.
  return fields.at(-1)?.length === 0 ? fields.slice(0, -1) : fields;
}

const orders = {
  BPF_STMT: ['code', 'k'],
  BPF_JUMP: ['code', 'k', 'jt', 'jf'],
  braces: ['code', 'jt', 'jf', 'k'],
} as const;
const limits = { code: 0xffff, jt: 0xff, jf: 0xff, k: 0xffffffff } as const;

function readRow({ macro, start, fields }: Row, report: Report): SockFilter | undefined {
  const order: readonly (keyof SockFilter)[] = orders[macro ?? 'braces'];
  if (fields.length !== order.length) {
    report(start, `a row of ${fields.length} fields; ${macro ?? 'braces'} take ${order.join(', ')}`);
    return undefined;
  }
  const row = { code: 0, jt: 0, jf: 0, k: 0 };
  for (const [i, tokens] of fields.entries()) {
    const designator = tokens[0]?.text === '.' && tokens[2]?.text === '=' ? tokens[1]?.text : undefined;
    const named = order.find((key) => key === designator);
    const key = designator === undefined ? order[i] : named;
    const value = evaluate(designator === undefined ? tokens : tokens.slice(3));
    if (key === undefined || 'problem' in value) {
      const problem =
        'problem' in value ? value : { problem: `there is no field ${designator}`, token: tokens[1] };
      report(problem.token ?? tokens[0] ?? start, problem.problem, problem.hint);
      return undefined;
    }
    if (value.value < 0 || value.value > limits[key]) {
      report(tokens[0], `${key} is ${value.value}, not in 0..${limits[key]}`);
      return undefined;
    }
    row[key] = value.value;
  }
  return row;
}
