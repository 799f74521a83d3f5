/**
 * Codes of instructions that compute with constants. Those of all other instructions are in program.ts, which every command reads.
 *
 * Source: Linux 6.18 include/uapi/linux/bpf_common.h, include/uapi/linux/filter.h.
 * @module
 */

export const BPF_LDX_MEM = 0x61;
export const BPF_ALU_ADD_X = 0x0c;
export const BPF_ALU_OR_K = 0x44;
export const BPF_ALU_AND_X = 0x5c;
export const BPF_ALU_LSH_K = 0x64;
export const BPF_ALU_RSH_K = 0x74;
export const BPF_ALU_XOR_K = 0xa4;
/** A becomes X. */
export const BPF_MISC_TXA = 0x87;
