/**
 * Calls that came since a release: of the kernel, or of an engine's default profile.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { directSyscallNumber, isSyscallName } from '../../abi/syscall-numbers.ts';
import { type EnteredCall, enteredSince } from '../../compose/dated/entered-calls.ts';
import type { Release } from '../../compose/dated/releases.ts';
import { nameOf } from '../../compose/identify-base.ts';
import { OciSeccompError } from '../../errors.ts';
import { introducedAfter } from '../../lint/catalog/introductions.ts';
import { builtinFamilies } from '../../oci/builtin/index.ts';
import { meantBuiltin } from '../../oci/builtin/meant-builtin.ts';
import { parseKernel } from '../../pipeline/parse-host.ts';
import { releaseOf } from '../../pipeline/rebase-onto.ts';
import { CALL_NUMBER, unknownCall } from '../operands/unknown-call.ts';

/** A call that a later kernel has. */
export interface IntroducedCall {
  readonly name: string;
  /** The first release of Linux that has it on any architecture: `6.8`. */
  readonly kernel: string;
  /** Those that have a number for it. */
  readonly architectures: readonly ArchName[];
}

type CallsSince =
  | { readonly since: string; readonly entered: readonly EnteredCall[] }
  | { readonly since: string; readonly introduced: readonly IntroducedCall[] };

/** No default profile begins with a digit; tags of Linux have a `v` in front. */
const KERNEL = /^v?(?=\d)/;

/**
 * The calls that came after a kernel, or that default profiles came to name after a release.
 *
 * @param since - a kernel, such as `6.6` or what `uname -r` prints, or a default profile
 * @param names - only these; none: all
 * @param arch - for a kernel: only calls of this architecture
 * @throws OciSeccompError `ERR_USAGE` for a release that is not known, for a call that did not come since, and for an
 *   architecture beside a default profile
 */
export function callsSince(since: string, names: readonly string[], arch?: ArchName): CallsSince {
  if (KERNEL.test(since)) return sinceKernel(since, names, arch);
  if (arch !== undefined) {
    throw new OciSeccompError('ERR_USAGE', `--arch has no use with the default profile ${since}`, {
      hint: 'default profiles name calls for all architectures; give a kernel to --since, or leave --arch out',
    });
  }
  const release = defaultOf(since);
  const label = nameOf(release);
  return { since: label, entered: only(enteredSince(release), names, since, label) };
}

/** @throws OciSeccompError `ERR_USAGE` for what is neither a kernel nor a default profile */
function defaultOf(since: string): Release {
  if (builtinFamilies.some((family) => family === since.split('@')[0])) return releaseOf(since);
  throw new OciSeccompError('ERR_USAGE', `'${since}' is neither a kernel nor a default profile`, {
    hint: `${meantBuiltin(since)}give a kernel, such as 6.6, or ${builtinFamilies.join(', ')}, also with a release: docker-default@20.10`,
  });
}

function sinceKernel(since: string, names: readonly string[], arch?: ArchName): CallsSince {
  const spelling = since.replace(KERNEL, '');
  parseKernel(spelling);
  const [kernel = ''] = /^\d+\.\d+(?:\.\d+)?/.exec(spelling) ?? [];
  const arches = allArchitectures.map(({ name }) => name);
  const introduced = introducedAfter(kernel).map(([name, release]): IntroducedCall => {
    const architectures = arches.filter((each) => directSyscallNumber(name, each) !== undefined);
    return { name, kernel: release, architectures };
  });
  const here = introduced.filter(({ architectures }) => arch === undefined || architectures.includes(arch));
  const label = `Linux ${kernel}`;
  return { since: label, introduced: only(here, names, since, label, arch) };
}

function only<Call extends { readonly name: string }>(
  calls: readonly Call[],
  names: readonly string[],
  since: string,
  label: string,
  arch?: ArchName,
): readonly Call[] {
  const missing = names.filter((name) => !calls.some((each) => each.name === name));
  const unknown = missing.find((name) => !isSyscallName(name));
  if (unknown !== undefined) throw CALL_NUMBER.test(unknown) ? notByNumber(unknown) : unknownCall(unknown);
  if (missing.length > 0) {
    const [where, option] = arch === undefined ? ['', ''] : [` to ${arch}`, ` --arch ${arch}`];
    throw new OciSeccompError('ERR_USAGE', `${missing.join(', ')} did not come${where} since ${label}`, {
      hint: `oci-seccomp syscalls --since ${since}${option} lists what came`,
    });
  }
  return names.length === 0 ? calls : calls.filter(({ name }) => names.includes(name));
}

function notByNumber(number: string): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `--since takes names of calls, not the number ${number}`, {
    hint: `oci-seccomp syscalls ${number} says its name`,
  });
}
