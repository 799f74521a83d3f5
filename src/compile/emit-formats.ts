/**
 * The forms in which a compiled filter is written: one row a format. Choices of options and their help are derived from the
 * rows; the writers are in emit-encoded.ts and emit.ts.
 * @module
 */

/** A new name here makes the compiler ask for its row and its writer. */
export type EmitFormat = 'bpf' | 'pfc' | 'c' | 'json' | 'base64' | 'asm';

interface EmitFormatRow {
  /** Whether it needs the pseudo filter code of the compilation, so that a program alone cannot be written in it. */
  readonly needsPfc: boolean;
  /** Whether reading it gives the same program again. */
  readonly isRead: boolean;
}

/** One row a format, in the order in which help lists them. */
export const emitFormatRows = {
  bpf: {
    needsPfc: false,
    isRead: true,
  },
  pfc: { needsPfc: true, isRead: false },
  c: { needsPfc: false, isRead: true },
  json: { needsPfc: false, isRead: true },
  base64: { needsPfc: false, isRead: true },
  asm: { needsPfc: false, isRead: true },
} as const satisfies Record<EmitFormat, EmitFormatRow>;

/** Every form that `emitFilter` writes. */
export const emitFormats = Object.keys(emitFormatRows) as readonly EmitFormat[];

/** The forms that a program alone can be written in. */
export type ProgramFormat = {
  [Format in EmitFormat]: (typeof emitFormatRows)[Format]['needsPfc'] extends true ? never : Format;
}[EmitFormat];
