/**
 * Values of system call arguments by their C names, per architecture: `AF_INET`, `CLONE_NEWUSER|CLONE_NEWNS`.
 *
 * A name is never guessed: where an architecture lacks it, or an argument has no field in argument-names/fields.ts,
 * values are plain numbers.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { type ArchName, architectures } from './architectures.ts';
import {
  type ArgumentField,
  type ArgumentPlace,
  argumentField,
  candidateFields,
  holds,
  rowsOf,
  widthOf,
} from './argument-fields.ts';
import { namesOf } from './argument-names/name-sets.ts';
import { nearest } from './nearest-name.ts';
import { U32_MAX, U64_MAX } from './operators.ts';
import { isSyscallName } from './syscall-numbers.ts';
import { type Parameter, syscallSignature } from './syscall-signatures.ts';

/** Numbers below are printed in decimal: counts, descriptors, families. */
const DECIMAL_BELOW = 4096n;
/** So many names are listed in a hint before it says how many more there are. */
const LISTED_NAMES = 12;

/** Their registers have 64 bits: `sync_file_range` and others are the same calls there. Linux 6.18 syscall_64.tbl, syscall_n32.tbl. */
const wideRegisters: readonly ArchName[] = ['x32', 'mips64n32', 'mipsel64n32'];

/** On 32-bit ABIs a 64-bit parameter takes two arguments. It and those behind it then have other indices, which differ by ABI. */
export function isShifted(signature: readonly Parameter[], index: number, arch: ArchName): boolean {
  const split = signature.findIndex(({ type }) => type === 'loff_t');
  return architectures[arch].bits === 32 && !wideRegisters.includes(arch) && split >= 0 && index >= split;
}

/**
 * Finds a parameter's name: the man page's where the argument has a field, else the kernel's.
 *
 * @returns `undefined` if it is not known, or the call has no such argument
 */
export function argumentName(syscall: string, index: number, arch: ArchName = 'x86_64'): string | undefined {
  const rows = rowsOf(syscall, index);
  const row = rows.find((each) => holds(each, arch));
  if (row !== undefined) return row.name;
  const signature = syscallSignature(syscall) ?? [];
  // If only other architectures have a field for this argument, it is another parameter here.
  return rows.length > 0 || isShifted(signature, index, arch) ? undefined : signature[index]?.name;
}

function describePlace({ syscall, index, arch }: ArgumentPlace): string {
  const name = argumentName(syscall, index, arch);
  return `argument ${index}${name === undefined ? '' : ` (${name})`} of ${syscall}`;
}

/** @param isFlag - without those that exclude each other */
function namesFor({ names, enumNames }: ArgumentField, isFlag: boolean): readonly string[] {
  return [...names.keys()].filter((name) => !isFlag || !enumNames.has(name));
}

function listNames(field: ArgumentField, isFlag: boolean): string {
  const names = namesFor(field, isFlag);
  const listed = names.slice(0, LISTED_NAMES).join(', ');
  return names.length > LISTED_NAMES ? `${listed} and ${names.length - LISTED_NAMES} more` : listed;
}

function usageError(text: string, place: ArgumentPlace, problem: string, hint: string): OciSeccompError {
  const { syscall, index, arch } = place;
  return new OciSeccompError('ERR_USAGE', problem, { hint, details: { text, syscall, index, arch } });
}

function parseNumber(word: string, text: string, place: ArgumentPlace): bigint | undefined {
  if (!/^-?\d/.test(word)) return undefined;
  if (/^-?0\d/.test(word)) {
    const hint = `write 0o${word.replace(/^-?0+/, '')} for octal, or leave the zero out`;
    throw usageError(text, place, `${word} could be octal or decimal`, hint);
  }
  const digits = word.replace(/^-/, '');
  if (!/^(?:\d+|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.test(digits)) {
    throw usageError(text, place, `${word} is not a number`, 'write it as 40, -1, 0x28 or 0o50');
  }
  const value = digits === word ? BigInt(word) : -BigInt(digits);
  if (value > U64_MAX || value < -(2n ** 63n)) {
    throw usageError(text, place, `${word} does not fit into 64 bits`, 'give a number from -2^63 to 2^64-1');
  }
  return inRegister(value, place.arch);
}

/**
 * A number as a register holds it. On 32-bit architectures a negative one has 32 bits; a positive one may have more: 64-bit
 * code that enters by `int 0x80` is seen as x86 with all of its registers.
 *
 * @param value - -2^63..2^64-1
 */
export function inRegister(value: bigint, arch: ArchName): bigint {
  const bits = value < 0n && value >= -(2n ** 31n) ? architectures[arch].bits : 64;
  return BigInt.asUintN(bits, value);
}

function howToJoin(word: string, isFlag: boolean): string | undefined {
  if (/^(any|all|none)\b/i.test(word)) {
    return 'write any:FLAG,FLAG or all:FLAG,FLAG or none:FLAG,FLAG, in lower case, as one word';
  }
  if (!/\w[,+]/.test(word)) return undefined;
  return isFlag
    ? 'write the flags with a comma between: any:FLAG,FLAG'
    : 'join names by | for exactly these bits; any:FLAG,FLAG stands for all values with one of the flags';
}

function unknownName(
  word: string,
  text: string,
  place: ArgumentPlace,
  fields: readonly ArgumentField[],
  isFlag: boolean,
): OciSeccompError {
  const where = describePlace(place);
  const [field] = fields;
  if (field === undefined) {
    if (isSyscallName(word)) {
      const hint = 'a question is about one call: ask again for the other';
      return usageError(text, place, `${word} is a system call, not a value of ${where}`, hint);
    }
    const pointer = syscallSignature(place.syscall)?.[place.index]?.pointer === true;
    const hint = pointer
      ? 'it is a pointer: a filter sees the address, never what is stored there'
      : 'give a number: 40, -1, 0x28 or 0o50';
    return usageError(text, place, `${where} has no named values, so ${word} means nothing there`, hint);
  }
  const elsewhere = rowsOf(place.syscall, place.index)
    .flatMap((row) => row.sets)
    .map(namesOf)
    .some(({ values, differs = [] }) =>
      [values, ...differs.map((each) => each.values)].some((v) => word in v),
    );
  if (elsewhere) {
    const hint = 'give the number if you know it';
    return usageError(text, place, `${word} has no value for ${where} on ${place.arch}`, hint);
  }
  const near = nearest(
    word,
    fields.flatMap((each) => namesFor(each, isFlag)),
  );
  const [one, many] = isFlag ? ['flag', 'flags'] : ['value', 'names'];
  const hint =
    howToJoin(word, isFlag) ??
    `${near === undefined ? '' : `did you mean ${near}? `}its ${many} are ${listNames(field, isFlag)}; a number works too`;
  return usageError(text, place, `${word} is not a ${one} of ${where}`, hint);
}

/** The field of several that knows all of the names, else the first. */
function chooseField(words: readonly string[], fields: readonly ArgumentField[]): ArgumentField | undefined {
  const knowsAll = ({ names }: ArgumentField): boolean =>
    words.every((word) => /^-?\d/.test(word) || names.has(word));
  return fields.find(knowsAll) ?? fields[0];
}

/**
 * Reads an argument's value as people write it: `40`, `-1`, `0x28`, `0o644`, `AF_VSOCK`, `CLONE_NEWUSER|SIGCHLD`.
 *
 * A negative decimal is the two's complement in as many bits as a `long` has. A name with a negative value has as many
 * bits as the kernel reads: `AT_FDCWD` is 0xffffff9c, since the descriptor is an `int` and C libraries pass one.
 * If the field depends on an argument that is not given, a name of any possible field is taken.
 *
 * @param isFlag - for errors: the word is to be a flag, so what excludes others is not offered
 * @returns 0..2^64-1
 * @throws ERR_USAGE if it is no number that fits, no name of this argument on this architecture, or joins names of
 *   which only one is possible
 */
export function parseArgument(text: string, place: ArgumentPlace, isFlag = false): bigint {
  const words = text.split('|').map((word) => word.trim());
  const fields = candidateFields(place);
  const field = chooseField(words, fields);
  let value = 0n;
  let one: string | undefined;
  for (const word of words) {
    if (word === '') {
      const what = text.trim() === '' ? 'is empty' : `has nothing on one side of a | in "${text}"`;
      throw usageError(text, place, `${describePlace(place)} ${what}`, 'give a number or names joined by |');
    }
    const named = field?.names.get(word);
    if (named !== undefined && field?.enumNames.has(word) === true) {
      if (one !== undefined && one !== word) {
        const hint = 'give one of them, or a number';
        throw usageError(
          text,
          place,
          `${one} and ${word} exclude each other in ${describePlace(place)}`,
          hint,
        );
      }
      one = word;
    }
    const part = named ?? parseNumber(word, text, place);
    if (part === undefined) throw unknownName(word, text, place, fields, isFlag);
    value |= part;
  }
  return value;
}

function formatNumber(value: bigint, octal: boolean): string {
  if (octal) return value < 8n ? value.toString() : `0o${value.toString(8)}`;
  return value < DECIMAL_BELOW ? value.toString() : `0x${value.toString(16)}`;
}

function bitCount(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}

/** Splits bits into names. Names of several bits are tried first: `O_SYNC` before `O_DSYNC`. */
function splitFlags(value: bigint, field: ArgumentField): { names: readonly string[]; rest: bigint } {
  const flags: { readonly name: string; readonly bits: bigint }[] = [];
  field.names.forEach((bits, name) => {
    // A name with a bit that the value lacks is not in it.
    if (bits !== 0n && (value & bits) === bits && !field.enumNames.has(name)) flags.push({ name, bits });
  });
  const found = new Set<string>();
  let rest = value;
  for (const { name, bits } of flags.toSorted((a, b) => bitCount(b.bits) - bitCount(a.bits))) {
    if ((rest & bits) !== bits) continue;
    found.add(name);
    rest &= ~bits;
  }
  return { names: flags.map(({ name }) => name).filter((name) => found.has(name)), rest };
}

function enumName(value: bigint, field: ArgumentField): string | undefined {
  for (const name of field.enumNames) if (field.names.get(name) === value) return name;
  return undefined;
}

/** The lower half of an `int` that was passed sign-extended; any other value as it is. */
function dropSignExtension(value: bigint, { syscall, index, arch }: ArgumentPlace): bigint {
  const low = value & U32_MAX;
  const extended = BigInt.asUintN(64, BigInt.asIntN(32, low));
  return widthOf(syscall, index, arch) === 32 && value === extended ? low : value;
}

/** The names in a value and the number that is left, joined by `|`; `undefined` if nothing in it has a name. */
function nameValue(value: bigint, field: ArgumentField): string | undefined {
  if (value === 0n) {
    return [...field.names].find(
      ([name, bits]) => bits === 0n && (field.kind === 'flags' || field.enumNames.has(name)),
    )?.[0];
  }
  const whole = enumName(value, field);
  if (whole !== undefined) return whole;
  if (field.kind === 'enum') return undefined;
  const inEnum = value & field.enumMask;
  const one = field.kind === 'enum+flags' ? enumName(inEnum, field) : undefined;
  const { names, rest } = splitFlags(value & ~field.enumMask, field);
  if (names.length === 0 && (one === undefined || inEnum === 0n)) return undefined;
  const left = rest | (one === undefined ? inEnum : 0n);
  const number = left === 0n ? [] : [formatNumber(left, field.octal)];
  return [...(one === undefined ? [] : [one]), ...names, ...number].join('|');
}

/**
 * Prints an argument's value for people: `AF_VSOCK (40)`, `CLONE_NEWUSER|0x11 (0x10000011)`, `4096` as `0x1000`.
 *
 * Numbers below 4096 are decimal, others hexadecimal, permission bits octal. Bits above those the kernel reads are shown
 * as they are: 0x100000028 is not called AF_VSOCK, though the kernel takes it for that.
 */
export function formatArgument(value: bigint, place: ArgumentPlace): string {
  const field = argumentField(place.syscall, place.index, place.arch, place.others);
  const number = formatNumber(value, field?.octal ?? false);
  const name = field === undefined ? undefined : nameValue(dropSignExtension(value, place), field);
  return name === undefined ? number : `${name} (${number})`;
}

/**
 * Prints the mask of a masked comparison: `CLONE_NEWNS|CLONE_NEWUSER (0x10020000)`, and a mask of nearly all bits by
 * what it leaves out: `all but PROT_READ|PROT_WRITE (0xfffffffc)`.
 */
export function formatMask(mask: bigint, place: ArgumentPlace): string {
  const field = argumentField(place.syscall, place.index, place.arch, place.others);
  const number = mask < 10n ? mask.toString() : `0x${mask.toString(16)}`;
  if (field === undefined) return number;
  const flags = (bits: bigint): string | undefined => {
    const { names, rest } = splitFlags(bits & ~field.enumMask, field);
    const left = rest | (bits & field.enumMask);
    const parts = left === 0n ? names : [...names, `0x${left.toString(16)}`];
    return names.length === 0 ? undefined : parts.join('|');
  };
  const all = mask > U32_MAX ? U64_MAX : U32_MAX;
  const out = all & ~mask;
  if (mask === all) return `all bits (${number})`;
  const named = bitCount(mask) > bitCount(all) / 2 ? flags(out) : flags(mask);
  if (named === undefined) return number;
  return bitCount(mask) > bitCount(all) / 2 ? `all but ${named} (${number})` : `${named} (${number})`;
}
