/**
 * Flags of an argument as people write them: `any:CLONE_NEWUSER,CLONE_NEWNS`.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { type ArgumentPlace, candidateFields } from './argument-fields.ts';
import { parseArgument } from './arguments.ts';
import type { FlagSet } from './flag-sets.ts';
import { U32_MAX } from './operators.ts';

const WRITTEN = /^(any|all|none):(.*)$/s;

/**
 * Reads flags as people write them: `any:`, `all:` or `none:`, then names or numbers joined by `,` or `|`. A name is one flag, and
 * each bit of a number is.
 *
 * @returns `undefined` for a word that does not begin so
 * @throws OciSeccompError `ERR_USAGE` for a word that names no flag of the argument
 */
export function parseFlagSet(text: string, place: ArgumentPlace): FlagSet | undefined {
  const [, how, list = ''] = WRITTEN.exec(text) ?? [];
  if (how === undefined) return undefined;
  const words = list.split(/[,|]/).map((word) => word.trim());
  const flags = words.flatMap((word) => flagsOf(word, text, place));
  return { how: how as FlagSet['how'], flags: [...new Set(flags)], text };
}

function flagsOf(word: string, text: string, place: ArgumentPlace): readonly bigint[] {
  const refuse = (problem: string, hint: string): OciSeccompError =>
    new OciSeccompError('ERR_USAGE', problem, { hint, details: { text, ...detailsOf(place) } });
  if (word === '') {
    throw refuse(
      `a flag is missing in "${text}"`,
      'write the flags with a comma between: any:CLONE_NEWUSER,CLONE_NEWNS',
    );
  }
  const value = parseArgument(word, place, true);
  if (candidateFields(place).some(({ enumNames }) => enumNames.has(word))) {
    throw refuse(
      `${word} is one of several values that exclude each other, not a flag, so "${text}" has no meaning`,
      'name the value alone, or write the bits as a number: any:0x3',
    );
  }
  if (value === 0n) throw refuse(`${word} has no bit, so it is no flag`, 'leave it out');
  if (value > U32_MAX) {
    throw refuse(
      `${word} has a bit above the lower 32`,
      'give bits below 0x100000000: on 32-bit architectures, filters compare the lower 32 bits alone',
    );
  }
  return /^-?\d/.test(word) ? bitsOf(value) : [value];
}

function bitsOf(value: bigint): readonly bigint[] {
  return Array.from({ length: 32 }, (_, bit) => 1n << BigInt(bit)).filter((bit) => (value & bit) !== 0n);
}

function detailsOf({ syscall, index, arch }: ArgumentPlace): Omit<ArgumentPlace, 'others'> {
  return { syscall, index, arch };
}
