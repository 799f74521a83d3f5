/**
 * Calls that came since a release: of the kernel, or of an engine's default profile.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { directSyscallNumber } from '../../abi/syscall-numbers.ts';
import { type EnteredCall, enteredSince } from '../../compose/dated/entered-calls.ts';
import { nameOf } from '../../compose/identify-base.ts';
import { OciSeccompError } from '../../errors.ts';
import { introducedAfter } from '../../lint/catalog/introductions.ts';
import { parseKernel } from '../../pipeline/parse-host.ts';
import { releaseOf } from '../../pipeline/rebase-onto.ts';

/** A call that a later kernel has. */
export interface IntroducedCall {
  readonly name: string;
  /** The first release of Linux that has it on any architecture: `6.8`. */
  readonly kernel: string;
  /** Those that have a number for it. */
  readonly architectures: readonly ArchName[];
}

export type CallsSince =
  | { readonly since: string; readonly entered: readonly EnteredCall[] }
  | { readonly since: string; readonly introduced: readonly IntroducedCall[] };

/** A kernel's release begins with a digit; no default profile does. */
const KERNEL = /^\d/;

/**
 * The calls that came after a kernel, or that default profiles came to name after a release.
 *
 * @param names - only these; none: all
 * @param arch - for a kernel: only calls of this architecture
 * @throws OciSeccompError `ERR_USAGE` for a release that is not known, for a call that did not come since, and for an
 *   architecture beside a default profile
 */
export function callsSince(since: string, names: readonly string[], arch?: ArchName): CallsSince {
  if (KERNEL.test(since)) {
    const { kernel, major } = parseKernel(since);
    const introduced = introducedAfter({ kernel, major }).map(([name, release]): IntroducedCall => {
      const all = allArchitectures.map((row) => row.name);
      const has = (each: ArchName): boolean => directSyscallNumber(name, each) !== undefined;
      return { name, kernel: release, architectures: all.filter(has) };
    });
    const here = introduced.filter(({ architectures }) => arch === undefined || architectures.includes(arch));
    const label = `Linux ${kernel}.${major}`;
    return { since: label, introduced: only(here, names, since, label) };
  }
  if (arch !== undefined) {
    throw new OciSeccompError('ERR_USAGE', `--arch has no use with the default profile ${since}`, {
      hint: 'default profiles name calls for all architectures; give a kernel to --since, or leave --arch out',
    });
  }
  const release = releaseOf(since);
  const label = nameOf(release);
  return { since: label, entered: only(enteredSince(release), names, since, label) };
}

function only<Call extends { readonly name: string }>(
  calls: readonly Call[],
  names: readonly string[],
  since: string,
  label: string,
): readonly Call[] {
  const missing = names.filter((name) => !calls.some((each) => each.name === name));
  if (missing.length > 0) {
    throw new OciSeccompError('ERR_USAGE', `${missing.join(', ')} did not come since ${label}`, {
      hint: `oci-seccomp syscalls --since ${since} lists what came`,
    });
  }
  return names.length === 0 ? calls : calls.filter(({ name }) => names.includes(name));
}
