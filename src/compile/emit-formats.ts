/**
 * The forms in which a compiled filter is written: one row a format. Choices of options and their help are derived from the
 * rows; the writers are in emit-encoded.ts and emit.ts.
 * @module
 */

/** A new name here makes the compiler ask for its row and its writer. */
export type EmitFormat = 'bpf' | 'pfc' | 'c' | 'json' | 'base64' | 'asm';

export interface EmitFormatRow {
  /** What is written, for help and docs. */
  readonly what: string;
  /** The compiler has to keep its pseudo filter code for it; a program alone cannot be written so. */
  readonly needsPfc: boolean;
  /** Reading it gives the same program again. */
  readonly isRead: boolean;
}

/** One row a format, in the order in which help lists them. */
export const emitFormatRows = {
  bpf: {
    what: 'raw struct sock_filter[] in the byte order of the target',
    needsPfc: false,
    isRead: true,
  },
  pfc: { what: "libseccomp's pseudo filter code, for reading only", needsPfc: true, isRead: false },
  c: { what: 'a C header with the array and its length', needsPfc: false, isRead: true },
  json: { what: 'provenance, claim and instructions', needsPfc: false, isRead: true },
  base64: { what: 'raw BPF as text, for an annotation of crun', needsPfc: false, isRead: true },
  asm: { what: 'a listing that asm reads', needsPfc: false, isRead: true },
} as const satisfies Record<EmitFormat, EmitFormatRow>;

/** Every form that `emitFilter` writes. */
export const emitFormats = Object.keys(emitFormatRows) as readonly EmitFormat[];

/** The forms that a program alone can be written in. */
export type ProgramFormat = {
  [Format in EmitFormat]: (typeof emitFormatRows)[Format]['needsPfc'] extends true ? never : Format;
}[EmitFormat];
