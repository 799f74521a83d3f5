/**
 * The words of seccomp_data by name: `nr`, `arch`, `instruction_pointer.lo`, `args[0].hi`.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import {
  SECCOMP_DATA_ARCH,
  SECCOMP_DATA_ARGS,
  SECCOMP_DATA_INSTRUCTION_POINTER,
  SECCOMP_DATA_NR,
  SECCOMP_DATA_SIZE,
} from '../abi/seccomp-data.ts';

/** Names the word at an offset; `undefined` where no word begins. */
export function fieldName(offset: number, endian: Endian): string | undefined {
  if (offset === SECCOMP_DATA_NR) return 'nr';
  if (offset === SECCOMP_DATA_ARCH) return 'arch';
  if (offset >= SECCOMP_DATA_SIZE || offset % 4 !== 0) return undefined;
  const isFirstHalf = offset % 8 === 0;
  const half = isFirstHalf === (endian === 'little') ? 'lo' : 'hi';
  if (offset < SECCOMP_DATA_ARGS) return `instruction_pointer.${half}`;
  return `args[${Math.floor((offset - SECCOMP_DATA_ARGS) / 8)}].${half}`;
}

const FIELD = /^(?:nr|arch|(instruction_pointer|args\[([0-5])\])\.(lo|hi))$/;

/** Finds the offset of a named word; `undefined` for any other name. */
export function fieldOffset(name: string, endian: Endian): number | undefined {
  const match = FIELD.exec(name);
  if (match === null) return undefined;
  const [, whole, argument, half] = match;
  if (whole === undefined) return name === 'nr' ? SECCOMP_DATA_NR : SECCOMP_DATA_ARCH;
  const start =
    argument === undefined ? SECCOMP_DATA_INSTRUCTION_POINTER : SECCOMP_DATA_ARGS + 8 * Number(argument);
  return (half === 'lo') === (endian === 'little') ? start : start + 4;
}
