/**
 * Classic BPF programs as values and as bytes.
 *
 * Source: Linux 6.18 include/uapi/linux/filter.h (`struct sock_filter`), include/uapi/linux/bpf_common.h.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { OciSeccompError } from '../errors.ts';

/** One instruction word: code u16 @0, jt u8 @2, jf u8 @3, k u32 @4. */
export interface SockFilter {
  /** The operation, u16: class, size and mode (linux/bpf_common.h). */
  readonly code: number;
  /** How many instructions a conditional jump skips if its condition holds, u8. */
  readonly jt: number;
  /** How many it skips otherwise, u8. */
  readonly jf: number;
  /** The operand, u32: a constant, an offset, or what is returned. */
  readonly k: number;
}

/** The largest value of each field. */
export const FIELD_LIMITS = {
  code: 0xffff,
  jt: 0xff,
  jf: 0xff,
  k: 0xffff_ffff,
} as const satisfies Record<keyof SockFilter, number>;

/** 1..4096 instructions (`BPF_MAXINSNS`). */
export type Program = readonly SockFilter[];

/** Size of an encoded instruction in bytes. */
export const SOCK_FILTER_SIZE = 8;

/** The bits of a code that hold its class, and the classes of what does not lead to the next instruction. */
export const BPF_CLASS = 0x07;
export const BPF_JMP = 0x05;
export const BPF_RET = 0x06;
export const BPF_LD_IMM = 0x00;
export const BPF_LD_W_ABS = 0x20;
export const BPF_LD_MEM = 0x60;
export const BPF_LDX_IMM = 0x01;
export const BPF_ST = 0x02;
export const BPF_JMP_JA = 0x05;
export const BPF_JMP_JEQ_K = 0x15;
export const BPF_JMP_JGT_K = 0x25;
export const BPF_JMP_JGE_K = 0x35;
export const BPF_JMP_JSET_K = 0x45;
/** In the code of a jump: it compares with X, and not with k. */
export const BPF_X = 0x08;
export const BPF_ALU_AND_K = 0x54;
export const BPF_RET_K = 0x06;

/** Encodes a program as the kernel of the target architecture reads it, 8 bytes an instruction. */
export function encodeProgram(program: Program, endian: Endian): Uint8Array {
  const bytes = new Uint8Array(program.length * SOCK_FILTER_SIZE);
  const view = new DataView(bytes.buffer);
  const little = endian === 'little';
  program.forEach(({ code, jt, jf, k }, i) => {
    const at = i * SOCK_FILTER_SIZE;
    view.setUint16(at, code, little);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k, little);
  });
  return bytes;
}

/** Decodes bytes to instructions. */
export function decodeProgram(bytes: Uint8Array, endian: Endian): Program {
  if (bytes.length % SOCK_FILTER_SIZE !== 0) {
    throw new OciSeccompError(
      'ERR_BPF_INVALID',
      `${bytes.length} bytes are not a whole number of 8-byte instructions`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = endian === 'little';
  return Array.from({ length: bytes.length / SOCK_FILTER_SIZE }, (_, i) => {
    const at = i * SOCK_FILTER_SIZE;
    return {
      code: view.getUint16(at, little),
      jt: view.getUint8(at + 2),
      jf: view.getUint8(at + 3),
      k: view.getUint32(at + 4, little),
    };
  });
}
