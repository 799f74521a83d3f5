/**
 * The form in which the built-in profiles are written, and how it becomes a Profile.
 * @module
 */
import type { ArchMapEntry, ProfileArg, ProfileRule } from '../profile.ts';

/** System calls that share an action and conditions. */
export interface SyscallGroup {
  /** Names separated by white space. */
  readonly syscalls: string;
  /** The reason for the conditions; becomes the rule's `comment`. */
  readonly why?: string;
  /** Applies only if the container has this capability. */
  readonly needs?: string;
  /** Applies only if the container has none of these, separated by white space. */
  readonly without?: string;
  /** Applies only on these architectures, in the engines' spelling, separated by white space. */
  readonly on?: string;
  /** Does not apply on these architectures. */
  readonly notOn?: string;
  /** Applies from this kernel on, `<kernel>.<major>`. */
  readonly sinceKernel?: string;
  /** Matches only if all of these hold. */
  readonly args?: readonly ProfileArg[];
}

/** What a group's rule says if it applies; action and errno as a profile writes them. */
type Answer = Pick<ProfileRule, 'action' | 'errno' | 'errnoRet'>;

/** Splits a text of names at white space and sorts them, so that equal sets give equal rules. */
function words(text: string): readonly string[] {
  return text.trim().split(/\s+/).sort();
}

/** The group as one rule, names sorted. */
export function toRule(group: SyscallGroup, answer: Answer): ProfileRule {
  const { needs, without, on, notOn, sinceKernel, args, why } = group;
  const includes = {
    ...(needs === undefined ? {} : { caps: [needs] }),
    ...(on === undefined ? {} : { arches: on.split(' ') }),
    ...(sinceKernel === undefined ? {} : { minKernel: sinceKernel }),
  };
  const excludes = {
    ...(without === undefined ? {} : { caps: without.split(' ') }),
    ...(notOn === undefined ? {} : { arches: notOn.split(' ') }),
  };
  return {
    names: words(group.syscalls),
    ...answer,
    ...(args === undefined ? {} : { args: args.map((each) => ({ ...each })) }),
    ...(why === undefined ? {} : { comment: why }),
    ...(Object.keys(includes).length === 0 ? {} : { includes }),
    ...(Object.keys(excludes).length === 0 ? {} : { excludes }),
  };
}

/** Reads lines `x86_64: x86 x32`: an architecture, and those whose programs its machines run too. */
export function toArchMap(lines: string): readonly ArchMapEntry[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [architecture = '', ...subArchitectures] = line
        .trim()
        .split(/:? +|:$/)
        .filter(Boolean)
        .map(toOciArch);
      return { architecture, subArchitectures };
    });
}

function toOciArch(name: string): string {
  return `SCMP_ARCH_${name.toUpperCase()}`;
}

/** A comparison `argument <op> value`. */
export function compare(index: number, op: 'EQ' | 'NE' | 'LT' | 'GT', value: bigint): readonly ProfileArg[] {
  return [{ index, value, op: `SCMP_CMP_${op}` }];
}

/** All bits of `mask` are 0 in the argument. */
export function hasNoneOf(index: number, mask: bigint): readonly ProfileArg[] {
  return [{ index, value: mask, valueTwo: 0n, op: 'SCMP_CMP_MASKED_EQ' }];
}
