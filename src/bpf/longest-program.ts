/**
 * How long a program may be. Apart from programs, because lint asks for nothing else of them.
 * @module
 */

/** Instructions. Source: Linux 6.18 include/uapi/linux/bpf_common.h. */
export const BPF_MAXINSNS = 4096;
