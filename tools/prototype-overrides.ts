/**
 * Prototypes that the newest sources of the kernel do not tell, and why.
 * @module
 */

/** By call: `(type name, …)`. */
export const prototypeOverrides: Readonly<
  Record<string, { readonly parameters: string; readonly reason: string }>
> = {
  uselib: {
    parameters: '(const char *library)',
    reason:
      'removed from the sources; Linux 6.18 fs/exec.c still defines it, and profiles are for older kernels too',
  },
};

const split =
  '32-bit ABIs split the 64-bit offset, each in its own way: in other places on ARM, in the other order on big-endian ones';

/** Calls that have no prototype here, because their parameters differ from architecture to architecture. */
export const withoutPrototype: Readonly<Record<string, string>> = {
  truncate64: split,
  ftruncate64: split,
  fadvise64_64: split,
  sigsuspend:
    'the mask is the third parameter of x86, ARM and s390, and the first of others (CONFIG_OLD_SIGSUSPEND3)',
};
