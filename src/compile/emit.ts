/**
 * A compiled filter in the forms that people and programs take.
 * @module
 */
import { disassemble } from '../bpf/disassemble.ts';
import { comment, type EmittedFilter, emitEncoded, headOf, type Provenance } from './emit-encoded.ts';

import type { EmitFormat } from './emit-formats.ts';

export type { EmittedFilter, Provenance } from './emit-encoded.ts';

export { type EmitFormat, emitFormats } from './emit-formats.ts';

/**
 * Writes a compiled filter in a format.
 *
 * - `bpf`: raw `struct sock_filter[]` in the target's byte order, 8 bytes an instruction
 * - `base64`: the same as text, what crun's annotation `run.oci.seccomp_bpf_data` takes
 * - `json`: `{provenance, claim, endian, instructions: [{code, jt, jf, k}]}`
 * - `asm`: a listing; `c`: a header with the array and its length; `pfc`: libseccomp's pseudo filter code
 *
 * @throws OciSeccompError `ERR_USAGE` for `pfc` of a filter compiled without it
 */
export function emitFilter(
  filter: EmittedFilter,
  format: EmitFormat,
  provenance: Provenance = {},
): Uint8Array | string {
  if (format !== 'asm') return emitEncoded(filter, format, provenance);
  return comment(headOf(provenance, filter.claim), '; ') + disassemble(filter.program, filter.endian);
}
