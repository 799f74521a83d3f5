/** The most processor time that a caller may give libseccomp, in milliseconds: an hour, as `--timeout` has it. */
export const LONGEST_TIMEOUT_MS = 3_600_000;
