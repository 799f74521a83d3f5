/**
 * Unified diffs, as patch(1) takes them.
 * @module
 */
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import type { Colors } from '../render/colors.ts';
import { longDiff } from './long-diff.ts';

const CONTEXT_LINES = 3;
/** How many lines may come and go in the shortest diff: looking for it takes the square of their number. */
const MAX_CHANGES = 1000;

/** The changes from one text of a file to another; empty if the texts are equal. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  // patch -p1 takes the first part of a path away, and takes no absolute ones.
  const path = file.replace(/^(\.?\/)+/, '');
  const [oldFileName, newFileName] = [`a/${path}`, `b/${path}`];
  const patch = structuredPatch(oldFileName, newFileName, before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_CHANGES,
  }) ?? {
    oldFileName,
    newFileName,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: longDiff(before, after, CONTEXT_LINES, MAX_CHANGES),
  };
  const [from = '', to = '', ...rest] = formatPatch(patch, FILE_HEADERS_ONLY).split('\n');
  return [headerLine(from), headerLine(to), ...rest].join('\n');
}

/** The name behind a mark as git and patch(1) write one that is not printable; what is in quotes already stays. */
function headerLine(line: string): string {
  const [, mark = '', name = ''] = /^(--- |\+\+\+ )(.*)$/.exec(line) ?? [];
  if (mark === '' || name.startsWith('"') || !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(name)) return line;
  const bytes = [...new TextEncoder().encode(name)];
  const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;
  return `${mark}"${bytes.map((byte) => (byte < 0x20 || byte > 0x7e ? octal(byte) : String.fromCharCode(byte))).join('')}"`;
}

/** Paints the lines of a unified diff, as git does. */
export function paintDiff(text: string, { bold, cyan, green, red }: Colors): string {
  return text
    .split('\n')
    .map((line) => {
      if (/^(---|\+\+\+) /.test(line)) return bold(line);
      if (line.startsWith('@@')) return cyan(line);
      return line.startsWith('+') ? green(line) : line.startsWith('-') ? red(line) : line;
    })
    .join('\n');
}
