/**
 * Constant expressions of C, as far as they occur in arrays of instructions.
 *
 * Precedence is C's: `*`, then `+ -`, `<< >>`, `&`, `^`, `|`. Values are kept as u32 where bits are joined.
 * @module
 */
import { actions } from '../abi/actions.ts';
import { type ArchName, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { auditArchByName, auditArchNames } from '../abi/audit-arch.ts';
import { errnoByName } from '../abi/errno.ts';
import { nearest } from '../abi/nearest-name.ts';
import { SECCOMP_DATA_ARGS, SECCOMP_DATA_INSTRUCTION_POINTER } from '../abi/seccomp-data.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';

export interface Token {
  readonly text: string;
  /** Offset into the text. */
  readonly at: number;
}

const TOKEN =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|^[ \t]*#[^\n]*|"(?:[^"\\\n]|\\.)*"|[A-Za-z_]\w*|0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|<<|>>|\S/gm;

/** Splits C text into tokens; comments and preprocessor lines are left out. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const [word] = match;
    if (word.startsWith('/*') || word.startsWith('//') || word.trimStart().startsWith('#')) continue;
    tokens.push({ text: word, at: match.index });
  }
  return tokens;
}

/** Linux 6.18 include/uapi/linux/bpf_common.h, filter.h. */
const bpfConstants: Readonly<Record<string, number>> = {
  BPF_LD: 0x00,
  BPF_LDX: 0x01,
  BPF_ST: 0x02,
  BPF_STX: 0x03,
  BPF_ALU: 0x04,
  BPF_JMP: 0x05,
  BPF_RET: 0x06,
  BPF_MISC: 0x07,
  BPF_W: 0x00,
  BPF_H: 0x08,
  BPF_B: 0x10,
  BPF_IMM: 0x00,
  BPF_ABS: 0x20,
  BPF_IND: 0x40,
  BPF_MEM: 0x60,
  BPF_LEN: 0x80,
  BPF_MSH: 0xa0,
  BPF_ADD: 0x00,
  BPF_SUB: 0x10,
  BPF_MUL: 0x20,
  BPF_DIV: 0x30,
  BPF_OR: 0x40,
  BPF_AND: 0x50,
  BPF_LSH: 0x60,
  BPF_RSH: 0x70,
  BPF_NEG: 0x80,
  BPF_MOD: 0x90,
  BPF_XOR: 0xa0,
  BPF_JA: 0x00,
  BPF_JEQ: 0x10,
  BPF_JGT: 0x20,
  BPF_JGE: 0x30,
  BPF_JSET: 0x40,
  BPF_K: 0x00,
  BPF_X: 0x08,
  BPF_A: 0x10,
  BPF_TAX: 0x00,
  BPF_TXA: 0x80,
};

const otherConstants: Readonly<Record<string, number>> = {
  SECCOMP_RET_KILL: actions.killThread.word,
  SECCOMP_RET_DATA: 0xffff,
  SECCOMP_RET_ACTION_FULL: 0xffff0000,
  SECCOMP_RET_ACTION: 0x7fff0000,
  __X32_SYSCALL_BIT: X32_SYSCALL_BIT,
  X32_SYSCALL_BIT,
};

const returnWords = new Map<string, number>(
  Object.values(actions).map(({ label, word }) => [`SECCOMP_RET_${label}`, word]),
);

function constantOf(name: string): number | undefined {
  if (Object.hasOwn(bpfConstants, name)) return bpfConstants[name];
  if (Object.hasOwn(otherConstants, name)) return otherConstants[name];
  return returnWords.get(name) ?? auditArchByName(name) ?? errnoByName(name);
}

interface Problem {
  readonly problem: string;
  readonly token?: Token | undefined;
  readonly hint?: string | undefined;
}

type Evaluated = { readonly value: number } | Problem;

/** How deep brackets may be nested. */
const MAX_DEPTH = 50;

const levels: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*']];

/** The architecture whose numbers `__NR_…` stands for; `undefined`: it is not known. */
export type CallNumbers = ArchName | undefined;

/** Evaluates an expression; a problem carries the token it is about. */
export function evaluate(tokens: readonly Token[], calls?: CallNumbers): Evaluated {
  const state = { tokens, next: 0, depth: 0, calls };
  const result = binary(state, 0);
  const extra = tokens[state.next];
  if ('problem' in result || extra === undefined) return result;
  return { problem: `cannot read '${extra.text}' here`, token: extra };
}

interface State {
  readonly tokens: readonly Token[];
  next: number;
  depth: number;
  readonly calls: CallNumbers;
}

function binary(state: State, level: number): Evaluated {
  const operators = levels[level];
  if (operators === undefined) return primary(state);
  let left = binary(state, level + 1);
  for (;;) {
    const operator = state.tokens[state.next]?.text ?? '';
    if ('problem' in left || !operators.includes(operator)) return left;
    state.next += 1;
    const right = binary(state, level + 1);
    if ('problem' in right) return right;
    left = { value: apply(operator, left.value, right.value) };
  }
}

function apply(operator: string, a: number, b: number): number {
  switch (operator) {
    case '|':
      return (a | b) >>> 0;
    case '^':
      return (a ^ b) >>> 0;
    case '&':
      return (a & b) >>> 0;
    case '<<':
      return b > 31 ? 0 : (a << b) >>> 0;
    case '>>':
      return b > 31 ? 0 : (a >>> 0) >>> b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    default:
      return a * b;
  }
}

function primary(state: State): Evaluated {
  const token = state.tokens[state.next];
  if (token === undefined) return { problem: 'a field is missing', token: state.tokens.at(-1) };
  state.next += 1;
  if (token.text === '(') return inBrackets(state, token);
  if (token.text === '~' || token.text === '-') {
    if (state.depth > MAX_DEPTH) return { problem: 'too many operators', token };
    state.depth += 1;
    const operand = primary(state);
    state.depth -= 1;
    if ('problem' in operand) return operand;
    return { value: (token.text === '~' ? ~operand.value : -operand.value) >>> 0 };
  }
  if (token.text === 'offsetof') return offsetOf(state, token);
  const digits = /^(0[xX][0-9a-fA-F]+|\d+)/.exec(token.text)?.[0];
  if (digits !== undefined) {
    return { value: /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits) };
  }
  if (CALL.test(token.text)) return callNumber(token, state.calls);
  const value = constantOf(token.text);
  return value === undefined ? unknown(token) : { value };
}

function inBrackets(state: State, open: Token): Evaluated {
  if (state.depth > MAX_DEPTH) return { problem: 'too many brackets', token: open };
  state.depth += 1;
  const inner = binary(state, 0);
  state.depth -= 1;
  if ('problem' in inner) return inner;
  if (state.tokens[state.next]?.text !== ')') return { problem: 'this bracket is not closed', token: open };
  state.next += 1;
  return inner;
}

const CALL = /^(?:__NR_|SYS_)(?=\w)/;

/** The number of `__NR_openat`; that depends on the architecture. */
function callNumber(token: Token, arch: CallNumbers): Evaluated {
  const name = token.text.replace(CALL, '');
  if (arch === undefined) {
    const hint = `say whose with --arch, or write the number: oci-seccomp syscalls ${name} prints it`;
    return { problem: `the number of ${token.text} depends on the architecture`, token, hint };
  }
  const value = directSyscallNumber(name, arch);
  return value === undefined ? { problem: `${arch} has no system call ${name}`, token } : { value };
}

function unknown(token: Token): Evaluated {
  const { text } = token;
  if (!/^[A-Za-z_]/.test(text)) return { problem: `cannot read '${text}' here`, token };
  const names = [
    ...Object.keys(bpfConstants),
    ...Object.keys(otherConstants),
    ...returnWords.keys(),
    ...auditArchNames,
  ];
  const near = nearest(text, names);
  return {
    problem: `unknown name ${text}`,
    token,
    hint: near === undefined ? undefined : `did you mean ${near}?`,
  };
}

/** Reads `offsetof(struct seccomp_data, args[1])`, with a number as the index. A `+ 4` behind it is part of the expression. */
function offsetOf(state: State, token: Token): Evaluated {
  const rest = state.tokens.slice(state.next, state.next + 9).map(({ text }) => text);
  const match =
    /^\( struct seccomp_data , (?:(nr|arch|instruction_pointer)|args \[ ([0-5]) \]) \)/.exec(
      rest.join(' '),
    ) ?? [];
  const [, field, argument] = match;
  if (argument !== undefined) {
    state.next += 9;
    return { value: SECCOMP_DATA_ARGS + 8 * Number(argument) };
  }
  if (field === undefined) return { problem: 'no field of struct seccomp_data', token };
  state.next += 6;
  return { value: field === 'nr' ? 0 : field === 'arch' ? 4 : SECCOMP_DATA_INSTRUCTION_POINTER };
}
