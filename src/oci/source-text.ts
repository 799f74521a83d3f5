/**
 * Text below the level of JSON: bytes to characters, places, and a scan of brackets and strings that is cheap
 * enough to run before any parsing.
 * @module
 */
import type { Position } from './document.ts';
import type { FoundProblem } from './problems.ts';

/** Half a surrogate pair: no Unicode text, though JSON can write it. */
export const lonelySurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Decodes UTF-8, byte-order mark kept.
 *
 * @returns the text; `invalidAt` is the index of the first character the bytes do not spell, if there is one
 */
export function decodeUtf8(bytes: Uint8Array): { text: string; invalidAt: number | undefined } {
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
      invalidAt: undefined,
    };
  } catch {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const text = decoder.decode(bytes);
    // The first byte that re-encoding changes is where the decoder had to write U+FFFD.
    const again = new TextEncoder().encode(text);
    let same = 0;
    while (same < bytes.length && bytes[same] === again[same]) same++;
    while (same > 0 && ((again[same] ?? 0) & 0xc0) === 0x80) same--;
    return { text, invalidAt: decoder.decode(again.subarray(0, same)).length };
  }
}

/** The line and column of an offset; lines end with LF, CR or both. */
export function positionAt(text: string, offset: number): Position {
  return positionsAt(text, [offset])[0] ?? { line: 1, column: 1, offset };
}

/**
 * The lines and columns of several offsets, in one pass.
 *
 * @param offsets - ascending
 */
export function positionsAt(text: string, offsets: readonly number[]): Position[] {
  let line = 1;
  let lineStart = 0;
  let at = 0;
  return offsets.map((given) => {
    // The LF of a CRLF has no column of its own.
    const offset = text.charCodeAt(given) === LF && text.charCodeAt(given - 1) === CR ? given - 1 : given;
    for (; at < offset; at++) {
      const c = text.charCodeAt(at);
      if (c !== LF && (c !== CR || text.charCodeAt(at + 1) === LF)) continue;
      line++;
      lineStart = at + 1;
    }
    return { line, column: offset - lineStart + 1, offset };
  });
}

const LF = 10;
const CR = 13;

interface Scan {
  /** Where the nesting first exceeds the limit. */
  readonly tooDeepAt: number | undefined;
  /** Offsets of unescaped control characters within strings, at most 1000. */
  readonly controls: readonly number[];
  /** Brackets not closed at the end. */
  readonly open: number;
  /** Some bracket is closed by one of the other kind. */
  readonly mismatched: boolean;
}

/** Counts brackets outside of strings. It does not know comments, so in a text with comments it may be wrong. */
export function scan(text: string, maxDepth: number): Scan {
  const closers: number[] = [];
  const controls: number[] = [];
  let mismatched = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = skipString(text, i, controls);
    else if (c === 0x7b || c === 0x5b) {
      closers.push(c + 2);
      if (closers.length > maxDepth) return { tooDeepAt: i, controls, open: closers.length, mismatched };
    } else if (c === 0x7d || c === 0x5d) {
      if (closers.pop() !== c) mismatched = true;
    }
  }
  return { tooDeepAt: undefined, controls, open: closers.length, mismatched };
}

/** @returns the offset of the closing quote, or the text's length */
function skipString(text: string, start: number, controls: number[]): number {
  let i = start + 1;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) return i;
    if (c === 0x5c) i++;
    else if (c < 0x20 && controls.length < 1000) controls.push(i);
  }
  return i;
}

/** A function from offsets, in any order, to lines and columns; lines end with LF. */
export function createLocator(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1, offset };
  };
}

const MARK = '\ufeff';
const MARK_BYTES = [0xef, 0xbb, 0xbf];

/** The byte-order mark that an input starts with, which documents do not hold; else nothing. */
export function markOf(input: string | Uint8Array): string {
  const isMarked =
    typeof input === 'string'
      ? input.startsWith(MARK)
      : MARK_BYTES.every((byte, index) => input[index] === byte);
  return isMarked ? MARK : '';
}

/** What is said of a profile in JSON that begins with a byte-order mark: neither Go's decoder nor crun's reads on. */
export function markFindings({
  hadMark,
}: {
  readonly hadMark?: boolean | undefined;
}): readonly FoundProblem[] {
  if (hadMark !== true) return [];
  const message = 'the file begins with a byte-order mark: every engine and every runtime refuses such JSON';
  const hint = 'save the file as UTF-8 without a byte-order mark (BOM)';
  return [{ code: 'byte-order-mark', at: { line: 1, column: 1, offset: 0 }, pointer: '', message, hint }];
}
