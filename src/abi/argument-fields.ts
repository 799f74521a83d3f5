/**
 * The names that the values of an argument have: finds the row of argument-names/fields.ts that applies, and its values on an
 * architecture.
 * @module
 */
import { type ArchName, architectures } from './architectures.ts';
import type { FieldKind, FieldRow } from './argument-names/field-row.ts';
import { fieldRows } from './argument-names/fields.ts';
import { type NameSet, namesOf } from './argument-names/name-sets.ts';
import { U64_MAX } from './operators.ts';
import { syscallSignature } from './syscall-signatures.ts';

export interface ArgumentPlace {
  readonly syscall: string;
  /** 0..5 */
  readonly index: number;
  readonly arch: ArchName;
  /**
   * Values of the call's other arguments by index, as far as they are known: the names of `prctl`'s second argument
   * depend on its first.
   */
  readonly others?: ReadonlyMap<number, bigint>;
}

export interface ArgumentField {
  /** The parameter's name in the man page, `domain`. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Values by name, u64, in the order they are printed. Several names can have one value: the first is printed. */
  readonly names: ReadonlyMap<string, bigint>;
  /** The bits in which one name stands at a time: all bits of an `enum`, none of `flags`. */
  readonly enumMask: bigint;
  /** The names whose values are in the bits of `enumMask`; the other names are flags. */
  readonly enumNames: ReadonlySet<string>;
  /** Permission bits: what has no name is printed in octal. */
  readonly octal: boolean;
  /** Why profiles compare it, or what to know about it. */
  readonly reason: string;
}

let rowsBySyscall: ReadonlyMap<string, readonly FieldRow[]> | undefined;

export function rowsOf(syscall: string, index: number): readonly FieldRow[] {
  if (rowsBySyscall === undefined) {
    const table = new Map<string, FieldRow[]>();
    fieldRows().forEach((row) => {
      row.syscalls.forEach((name) => {
        const known = table.get(name);
        if (known === undefined) table.set(name, [row]);
        else known.push(row);
      });
    });
    rowsBySyscall = table;
  }
  return (rowsBySyscall.get(syscall) ?? []).filter((row) => row.index === index);
}

/** The bits of an argument that matter: those that the kernel reads, and on a 32-bit ABI the lower half. */
export function widthOf(syscall: string, index: number, arch: ArchName): number {
  const declared = syscallSignature(syscall)?.[index]?.width ?? 64;
  return Math.min(declared, architectures[arch].bits);
}

function valuesOf(set: NameSet, arch: ArchName): Map<string, number> {
  const { archs: only, values: all, differs = [] } = namesOf(set);
  if (only !== undefined && !only.includes(arch)) return new Map();
  // Without a list of pairs: a field can have a hundred names.
  const values = new Map<string, number>();
  for (const name in all) values.set(name, all[name] ?? 0);
  for (const { archs, values: others } of differs) {
    if (!archs.includes(arch)) continue;
    for (const [name, value] of Object.entries(others)) {
      if (value === null) values.delete(name);
      else values.set(name, value);
    }
  }
  return values;
}

export function holds(row: FieldRow, arch: ArchName): boolean {
  return (row.archs?.includes(arch) ?? true) && !(row.except?.includes(arch) ?? false);
}

/** Whether the argument that a row depends on has one of the row's values; `undefined`: its value is not known. */
function meetsCondition(row: FieldRow, { syscall, arch, others }: ArgumentPlace): boolean | undefined {
  if (row.when === undefined) return true;
  const { index, names } = row.when;
  const value = others?.get(index);
  if (value === undefined) return undefined;
  const sets = rowsOf(syscall, index).flatMap((other) => other.sets);
  const isValueOf = (name: string, set: NameSet): boolean => {
    const number = numberOfName(set, name, arch);
    return number !== undefined && BigInt(number) === value;
  };
  return names.some((name) => sets.some((set) => isValueOf(name, set)));
}

function maskOf(row: FieldRow, arch: ArchName): bigint {
  if (row.kind !== 'enum+flags') return row.kind === 'enum' ? U64_MAX : 0n;
  const { enumMask = 0 } = row;
  const [mask = 0] = typeof enumMask === 'number' ? [enumMask] : valuesOf(enumMask, arch).values();
  return BigInt(mask);
}

/** A C integer as the argument that a program passes. @param width - of the parameter */
function asArgument(number: number, width: number): bigint {
  return BigInt.asUintN(number < 0 ? Math.max(width, 32) : 64, BigInt(number));
}

function buildField(row: FieldRow, { syscall, index, arch }: ArgumentPlace): ArgumentField {
  const width = widthOf(syscall, index, arch);
  const enumMask = maskOf(row, arch);
  const names = new Map<string, bigint>();
  const enumNames = new Set<string>();
  for (const [i, set] of row.sets.entries()) {
    valuesOf(set, arch).forEach((number, name) => {
      if (names.has(name)) return;
      const value = asArgument(number, width);
      names.set(name, value);
      // The bits of 0 do not show whether a name is in the enum: the first set is the enum's.
      if (value === 0n ? i === 0 && row.kind !== 'flags' : (value & enumMask) !== 0n) enumNames.add(name);
    });
  }
  const { name, kind, octal = false, reason } = row;
  return { name, kind, names, enumMask, enumNames, octal, reason };
}

/** The value that a set has for one name; `undefined`: none on this architecture. */
function numberOfName(set: NameSet, name: string, arch: ArchName): number | undefined {
  const { archs: only, values: all, differs } = namesOf(set);
  if (only !== undefined && !only.includes(arch)) return undefined;
  const other = differs?.findLast(({ archs, values }) => archs.includes(arch) && Object.hasOwn(values, name));
  const number = other === undefined ? (Object.hasOwn(all, name) ? all[name] : null) : other.values[name];
  return number ?? undefined;
}

/**
 * The value of one name of an argument, as its {@link argumentField} has it, without making all others.
 *
 * @returns `undefined` if the argument has no such name on this architecture
 */
export function namedValue(
  name: string,
  { syscall, index, arch }: Omit<ArgumentPlace, 'others'>,
): (Pick<ArgumentField, 'kind'> & { readonly value: bigint }) | undefined {
  const row = ownRow({ syscall, index, arch });
  for (const set of row?.sets ?? []) {
    const number = numberOfName(set, name, arch);
    if (row !== undefined && number !== undefined) {
      return { kind: row.kind, value: asArgument(number, widthOf(syscall, index, arch)) };
    }
  }
  return undefined;
}

/** The row that applies for certain. */
function ownRow(place: ArgumentPlace): FieldRow | undefined {
  return rowsOf(place.syscall, place.index).find(
    (each) => holds(each, place.arch) && meetsCondition(each, place) === true,
  );
}

/** The fields that an argument can have, the likeliest first: several only if they depend on an argument that is unknown. */
export function candidateFields(place: ArgumentPlace): readonly ArgumentField[] {
  return rowsOf(place.syscall, place.index)
    .filter((row) => holds(row, place.arch) && meetsCondition(row, place) !== false)
    .map((row) => fieldOf(row, place));
}

/**
 * Finds the names that an argument's values have.
 *
 * @param others - values of the other arguments, as far as they are known
 * @returns `undefined` if its values have no names here, or if they depend on another argument that is not known
 */
export function argumentField(
  syscall: string,
  index: number,
  arch: ArchName,
  others: ReadonlyMap<number, bigint> = new Map(),
): ArgumentField | undefined {
  const place = { syscall, index, arch, others };
  const row = ownRow(place);
  return row === undefined ? undefined : fieldOf(row, place);
}

/** The field of a row, made once for each call and architecture. */
function fieldOf(row: FieldRow, place: ArgumentPlace): ArgumentField {
  const made = fields.get(row) ?? new Map<string, ArgumentField>();
  fields.set(row, made);
  const key = `${place.syscall} ${place.arch}`;
  const field = made.get(key) ?? buildField(row, place);
  made.set(key, field);
  return field;
}

const fields = new Map<FieldRow, Map<string, ArgumentField>>();
