/**
 * Problems of programs given as text: data with a place, all of a text at once.
 * @module
 */
import { OciSeccompError } from '../errors.ts';

/** The kinds of mistakes in the text of a program. */
export type TextProblemCode =
  | 'bpf-mnemonic'
  | 'bpf-operand'
  | 'bpf-target'
  | 'bpf-label'
  | 'bpf-syntax'
  | 'bpf-gap'
  | 'bpf-contradiction'
  | 'bpf-too-long';

/** A problem in the text of a program, with its place. */
export interface TextProblem {
  /** What the text was called. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** Every problem of a program is an error. */
  readonly severity: 'error';
  /** What kind of mistake it is; stable. */
  readonly code: TextProblemCode;
  /** One sentence without a full stop. */
  readonly message: string;
  /** What to do, likewise. */
  readonly hint?: string;
  /** Always empty: programs have no JSON pointers. */
  readonly pointer: '';
}

/** The most problems that are kept: a text with more is most likely no program at all. */
const MAX_PROBLEMS = 100;

/** Collects the problems of one text. */
export interface ProblemList {
  readonly add: (
    place: { line: number; column: number },
    code: TextProblemCode,
    message: string,
    hint?: string,
  ) => void;
  readonly isEmpty: () => boolean;
  readonly isFull: () => boolean;
  /** @throws OciSeccompError `ERR_BPF_INVALID` with `details.problems` if there are any */
  readonly throwIfAny: (what: string) => void;
}

export function problemList(file: string): ProblemList {
  const problems: TextProblem[] = [];
  return {
    add: ({ line, column }, code, message, hint) => {
      if (problems.length >= MAX_PROBLEMS) return;
      const advice = hint === undefined ? {} : { hint };
      problems.push({ file, line, column, severity: 'error', code, message, ...advice, pointer: '' });
    },
    isEmpty: () => problems.length === 0,
    isFull: () => problems.length >= MAX_PROBLEMS,
    throwIfAny: (what) => {
      if (problems.length === 0) return;
      problems.sort((a, b) => a.line - b.line || a.column - b.column);
      throw new OciSeccompError('ERR_BPF_INVALID', `${file} is not a valid ${what} of a program`, {
        details: { problems },
      });
    },
  };
}

/** The line and column of an offset into a text; lines end with a line feed. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}
