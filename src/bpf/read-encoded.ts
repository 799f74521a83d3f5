/**
 * Bytes written as hexadecimal digits or base64.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { placeOf } from './text-problem.ts';

const HEX_WORD = /^(?:0x|\\x)?[0-9a-f]+$/i;

/** A shorter text holds less than one instruction, and is rather a misspelt word. */
const MIN_LETTERS = 11;

/** Whether a text is nothing but hexadecimal digits, in any of the forms {@link decodeHex} reads. */
export function looksLikeHex(text: string): boolean {
  return text.trim().length >= MIN_LETTERS && words(text).every(({ word }) => HEX_WORD.test(word));
}

/**
 * Decodes hexadecimal digits: `2000…`, `20 00 …`, `0x20, 0x00, …`, `\x20\x00…`; line feeds anywhere.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID` for an odd number of digits
 */
export function decodeHex(text: string, name: string): Uint8Array {
  const found = words(text);
  const isPrefixed = found.some(({ word }) => /^(0x|\\x)/i.test(word));
  const pieces = isPrefixed ? found : [{ word: found.map(({ word }) => word).join(''), at: 0 }];
  const digits = pieces.map(({ word, at }) => {
    const bare = word.replace(/^(0x|\\x)/i, '');
    // 0x6 between commas is a byte; a lone digit among unprefixed ones is a mistake.
    if (isPrefixed && bare.length === 1) return `0${bare}`;
    if (bare.length % 2 === 0) return bare;
    const { line, column } = placeOf(text, at);
    const place = isPrefixed ? `${name}:${line}:${column}` : name;
    throw invalid(`${place}: ${bare.length} hexadecimal digits are not a whole number of bytes`);
  });
  const all = digits.join('');
  return Uint8Array.from({ length: all.length / 2 }, (_, i) =>
    Number.parseInt(all.slice(2 * i, 2 * i + 2), 16),
  );
}

function words(text: string): readonly { word: string; at: number }[] {
  return [...text.matchAll(/\\x[^\s,;\\"']*|[^\s,;\\"']+/gi)].map((match) => ({
    word: match[0],
    at: match.index,
  }));
}

const BASE64_LINE = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Whether a text can only be meant as base64: lines of its letters, of which the last may be padded. */
export function looksLikeBase64(text: string): boolean {
  const lines = text.trim().split(/\s+/);
  return (
    text.trim().length >= MIN_LETTERS &&
    lines.every((line, i) => BASE64_LINE.test(line) && (i === lines.length - 1 || !line.endsWith('=')))
  );
}

/**
 * Decodes base64, also with `-` and `_` and without padding.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID` if it breaks off
 */
export function decodeBase64(text: string, name: string): Uint8Array {
  const letters = text.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (letters.length % 4 === 1) {
    throw invalid(`${name}: base64 of ${letters.length} letters ends in the middle of a byte`);
  }
  return Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
}

function invalid(message: string): OciSeccompError {
  return new OciSeccompError('ERR_BPF_INVALID', message, {
    hint: 'a program is read from raw bytes, base64, hexadecimal digits, a C array, JSON or assembly',
  });
}
