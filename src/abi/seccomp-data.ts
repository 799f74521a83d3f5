/**
 * Layout of the record a filter looks at: `struct seccomp_data`, include/uapi/linux/seccomp.h.
 * nr i32 @0, arch u32 @4, instruction_pointer u64 @8, args[6] u64 @16; in the *target's* byte order.
 * @module
 */

export const SECCOMP_DATA_SIZE = 64;
export const SECCOMP_DATA_NR = 0;
export const SECCOMP_DATA_ARCH = 4;
export const SECCOMP_DATA_INSTRUCTION_POINTER = 8;
export const SECCOMP_DATA_ARGS = 16;

/** What a filter is asked about: one system call. */
export interface SeccompData {
  /** i32; of x32 calls with bit 30. */
  readonly nr: number;
  /** u32, `AUDIT_ARCH_*`. */
  readonly arch: number;
  /** u64. */
  readonly instructionPointer: bigint;
  /** Six u64. */
  readonly args: readonly bigint[];
}
