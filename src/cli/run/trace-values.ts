/**
 * What an argument's text says of its value.
 *
 * Source: clone(2), "C library/kernel differences" (order of arguments).
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import type { ArgumentPlace } from '../../abi/argument-fields.ts';
import { parseArgument } from '../../abi/arguments.ts';
import { U32_MAX } from '../../abi/operators.ts';
import type { HalfKnownArgument } from '../../decision/outcomes.ts';
import { OciSeccompError } from '../../errors.ts';
import type { TraceEntry } from '../../observe/trace-file.ts';

const UNKNOWN: HalfKnownArgument = { high: undefined, low: undefined };

/** Where clone's arguments stand that tracers write as `flags=`; clone(2), "C library/kernel differences". */
function clonePlaces(arch: ArchName): Readonly<Record<string, number>> {
  const swapped = arch === 's390' || arch === 's390x';
  return swapped ? { child_stack: 0, flags: 1, parent_tid: 2 } : { flags: 0, child_stack: 1, parent_tid: 2 };
}

/** The six arguments of a traced call, as far as its text tells. */
export function valuesOf(call: WrittenCall, arch: ArchName): readonly HalfKnownArgument[] {
  const { bits } = architectures[arch];
  return writtenValues(call, arch).map((value) => (value === undefined ? UNKNOWN : halves(value, bits)));
}

type WrittenCall = Pick<TraceEntry, 'name' | 'args'>;

const MAX_ARGUMENTS = 6;

/** The values of the six arguments as they are written; `undefined` where the text does not tell one. */
export function writtenValues({ name, args }: WrittenCall, arch: ArchName): readonly (bigint | undefined)[] {
  const values: (bigint | undefined)[] = new Array(MAX_ARGUMENTS).fill(undefined);
  // Names of some arguments depend on others: what is a number or a name by itself is read first.
  const others = new Map<number, bigint>();
  for (let round = 0; round < 2; round++) {
    for (const [position, text] of (args ?? []).entries()) {
      const [, label, rest = text] = /^([a-z_]+)(?:=|: )(.*)$/s.exec(text) ?? [];
      const index = name === 'clone' && label !== undefined ? clonePlaces(arch)[label] : position;
      if (index === undefined || index >= MAX_ARGUMENTS) continue;
      const value = numberOf(rest, { syscall: name, index, arch, others });
      if (value === undefined) continue;
      others.set(index, value);
      values[index] = value;
    }
  }
  return values;
}

const SIGN = 0x8000_0000n;

/**
 * Of what is negative as an `int` only the low half is known: whether the register holds 32 or 64 bits of it the text
 * does not say. Arguments of 32-bit ABIs have no high half.
 */
function halves(value: bigint, bits: 32 | 64): HalfKnownArgument {
  const low = Number(value & U32_MAX);
  if (bits === 32) return { high: 0, low };
  const negative = value >> 32n === U32_MAX || value >> 32n === 0n;
  return { high: negative && (value & SIGN) !== 0n ? undefined : Number(value >> 32n), low };
}

/** The number that this program writes behind names: `AF_VSOCK (40)`, `S_IRUSR (0o400)`. */
const BEHIND_NAMES = /^[\w|]+ \((0x[0-9a-f]+|0o[0-7]+|\d+)\)$/;

/**
 * The number that a text stands for: numbers as C writes them, names, those joined by `|`. A number behind names counts:
 * `AT_FDCWD (0xffffffffffffff9c)` is not what `AT_FDCWD` is. What tracers write as a string, record or list is a pointer,
 * whose value is not shown.
 */
function numberOf(text: string, place: ArgumentPlace): bigint | undefined {
  const shown = text
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/<.*>$/s, '')
    .trim();
  const bare = BEHIND_NAMES.exec(shown)?.[1] ?? shown;
  if (bare === 'NULL') return 0n;
  if (!/^-?[\w|]+$/.test(bare)) return undefined;
  try {
    return parseArgument(bare.replace(/(^|\|)0([0-7]+)(?=\||$)/g, '$10o$2'), place);
  } catch (error) {
    if (error instanceof OciSeccompError) return undefined;
    throw error;
  }
}
