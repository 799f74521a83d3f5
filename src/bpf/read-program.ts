/**
 * A program in whatever form it comes: raw bytes of either byte order, base64, hexadecimal digits, a C array, our JSON,
 * our assembly, a listing that another tool printed. The form is told from the content; nothing is executed or looked up.
 * @module
 */
import {
  type Architecture,
  type ArchName,
  allArchitectures,
  architectures,
  type Endian,
} from '../abi/architectures.ts';
import { type ListingForm, listingForm } from '../abi/listing-form.ts';
import { nearest } from '../abi/nearest-name.ts';
import { byteOrder, type OptionKinds, oneOf, plainText, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import { assembleLines, endianOfText, MAX_INSTRUCTIONS } from './assemble.ts';
import { mnemonics, opcodeOf } from './opcodes.ts';
import { BPF_LD_W_ABS, decodeProgram, type Program, SOCK_FILTER_SIZE } from './program.ts';
import { readCProgram } from './read-c.ts';
import { readColumns } from './read-columns.ts';
import { readDecimal } from './read-decimal.ts';
import { decodeBase64, decodeHex, looksLikeBase64, looksLikeHex } from './read-encoded.ts';
import { readJsonProgram } from './read-json-program.ts';
import { readStrace } from './read-strace.ts';

/**
 * A form that programs are read in: raw bytes, these in base64 or hexadecimal digits, a C initializer, JSON, assembly;
 * `columns`, `strace` and `decimal` are listings of other tools.
 */
export type ProgramForm = 'raw' | 'base64' | 'hex' | 'c' | 'json' | 'asm' | ListingForm;

/** How a program is read. */
export interface ReadProgramOptions {
  /** What to call the input in messages: a path or `<stdin>`. Default: `<program>`. */
  readonly name?: string | undefined;
  /** The target's byte order, if known: wins over what the input says. */
  readonly endian?: Endian | undefined;
  /** Whose numbers `__NR_…` in C stand for; by default the architecture that the array compares with. */
  readonly arch?: ArchName | undefined;
}

const kinds: OptionKinds<ReadProgramOptions> = {
  name: plainText,
  endian: byteOrder,
  arch: oneOf(Object.keys(architectures)),
};

/** A program, and the form that it was read in. */
export interface ReadProgramResult {
  /** The instructions. */
  readonly program: Program;
  /** The byte order of the program's target. */
  readonly endian: Endian;
  /** The form that was found. */
  readonly form: ProgramForm;
  /** Of assembly and listings: the line of each instruction, from 1. */
  readonly lines?: readonly number[];
}

/** Bytes of raw input that are read, twice the kernel's limit. */
const MAX_RAW_SIZE = MAX_INSTRUCTIONS * SOCK_FILTER_SIZE;
/** The most bytes of input that are looked at, in any form. */
export const MAX_TEXT_SIZE = 4 * 1024 * 1024;

/** Reads a program. */
export function readProgram(bytes: Uint8Array, options: ReadProgramOptions = {}): ReadProgramResult {
  const taken = named(takeOptions('readProgram', options, kinds));
  const [first, ...others] = readSome(bytes, taken);
  if (first !== undefined && others.length === 0) return first;
  const lines = [first, ...others].map((each) => each?.lines?.[0]).join(', ');
  throw invalid(
    `${taken.name} shows ${others.length + 1} programs, which begin in the lines ${lines}`,
    'give one: copy its lines to a file of their own. explain, diff, subset, verify and disasm take all of them, as the filters of one process',
  );
}

/**
 * As {@link readProgram}, of a text that may show several programs: a listing of all filters of a process, oldest
 * first.
 */
export function readPrograms(
  bytes: Uint8Array,
  options: ReadProgramOptions = {},
): readonly ReadProgramResult[] {
  return readSome(bytes, named(takeOptions('readPrograms', options, kinds)));
}

type Named = ReadProgramOptions & { readonly name: string };

function named(options: ReadProgramOptions): Named {
  return { ...options, name: options.name ?? '<program>' };
}

function readSome(bytes: Uint8Array, options: Named): readonly ReadProgramResult[] {
  const read = readAll(bytes, options);
  if (read.some(({ program }) => program.length === 0)) throw invalid(`${options.name} has no instructions`);
  return read;
}

function readAll(bytes: Uint8Array, options: Named): readonly ReadProgramResult[] {
  const { name } = options;
  if (bytes.length === 0) throw invalid(`${name} is empty`);
  const text = bytes.length > MAX_TEXT_SIZE ? undefined : asText(bytes);
  if (text === undefined) return [{ ...decodeRaw(bytes, options), form: 'raw' }];
  if (text.trim() === '') throw invalid(`${name} is blank`);
  return readListing(text, options) ?? [readText(text, options)];
}

/** What an error says of a file that is not a program. */
export const PROGRAM_FORMS =
  'a program is read from raw bytes, base64, hexadecimal digits, a C array, JSON, assembly or a listing';

/** Reads what other tools print; `undefined` if the text is no such listing. */
function readListing(text: string, { name, endian }: Named): readonly ReadProgramResult[] | undefined {
  const form = isJson(text) ? undefined : listingForm(text);
  if (form === undefined) return undefined;
  if (form === 'decimal') {
    const program = readDecimal(text, name);
    return [{ program, endian: endian ?? guess(program), form }];
  }
  const listed = form === 'columns' ? readColumns(text, name) : readStrace(text, name);
  return listed.map(({ program, lines }) => ({ program, endian: endian ?? guess(program), form, lines }));
}

function isJson(text: string): boolean {
  return /^\s*[{[]\s*["{}\]]/.test(text) && !/^\s*\{\s*\{/.test(text);
}

function readText(text: string, options: Named): ReadProgramResult {
  const { name, endian, arch } = options;
  if (isJson(text)) {
    const read = readJsonProgram(text, name);
    return { program: read.program, endian: endian ?? read.endian ?? guess(read.program), form: 'json' };
  }
  // Assembly is looked for before base64: `tax` alone could be either.
  if (!looksLikeAssembly(text)) {
    if (/\bBPF_(STMT|JUMP)\s*\(|\bsock_filter\b|\{\s*(0x)?[0-9(]/.test(text)) {
      const program = readCProgram(text, name, arch);
      return { program, endian: endian ?? guess(program), form: 'c' };
    }
    if (looksLikeHex(text)) {
      return { ...decodeRaw(decodeHex(text, name), options, 'hexadecimal digits'), form: 'hex' };
    }
    if (looksLikeBase64(text)) {
      return { ...decodeRaw(decodeBase64(text, name), options, 'base64'), form: 'base64' };
    }
  }
  if (isMapping(text)) throw invalid(`${name} reads like YAML, not like a BPF program`, PROGRAM_FORMS);
  const order = endian ?? endianOfText(text);
  const { program, lines } = assembleLines(text, order === undefined ? { name } : { name, endian: order });
  return { program, endian: order ?? guess(program), form: 'asm', lines };
}

function invalid(message: string, hint?: string): OciSeccompError {
  return new OciSeccompError('ERR_BPF_INVALID', message, hint === undefined ? {} : { hint });
}

/** The bytes as text; `undefined` if no text has such bytes. Every program of real opcodes has a NUL. */
function asText(bytes: Uint8Array): string | undefined {
  for (const byte of bytes) {
    const isControl = byte < 0x20 && (byte < 0x09 || byte > 0x0d);
    if (isControl || byte === 0x7f) return undefined;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether the first word, apart from comments, numbers and labels, is a mnemonic or a directive. */
function looksLikeAssembly(text: string): boolean {
  const match = /^(?:\s*;[^\n]*\n)*\s*(?:\d+\s+)?(?:[A-Za-z_]\w*:\s*)*([.A-Za-z]\w*)/.exec(text);
  const word = match?.[1]?.toLowerCase() ?? '';
  return /^\s*;/.test(text) || word === '.word' || word === '.endian' || mnemonics.includes(word);
}

/** Whether a text begins with `key: value`: a label, and then a word that is not an instruction. */
function isMapping(text: string): boolean {
  const [, word] =
    /^(?:\s*#[^\n]*\n|---\s*\n|\s*\n)*(?:[A-Za-z_][\w.-]*:\s+)+([^\s:]+)(?!:)/.exec(text) ?? [];
  if (word === undefined || word.startsWith('.') || word.startsWith(';')) return false;
  return nearest(word, mnemonics, 1) === undefined;
}

function decodeRaw(
  bytes: Uint8Array,
  { name, endian }: Named,
  writtenAs?: string,
): Omit<ReadProgramResult, 'form'> {
  if (bytes.length > MAX_RAW_SIZE) {
    throw invalid(
      `${name} is ${bytes.length > MAX_TEXT_SIZE ? 'far ' : ''}too long for a program: more than ${MAX_RAW_SIZE} bytes`,
      'the kernel takes at most 4096 instructions of 8 bytes',
    );
  }
  const rest = bytes.length % SOCK_FILTER_SIZE;
  if (rest !== 0 || bytes.length === 0) {
    const whole = bytes.length - rest;
    const readAs = writtenAs === undefined ? '' : `, read as ${writtenAs},`;
    throw invalid(
      `${name}${readAs} ends too early: after byte ${whole} come ${rest} bytes, but an instruction has 8`,
      // Less than one instruction is probably no program at all: its forms are no help then.
      whole === 0 ? undefined : PROGRAM_FORMS,
    );
  }
  const order = endian ?? orderOf(bytes, name);
  return { program: decodeProgram(bytes, order), endian: order };
}

/**
 * Finds the byte order from the code fields. All opcodes are below 256, so one byte of the field is 0. The other one is not, except
 * for the rare opcode 0.
 */
function orderOf(bytes: Uint8Array, name: string): Endian {
  const count = bytes.length / SOCK_FILTER_SIZE;
  let little = 0;
  let big = 0;
  let neither = 0;
  for (let at = 0; at < bytes.length; at += SOCK_FILTER_SIZE) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    if (first === 0 && second === 0) continue;
    if (second === 0 && opcodeOf(first) !== undefined) little += 1;
    else if (first === 0 && opcodeOf(second) !== undefined) big += 1;
    else neither += 1;
  }
  const isMostlyCode = neither * 2 <= count;
  if (little > 0 && big === 0 && isMostlyCode) return 'little';
  if (big > 0 && little === 0 && isMostlyCode) return 'big';
  if (!isMostlyCode) {
    const message = `${name} is not a BPF program: ${neither} of its ${count} instruction words have no known operation`;
    throw invalid(
      message,
      'to see it anyway, give its byte order: oci-seccomp disasm FILE --endian little, or big',
    );
  }
  const seen =
    little + big === 0
      ? 'no instruction shows it'
      : `${little} instructions look little-endian, ${big} big-endian`;
  throw invalid(
    `the byte order of ${name} is not clear: ${seen}`,
    'disasm, asm, decompile and simulate take it: --endian little, or big',
  );
}

const orders = new Map<number, Architecture>(allArchitectures.map((row) => [row.auditArch, row]));

/** The byte order of the architectures a program compares with; little where it names none or both kinds. */
function guess(program: Program): Endian {
  const found = new Set<Endian>();
  let isArch = false;
  for (const { code, k } of program) {
    if (code === BPF_LD_W_ABS) isArch = k === 4;
    const endian = isArch && (code & 0x0f) === 0x05 ? orders.get(k)?.endian : undefined;
    if (endian !== undefined) found.add(endian);
  }
  return found.size === 1 && found.has('big') ? 'big' : 'little';
}
