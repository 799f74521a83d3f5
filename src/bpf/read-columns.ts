/**
 * Listings with the four fields of each instruction in columns, as seccomp-tools, firejail and libseccomp's
 * scmp_bpf_disasm print them: ` 0001: 0x15 0x00 0x04 0xc000003e  if (A != ARCH_X86_64) goto 0006`. The columns are read;
 * line numbers and texts are compared with them. Other lines may stand around the rows.
 * @module
 */
import { contradiction, type ListingStyle } from './listing-claim.ts';
import { BPF_MAXINSNS } from './longest-program.ts';
import type { SockFilter } from './program.ts';
import { type ProblemList, problemList } from './text-problem.ts';

/** A program that a listing shows, and of each of its instructions the line, from 1. */
export interface ListedProgram {
  readonly program: readonly SockFilter[];
  readonly lines: readonly number[];
}

/** The start of a row; a line without it is passed over. */
const ROW = /^[ \t>|]*(\d[0-9a-f]{3}):(?=[ \t]|$)/i;
const FIELDS =
  /^[ \t]+(0x)?([0-9a-f]{1,4})[ \t]+(?:0x)?([0-9a-f]{1,4})[ \t]+(?:0x)?([0-9a-f]{1,4})[ \t]+(?:0x)?([0-9a-f]{8})(?:[ \t]+(\S.*?))?[ \t|]*$/i;

interface ColumnRow {
  readonly instruction: SockFilter;
  readonly number: string;
  readonly text: string;
  readonly line: number;
  /** Columns of the number and of the text, from 1. */
  readonly column: number;
  readonly textColumn: number;
  readonly bare: boolean;
}

/**
 * Reads all listings of a text, in their order.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID` with every problem and its place: rows that cannot be read, missing rows, a
 *   listing that ends too early, a text that contradicts its columns
 */
export function readColumns(text: string, name: string): readonly ListedProgram[] {
  const problems = problemList(name);
  const listings: ColumnRow[][] = [];
  for (const [i, content] of text.split('\n').entries()) {
    const row = readRow(content.replace(/\r$/, ''), i + 1, problems);
    if (row === undefined) continue;
    if (/^0+$/.test(row.number) || listings.length === 0) listings.push([]);
    listings.at(-1)?.push(row);
    if (problems.isFull()) break;
  }
  for (const listing of listings) checkListing(listing, problems);
  if (listings.length === 0 && problems.isEmpty()) {
    const hint = 'copy the rows below the heading line  CODE  JT   JF      K';
    problems.add({ line: 1, column: 1 }, 'bpf-syntax', 'the listing has no rows', hint);
  }
  problems.throwIfAny('listing');
  return listings.map((listing) => ({
    program: listing.map(({ instruction }) => instruction),
    lines: listing.map(({ line }) => line),
  }));
}

function readRow(content: string, line: number, problems: ProblemList): ColumnRow | undefined {
  const head = ROW.exec(content);
  if (head === null) return undefined;
  const [start, number = ''] = head;
  const column = start.length - number.length;
  const rest = content.slice(start.length);
  const match = FIELDS.exec(rest);
  const [, prefix, ...words] = match ?? [];
  const [code = 0, jt = 0, jf = 0, k = 0] = words.slice(0, 4).map((word) => Number.parseInt(word, 16));
  if (match === null || jt > 0xff || jf > 0xff) {
    const hint = /^\s*(?:[AX] |if|return|goto)/.test(rest)
      ? 'print the listing with its columns: seccomp-tools disasm without --no-bpf'
      : 'copy the whole row; a terminal may have cut or wrapped it';
    const message = 'this row does not have the four hexadecimal columns CODE, JT, JF and K';
    problems.add({ line, column }, 'bpf-syntax', message, hint);
    return undefined;
  }
  const text = words[4] ?? '';
  const textColumn = start.length + rest.trimEnd().length - text.length + 1;
  const instruction = { code, jt, jf, k };
  return { instruction, number, text, line, column, textColumn, bare: prefix === undefined };
}

function checkListing(rows: readonly ColumnRow[], problems: ProblemList): void {
  const [first] = rows;
  if (first === undefined) return;
  if (rows.length > BPF_MAXINSNS) {
    problems.add(first, 'bpf-too-long', `more than ${BPF_MAXINSNS} instructions`);
    return;
  }
  const lines = checkNumbers(rows, problems);
  if (lines === undefined) return;
  checkEnd(rows, problems);
  const halves = !rows.some(({ text }) => /\bARCH_S390X?\b/.test(text));
  const style: ListingStyle = { lines, bare: first.bare, halves };
  for (const [index, { instruction, text, line, textColumn }] of rows.entries()) {
    const found = contradiction(instruction, index, text, style);
    if (found === undefined) continue;
    const message = `"${text}" contradicts the columns beside it: ${found}`;
    const hint = 'one of the two was changed; list the program again';
    problems.add({ line, column: textColumn }, 'bpf-contradiction', message, hint);
  }
}

/** Finds the radix of the numbers; `undefined` if rows are missing or out of order, which is reported. */
function checkNumbers(rows: readonly ColumnRow[], problems: ProblemList): 10 | 16 | undefined {
  let possible: readonly (10 | 16)[] = rows[0]?.bare === true ? [16, 10] : [10, 16];
  let before: ColumnRow | undefined;
  for (const [index, row] of rows.entries()) {
    const left = possible.filter((radix) => Number.parseInt(row.number, radix) === index);
    if (left.length === 0) {
      const message =
        before === undefined
          ? `the listing begins at ${row.number}: what comes before is missing`
          : `after ${before.number} comes ${row.number}: rows between them are missing or out of order`;
      problems.add(row, 'bpf-gap', message, 'copy the whole listing');
      return undefined;
    }
    possible = left;
    before = row;
  }
  return possible[0];
}

/** A program that seccomp takes ends with a return, and no jump leaves it. */
function checkEnd(rows: readonly ColumnRow[], problems: ProblemList): void {
  const last = rows.at(-1);
  if (last === undefined) return;
  const beyond = rows.find(({ instruction }, index) => furthest(instruction, index) >= rows.length);
  if (beyond !== undefined) {
    const target = furthest(beyond.instruction, rows.indexOf(beyond));
    const message = `row ${beyond.number} jumps on to instruction ${target}, counted from 0, but the listing ends here: its end is missing`;
    problems.add(last, 'bpf-gap', message, 'copy the whole listing');
  } else if (![0x06, 0x16].includes(last.instruction.code)) {
    const message = 'the listing ends here, without a return: its end is missing';
    problems.add(last, 'bpf-gap', message, 'copy the whole listing');
  }
}

/** The last instruction that this one can lead to by a jump. */
function furthest({ code, jt, jf, k }: SockFilter, index: number): number {
  if ((code & 0x07) !== 0x05) return index;
  return index + 1 + (code === 0x05 ? k : Math.max(jt, jf));
}
