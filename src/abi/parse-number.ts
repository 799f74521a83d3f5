/**
 * Numbers as people write them: `0x50001`, `-1`.
 * @module
 */

const NUMBER = /^(?:0x([0-9a-f]{1,16})|([0-9]{1,16}))$/i;

/** Reads a decimal or hexadecimal number, 0..2^53-1; `undefined` for anything else. */
export function parseNumber(text: string): number | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, hexadecimal, decimal] = match;
  const value = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

const MAX_U32 = 0xffffffff;

/** Reads a u32, or a negative i32 as its two's complement; `undefined` for anything else or out of range. */
export function parseWord(text: string): number | undefined {
  if (text.startsWith('-')) {
    const value = parseNumber(text.slice(1));
    return value === undefined || value > 0x80000000 ? undefined : -value >>> 0;
  }
  const value = parseNumber(text);
  return value === undefined || value > MAX_U32 ? undefined : value;
}
