/**
 * One line of assembly: `[number] [label:] mnemonic [operands] [{unused fields}] [; comment]`.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { nearest } from '../abi/nearest-name.ts';
import { actionForms } from '../abi/parse-action.ts';
import { parseNumber } from '../abi/parse-number.ts';
import { fieldOffset } from './data-fields.ts';
import { mnemonics, type Opcode, type OperandShape, opcodeByText, opcodes, usesOf } from './opcodes.ts';
import { parseSymbol } from './parse-symbol.ts';
import { FIELD_LIMITS, type SockFilter } from './program.ts';
import type { ProblemList } from './text-problem.ts';

/** A piece of a line and where it begins, from 1. */
interface Piece {
  readonly text: string;
  readonly column: number;
}

export type TargetText = Piece;

export interface ParsedLine {
  /** From 1. */
  readonly line: number;
  readonly number: { readonly value: number; readonly column: number } | undefined;
  readonly labels: readonly Piece[];
  readonly hasInstruction: boolean;
  /** Complete except for the targets. */
  readonly instruction: SockFilter;
  readonly targets: readonly TargetText[];
  readonly isBranch: boolean;
}

const HEAD = /^(\s*)(?:([0-9]+)(?=\s|$)\s*)?/;
const LABEL = /^([A-Za-z_]\w*)\s*:\s*/;
const NOTHING: SockFilter = { code: 0, jt: 0, jf: 0, k: 0 };

/** Parses a line; `undefined` for an empty one, a comment, or one with a problem that was added to the list. */
export function parseLine(
  content: string,
  line: number,
  endian: Endian,
  problems: ProblemList,
): ParsedLine | undefined {
  const comment = content.indexOf(';');
  const code = (comment === -1 ? content : content.slice(0, comment)).trimEnd();
  if (code.trim() === '' || /^\s*\.endian\s+(little|big)$/.test(code)) return undefined;
  const head = HEAD.exec(code);
  const number =
    head?.[2] === undefined ? undefined : { value: Number(head[2]), column: (head[1]?.length ?? 0) + 1 };
  let at = head?.[0].length ?? 0;
  const labels: Piece[] = [];
  for (let label = LABEL.exec(code.slice(at)); label !== null; label = LABEL.exec(code.slice(at))) {
    labels.push({ text: label[1] ?? '', column: at + 1 });
    at += label[0].length;
  }
  const base = { line, number, labels };
  if (at >= code.length) {
    if (labels.length > 0 && number === undefined) {
      return { ...base, hasInstruction: false, instruction: NOTHING, targets: [], isBranch: false };
    }
    problems.add({ line, column: 1 }, 'bpf-syntax', 'a line number without an instruction');
    return undefined;
  }
  const rest = { text: code.slice(at), column: at + 1 };
  const body = parseInstruction(rest, { line, endian, problems });
  // An empty instruction in its place keeps the numbers of later lines right, so problems there are found.
  return {
    ...base,
    hasInstruction: true,
    ...(body ?? { instruction: NOTHING, targets: [], isBranch: false }),
  };
}

interface Context {
  readonly line: number;
  readonly endian: Endian;
  readonly problems: ProblemList;
}

type Body = Pick<ParsedLine, 'instruction' | 'targets' | 'isBranch'>;

function parseInstruction(rest: Piece, context: Context): Body | undefined {
  const { line, problems } = context;
  const word = /^\S+/.exec(rest.text)?.[0] ?? '';
  const mnemonic = word.toLowerCase();
  const operands = trimmed({ text: rest.text.slice(word.length), column: rest.column + word.length });
  if (mnemonic === '.word') return parseWordDirective(operands, context);
  if (!mnemonics.includes(mnemonic)) {
    const near = nearest(word, mnemonics, 2);
    const hint = near === undefined ? `there are ${mnemonics.join(', ')}` : `did you mean ${near}?`;
    problems.add({ line, column: rest.column }, 'bpf-mnemonic', `unknown instruction '${word}'`, hint);
    return undefined;
  }
  const unusedAt = operands.text.indexOf('{');
  const main = trimmed({
    ...operands,
    text: unusedAt === -1 ? operands.text : operands.text.slice(0, unusedAt),
  });
  const parts = splitAtCommas(main);
  const shape = shapeOf(mnemonic, parts[0]?.text ?? '');
  const opcode = opcodeByText(mnemonic, shape);
  if (opcode === undefined) {
    const given =
      parts[0] === undefined ? `${mnemonic} needs an operand` : `${mnemonic} takes no '${main.text}'`;
    problems.add({ line, column: main.column }, 'bpf-operand', given, formsOf(mnemonic));
    return undefined;
  }
  const unused =
    unusedAt === -1
      ? {}
      : parseUnused(
          { text: operands.text.slice(unusedAt), column: operands.column + unusedAt },
          opcode,
          context,
        );
  return unused === undefined ? undefined : withOperands(opcode, parts, main.column, unused, context);
}

/** The form that an operand is written in, even if the mnemonic does not take it. */
function shapeOf(mnemonic: string, first: string): OperandShape {
  const isBranch = opcodeByText(mnemonic, 'branch') !== undefined;
  if (opcodeByText(mnemonic, 'jump') !== undefined) return 'jump';
  if (isBranch) return /^x$/i.test(first) ? 'branchX' : 'branch';
  if (first === '') return 'none';
  if (/^x$/i.test(first)) return 'x';
  if (/^a$/i.test(first)) return 'a';
  if (/^len$/i.test(first)) return 'length';
  if (/^m\[/i.test(first)) return 'scratch';
  if (/^\[\s*x\s*\+/i.test(first)) return 'indirect';
  if (first.startsWith('[')) return 'field';
  return first.startsWith('4') && first.includes('*') ? 'header' : 'constant';
}

const shapeForms = {
  field: '[nr], [arch], [args[0].lo] or [16]',
  indirect: '[x+4]',
  header: '4*([0]&0xf)',
  constant: '#0x10',
  scratch: 'M[0]..M[15]',
  length: 'len',
  x: 'x',
  a: 'a',
  jump: 'a target',
  branch: '#0x10, THEN, ELSE (ELSE: default the next line)',
  branchX: 'x, THEN, ELSE',
  none: 'nothing',
} as const satisfies Record<OperandShape, string>;

function formsOf(mnemonic: string): string {
  const shapes = opcodes
    .filter((row) => row.mnemonic === mnemonic && row.seccomp)
    .map(({ shape }) => shapeForms[shape]);
  return shapes.length === 0
    ? 'seccomp has no such instruction'
    : `${mnemonic} takes ${shapes.join('; or ')}`;
}

type Unused = Partial<Pick<SockFilter, 'jt' | 'jf' | 'k'>>;

function withOperands(
  opcode: Opcode,
  parts: readonly Piece[],
  column: number,
  unused: Unused,
  context: Context,
): Body | undefined {
  const { line, problems } = context;
  const { mnemonic, shape, code } = opcode;
  const isBranch = shape === 'branch' || shape === 'branchX';
  const wanted = isBranch ? 3 : shape === 'none' ? 0 : 1;
  const [first, ...targets] = parts;
  const isFine = parts.length === wanted || (isBranch && parts.length === 2);
  if (!isFine) {
    problems.add(
      { line, column },
      'bpf-operand',
      `${mnemonic} with ${parts.length} operands`,
      formsOf(mnemonic),
    );
    return undefined;
  }
  const instruction = { code, jt: 0, jf: 0, k: 0, ...unused };
  if (shape === 'jump') return { instruction, targets: parts, isBranch };
  if (!usesOf(shape).k || first === undefined) return { instruction, targets, isBranch };
  const k = parseOperand(shape, first.text, context.endian, mnemonic === 'ret');
  if (k !== undefined) return { instruction: { ...instruction, k }, targets, isBranch };
  const hint = mnemonic === 'ret' ? `actions are ${actionForms}; numbers #0..#0xffffffff` : hints[shape];
  problems.add(
    { line, column: first.column },
    'bpf-operand',
    `cannot read the operand '${first.text}'`,
    hint,
  );
  return undefined;
}

const hints: Readonly<Partial<Record<OperandShape, string>>> = {
  field: 'fields are nr, arch, instruction_pointer.lo, .hi and args[0].lo, .hi to args[5]; or an offset',
  constant:
    'constants are numbers after #, #0..#0xffffffff, AUDIT_ARCH_* names and actions; system calls are numbers here',
  branch:
    'constants are numbers after #, #0..#0xffffffff, AUDIT_ARCH_* names and actions; system calls are numbers here',
  scratch: 'scratch words are M[0] to M[15]',
};

function parseOperand(
  shape: OperandShape,
  text: string,
  endian: Endian,
  isReturn: boolean,
): number | undefined {
  if (shape === 'constant' || shape === 'branch') {
    if (text.startsWith('#')) return parseSymbol(text.slice(1).trim());
    // Names need no #, numbers do: a bare number in a branch could be meant as a target.
    return isReturn || /^[A-Z]/.test(text) ? parseSymbol(text) : undefined;
  }
  const inside = insides[shape]?.exec(text)?.[1]?.trim();
  if (inside === undefined) return undefined;
  const number = parseNumber(inside);
  if (number !== undefined) return number <= FIELD_LIMITS.k ? number : undefined;
  return shape === 'field' ? fieldOffset(inside, endian) : undefined;
}

const insides: Readonly<Partial<Record<OperandShape, RegExp>>> = {
  field: /^\[(.+)\]$/,
  scratch: /^m\[(.+)\]$/i,
  indirect: /^\[\s*x\s*\+(.+)\]$/i,
  header: /^4\s*\*\s*\(\s*\[(.+)\]\s*&\s*0xf\s*\)$/i,
};

/** `{jt 1, jf 2, k 0x8}`: fields the instruction does not use. */
function parseUnused({ text, column }: Piece, { shape }: Opcode, context: Context): Unused | undefined {
  const { line, problems } = context;
  const uses = usesOf(shape);
  const fields: { jt?: number; jf?: number; k?: number } = {};
  const inner = /^\{(.*)\}$/.exec(text)?.[1];
  const parts = inner === undefined ? [] : inner.split(',');
  for (const part of parts) {
    const [, name, digits = ''] = /^\s*(jt|jf|k)\s+(\S+)\s*$/.exec(part) ?? [];
    const value = parseNumber(digits);
    const isFree = name === 'k' ? !uses.k : name !== undefined && !uses.jumps;
    if ((name === 'jt' || name === 'jf' || name === 'k') && isFree) {
      if (value !== undefined && value <= FIELD_LIMITS[name]) {
        fields[name] = value;
        continue;
      }
    }
    problems.add(
      { line, column },
      'bpf-operand',
      `'${part.trim()}' is not an unused field of this instruction`,
    );
    return undefined;
  }
  if (inner !== undefined) return fields;
  problems.add({ line, column }, 'bpf-syntax', 'unused fields are written {jt 1, jf 2, k 0x8}');
  return undefined;
}

function parseWordDirective(operands: Piece, { line, problems }: Context): Body | undefined {
  const values = splitAtCommas(operands).map(({ text }) => parseNumber(text));
  const [code, jt, jf, k] = values;
  if (values.length === 4 && code !== undefined && jt !== undefined && jf !== undefined && k !== undefined) {
    const isInRange =
      code <= FIELD_LIMITS.code && jt <= FIELD_LIMITS.jt && jf <= FIELD_LIMITS.jf && k <= FIELD_LIMITS.k;
    if (isInRange) return { instruction: { code, jt, jf, k }, targets: [], isBranch: false };
  }
  const hint = '.word CODE, JT, JF, K: u16, u8, u8, u32';
  problems.add(
    { line, column: operands.column },
    'bpf-operand',
    `cannot read the word '${operands.text}'`,
    hint,
  );
  return undefined;
}

function trimmed({ text, column }: Piece): Piece {
  const start = text.length - text.trimStart().length;
  return { text: text.trim(), column: column + start };
}

/** Splits operands; no operand has a comma in it. */
function splitAtCommas({ text, column }: Piece): readonly Piece[] {
  if (text === '') return [];
  let at = 0;
  return text.split(',').map((part) => {
    const piece = trimmed({ text: part, column: column + at });
    at += part.length + 1;
    return piece;
  });
}
