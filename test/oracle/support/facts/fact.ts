/**
 * What runtimes do with an unusual profile, as measured, and the parts of such profiles.
 *
 * Outcomes: `off` (no filter); `refused: PART OF THE MESSAGE`; else what the filter answers to the row's calls
 * (by default mkdir with argument 0 = 1), spaces between. Where versions differ, a list of [first version, outcome],
 * oldest first; versions are those measured, the change may have come earlier than the one named.
 * @module
 */

export type Outcome = string | readonly (readonly [since: string, outcome: string])[];

export interface Fact {
  readonly name: string;
  /** JSON text of `linux.seccomp`, as it stands in config.json. */
  readonly seccomp: string;
  /** `[nr, argument 0]` on x86_64. */
  readonly calls?: readonly (readonly [number, bigint])[];
  readonly runc: Outcome;
  readonly crun: Outcome;
}

export const ALLOW = '"defaultAction":"SCMP_ACT_ALLOW"';
export const MKDIR = '{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}';
export const mkdir = 83;
export const rmdir = 84;
export const chdir = 80;

/** Default ALLOW and the given rules. */
export function rules(text: string): string {
  return `{${ALLOW},"syscalls":[${text}]}`;
}

/** One rule on mkdir with the given keys, ERRNO unless the keys say otherwise. */
export function rule(keys: string): string {
  return rules(`{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"${keys}}`);
}

export function args(text: string): string {
  return rule(`,"args":[${text}]`);
}

export function equals(index: number, value = index + 1): string {
  return `{"index":${index},"value":${value},"op":"SCMP_CMP_EQ"}`;
}

/** One comparison of argument 0 with a value as it stands in the text. */
export function value(text: string): string {
  return args(`{"index":0,"value":${text},"op":"SCMP_CMP_EQ"}`);
}

export function architectures(text: string): string {
  return `{${ALLOW},"architectures":${text},"syscalls":[${MKDIR}]}`;
}

export const goUint = 'refused: cannot unmarshal number';
export const goString = 'refused: cannot unmarshal string';
export const yajlRange = 'refused: Numerical result out of range';
export const yajlInvalid = 'refused: Invalid argument';
