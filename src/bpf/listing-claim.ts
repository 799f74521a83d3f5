/**
 * What the text beside the columns of a listing says of an instruction. The program is read from the columns. A text that says
 * something else shows that one of the two was changed or damaged.
 *
 * Sources: the output of seccomp-tools 1.7.1, firejail 0.9.72 (fsec-print) and libseccomp 2.6.1 (scmp_bpf_disasm).
 * @module
 */
import { allArchitectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { auditArchByName } from '../abi/audit-arch.ts';
import { findArchitecture } from '../abi/find-architecture.ts';
import { parseSpelledAction } from '../abi/parse-action.ts';
import { SECCOMP_DATA_ARGS, SECCOMP_DATA_INSTRUCTION_POINTER } from '../abi/seccomp-data.ts';
import { allSyscallNames, directSyscallNumber } from '../abi/syscall-numbers.ts';
import { opcodeOf } from './opcodes.ts';
import type { SockFilter } from './program.ts';

/** Where an instruction stands, and how the listing writes numbers. */
export interface ListingStyle {
  /** Radix of line numbers and of targets. */
  readonly lines: 10 | 16;
  /** Whether columns and the text's numbers are hexadecimal without `0x`, as firejail prints them. */
  readonly bare: boolean;
  /** Halves of arguments are told apart only on little-endian machines. */
  readonly halves: boolean;
}

type Target = number | 'next' | undefined;

/** What a text claims; absent fields are not claimed. */
interface Claim {
  /** Codes the text can stand for. */
  readonly codes: readonly number[];
  readonly k?: ((k: number) => boolean) | undefined;
  /** Lines of the two targets; `next`: the one below. */
  readonly taken?: Target;
  /** Lines that a jump without comparison may lead to. */
  readonly jumpsTo?: readonly number[] | undefined;
  readonly otherwise?: Target;
}

type Groups = Readonly<Record<string, string | undefined>>;
type Row = readonly [pattern: RegExp, read: (groups: Groups, style: ListingStyle) => Claim | undefined];

const comparisons: Readonly<Record<string, number>> = {
  '==': 0x15,
  '!=': 0x15,
  '>': 0x25,
  '<=': 0x25,
  '>=': 0x35,
  '<': 0x35,
  '&': 0x45,
};
const assignments: Readonly<Record<string, number>> = {
  '+': 0x04,
  '-': 0x14,
  '*': 0x24,
  '/': 0x34,
  '|': 0x44,
  '&': 0x54,
  '<<': 0x64,
  '>>': 0x74,
  '^': 0xa4,
};
const BPF_X = 0x08;
const RETURNS = [0x06, 0x16];
/** A comparison whose targets are the same is printed as a jump. */
const JUMPS = [0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d];

/** The texts of all tools as patterns, and what each claims. A text that matches no pattern claims nothing. */
const rows: readonly Row[] = [
  [/^(?:return|ret) +(?<word>.+)$/, ({ word }, style) => returned(word ?? '', style)],
  [/^goto +(?<to>\d+)$/, ({ to }) => ({ codes: JUMPS, taken: Number(to), otherwise: Number(to) })],
  [/^jmp +(?<to>[0-9a-f]+)$/, ({ to }, style) => jump(to, style)],
  [
    /^if \((?<not>!\()?A (?<op>[=!<>]=|[<>&]) (?<value>[^()\s]+)\)?\) goto (?<to>\d+)(?: else goto (?<other>\d+))?$/,
    conditional,
  ],
  [
    /^(?<op>jeq|jgt|jge|jset) +(?<value>\S+) +(?:true:)?(?<to>[0-9a-f]{4,}) +(?:\(false |false:)(?<other>[0-9a-f]{4,})\)?$/,
    branch,
  ],
  [/^A = (?<field>sys_number|arch|instruction_pointer(?: >> 32)?|args\[[0-5]\](?: >> 32)?)$/, loaded],
  [/^(?<reg>[AX]) = mem\[(?<k>\d+)\]$/, ({ reg, k }) => at(reg === 'A' ? 0x60 : 0x61, k)],
  [/^mem\[(?<k>\d+)\] = (?<reg>[AX])$/, ({ reg, k }) => at(reg === 'A' ? 0x02 : 0x03, k)],
  [/^A = X$/, () => ({ codes: [0x87] })],
  [/^X = A$/, () => ({ codes: [0x07] })],
  [/^A = -A$/, () => ({ codes: [0x84] })],
  [/^A = (?<k>\d+)$/, ({ k }) => immediate(0x00, 0x80, k)],
  [/^X = (?<k>\d+)$/, ({ k }) => immediate(0x01, 0x81, k)],
  [/^A (?<op>[-+*/|&^]|<<|>>)= (?<value>X|0x[0-9a-f]+|\d+)$/, arithmetic],
  [/^(?<op>add|sub|mul|div|or|and|lsh|rsh|xor) +(?<value>(?:0x)?[0-9a-f]+)$/, named],
  [/^ld +data\.(?<field>architecture|syscall-number)$/, loaded],
  [/^ld +data\.args\[(?<k>[0-9a-f]+)\]$/, ({ k }) => ({ codes: [0x20], k: is(hex(k) + SECCOMP_DATA_ARGS) })],
  [/^ld +\$data\[(?<k>\d+)\]$/, ({ k }) => at(0x20, k)],
  [/^(?<op>ld|ldx|st|stx) +\$temp\[(?<k>\d+)\]$/, ({ op, k }) => at(scratch[op ?? ''] ?? 0, k)],
  [/^(?<op>tax|txa)$/, ({ op }) => ({ codes: [op === 'tax' ? 0x07 : 0x87] })],
];

const operations: Readonly<Record<string, number>> = {
  add: 0x04,
  sub: 0x14,
  mul: 0x24,
  div: 0x34,
  or: 0x44,
  and: 0x54,
  lsh: 0x64,
  rsh: 0x74,
  xor: 0xa4,
};
const scratch: Readonly<Record<string, number>> = { ld: 0x60, ldx: 0x61, st: 0x02, stx: 0x03 };
const branches: Readonly<Record<string, number>> = { jeq: 0x15, jgt: 0x25, jge: 0x35, jset: 0x45 };

/**
 * Compares an instruction with the text beside it.
 *
 * @param index - its place in the program
 * @returns what the columns say instead, to go on with after the text; `undefined`: they agree, or the text says nothing
 */
export function contradiction(
  instruction: SockFilter,
  index: number,
  text: string,
  style: ListingStyle,
): string | undefined {
  const said = text.replace(/\s+#.*$/, '').trim();
  for (const [pattern, read] of rows) {
    const match = pattern.exec(said);
    if (match === null) continue;
    const claim = read(match.groups ?? {}, style);
    return claim === undefined ? undefined : compare(claim, instruction, index);
  }
  return undefined;
}

function compare(claim: Claim, { code, jt, jf, k }: SockFilter, index: number): string | undefined {
  if (!claim.codes.includes(code)) {
    const name = opcodeOf(code)?.mnemonic;
    return `the code is 0x${code.toString(16).padStart(2, '0')}${name === undefined ? '' : ` (${name})`}`;
  }
  const [taken, otherwise] =
    code === 0x05 ? [index + 1 + k, index + 1 + k] : [index + 1 + jt, index + 1 + jf];
  const isElsewhere = claim.jumpsTo !== undefined && !claim.jumpsTo.includes(taken);
  if (isElsewhere || leadsElsewhere(claim.taken, taken, index)) return `the jump leads to line ${taken}`;
  if (leadsElsewhere(claim.otherwise, otherwise, index)) {
    return `the jump leads to line ${otherwise} if the comparison fails`;
  }
  return claim.k === undefined || claim.k(k) ? undefined : `K is 0x${k.toString(16).padStart(8, '0')}`;
}

function leadsElsewhere(claimed: Target, found: number, index: number): boolean {
  return claimed !== undefined && found !== (claimed === 'next' ? index + 1 : claimed);
}

function returned(word: string, { bare }: ListingStyle): Claim | undefined {
  if (word === 'A' || word === '$acc') return { codes: [0x16] };
  const spelled = parseSpelledAction(word);
  if (spelled === undefined) return { codes: RETURNS };
  const { action, data } = spelled;
  return {
    codes: [0x06],
    k: (k) => {
      const found = k & 0xffff0000;
      // fsec-print leaves out the highest bit, the one in which KILL_PROCESS and KILL_THREAD differ.
      const same = found >>> 0 === action.word || (bare && (found & 0x7fff0000) >>> 0 === action.word);
      return same && (data === undefined || data === (k & 0xffff));
    },
  };
}

/** fsec-print writes the target in hexadecimal, older ones in decimal. */
function jump(to: string | undefined, { bare }: ListingStyle): Claim {
  const targets = bare ? [hex(to), Number(to)] : [Number(to)];
  return { codes: [0x05], jumpsTo: targets };
}

/**
 * Reads a condition of seccomp-tools. `if (A == 5) goto 0007` continues in the next line if A is not 5. `if (A != 5) goto 0007` and
 * `if (!(A & 5)) goto 0007` jump if the comparison fails. There is an `else` if neither way leads to the next line.
 */
function conditional(
  { not, op = '', value = '', to, other }: Groups,
  style: ListingStyle,
): Claim | undefined {
  const code = comparisons[op];
  if (code === undefined) return undefined;
  const isNegated = not !== undefined || op === '!=' || op === '<' || op === '<=';
  const target = line(to, style);
  const away: Target = other === undefined ? 'next' : line(other, style);
  const targets = isNegated ? { taken: away, otherwise: target } : { taken: target, otherwise: away };
  return { codes: [value === 'X' ? code | BPF_X : code], ...operand(value, style), ...targets };
}

function branch({ op = '', value = '', to, other }: Groups, style: ListingStyle): Claim | undefined {
  const code = branches[op];
  if (code === undefined) return undefined;
  const targets = { taken: line(to, style), otherwise: line(other, style) };
  return { codes: [code, code | BPF_X], ...operand(value, style), ...targets };
}

const fields: Readonly<Record<string, number>> = {
  sys_number: 0,
  'syscall-number': 0,
  arch: 4,
  architecture: 4,
};

function loaded({ field = '' }: Groups, { halves }: ListingStyle): Claim {
  const fixed = fields[field];
  if (fixed !== undefined) return { codes: [0x20], k: is(fixed) };
  const argument = /\d/.exec(field)?.[0];
  const start =
    argument === undefined ? SECCOMP_DATA_INSTRUCTION_POINTER : SECCOMP_DATA_ARGS + 8 * Number(argument);
  const half = field.endsWith('>> 32') ? 4 : 0;
  return { codes: [0x20], k: (k) => (halves ? k === start + half : k === start || k === start + 4) };
}

function arithmetic({ op = '', value = '' }: Groups): Claim | undefined {
  const code = assignments[op];
  if (code === undefined) return undefined;
  return value === 'X' ? { codes: [code | BPF_X] } : { codes: [code], k: is(Number(value)) };
}

/** The operations of firejail's and libseccomp's listings; with X they print the unused K. */
function named({ op = '', value = '' }: Groups, { bare }: ListingStyle): Claim {
  const code = operations[op] ?? 0;
  return { codes: [code, code | BPF_X], k: is(bare ? hex(value) : Number(value)) };
}

/** `A = 64` is the constant, or the length of seccomp_data. */
function immediate(constant: number, length: number, k: string | undefined): Claim {
  const value = Number(k);
  return value === 64 ? { codes: [constant, length] } : { codes: [constant], k: is(value) };
}

function at(code: number, k: string | undefined): Claim {
  return { codes: [code], k: is(Number(k)) };
}

/** What a jump compares with: a number, an architecture, a call of any architecture. */
function operand(value: string, { bare }: ListingStyle): Pick<Claim, 'k'> {
  if (value === 'X') return {};
  if (value === 'X32_ABI') return { k: is(X32_SYSCALL_BIT) };
  if (/^ARCH_(?:32|64)$/.test(value)) return { k: is(value === 'ARCH_32' ? 0x40000003 : 0xc000003e) };
  const arch = value.startsWith('ARCH_') ? auditArchByName(`AUDIT_${value}`) : undefined;
  if (arch !== undefined) return { k: is(arch) };
  const [, prefix, name = ''] = /^(?:(\w+)\.)?([a-z_]\w*)$/.exec(value) ?? [];
  const numbers = callNumbers(name, prefix);
  if (numbers.length > 0) return { k: (k) => numbers.includes(k) };
  if (bare ? /^[0-9a-f]+$/.test(value) : /^(?:0x[0-9a-f]+|\d+)$/.test(value)) {
    return { k: is(bare ? hex(value) : Number(value)) };
  }
  return {};
}

/**
 * The numbers of a call on the architecture before its name, else on all. Tools have names of their own for some calls, so a name
 * that x86_64 does not have claims nothing.
 */
function callNumbers(name: string, prefix: string | undefined): readonly number[] {
  if (!allSyscallNames().includes(name)) return [];
  const arch = prefix === undefined ? undefined : findArchitecture(prefix)?.name;
  if (prefix === undefined ? directSyscallNumber(name, 'x86_64') === undefined : arch === undefined)
    return [];
  const names = arch === undefined ? allArchitectures.map((row) => row.name) : [arch];
  return names.flatMap((each) => {
    const nr = directSyscallNumber(name, each);
    if (nr === undefined) return [];
    // Programs may compare x32's numbers without their bit.
    return each === 'x32' ? [nr, nr & ~X32_SYSCALL_BIT] : [nr];
  });
}

function is(value: number): (k: number) => boolean {
  return (k) => k === value;
}

function hex(text: string | undefined): number {
  return Number.parseInt(text ?? '', 16);
}

function line(text: string | undefined, { lines }: ListingStyle): number {
  return Number.parseInt(text ?? '', lines);
}
