/**
 * A compiled filter in the forms that people and programs take.
 * @module
 */
import { disassemble } from '../bpf/disassemble.ts';
import { comment, type EmittedFilter, emitEncoded, headOf, type Provenance } from './emit-encoded.ts';

import type { EmitFormat } from './emit-formats.ts';

export type { EmittedFilter, Provenance } from './emit-encoded.ts';

export { type EmitFormat, emitFormats } from './emit-formats.ts';

/** Writes a compiled filter in a format. */
export function emitFilter(
  filter: EmittedFilter,
  format: EmitFormat,
  provenance: Provenance = {},
): Uint8Array | string {
  if (format !== 'asm') return emitEncoded(filter, format, provenance);
  return comment(headOf(provenance, filter.claim), '; ') + disassemble(filter.program, filter.endian);
}
