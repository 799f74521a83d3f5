/**
 * The names and numbers of a given release of libseccomp, without that library.
 * @module
 */
import { type ArchName, allArchitectures, architectures } from '../abi/architectures.ts';
import { syscallNumber } from '../abi/syscall-numbers.ts';
import { releases } from '../abi/table-releases.generated.ts';
import { OciSeccompError } from '../errors.ts';
import type { SyscallTable } from './policy.ts';

type Release = keyof typeof releases;

/**
 * Packages that know other names than the release in their version. Debian 12 took the table of 2.5.5 into its 2.5.4, and the
 * library still says 2.5.4. A test compares with that library.
 */
const packages: Readonly<Record<string, Release>> = { '2.5.4-1+deb12u1': '2.5.5' };

/** What {@link releaseTable} knows, the oldest first. */
export const tableReleases: readonly string[] = [...Object.keys(releases), ...Object.keys(packages)].sort();

/** The table of a release, `2.5.4`, or of a package that took over names of a newer one. */
export function releaseTable(asked: string): SyscallTable {
  const release = packages[asked] ?? asked;
  if (!Object.hasOwn(releases, release)) {
    throw new OciSeccompError('ERR_USAGE', `the names of libseccomp '${asked}' are not known here`, {
      hint: `known are ${tableReleases.join(', ')}; --library FILE asks a library that is there`,
    });
  }
  const { lacks, other } = releases[release as Release];
  const missing = new Set(lacks.split(' '));
  const numbers = new Map(other.split(' ').flatMap(parseOther));
  const name = `libseccomp ${asked}`;
  const resolve = (syscall: string, arch: ArchName): number | undefined => {
    requireKnown(arch, release, name);
    if (missing.has(syscall)) return undefined;
    const special = numbers.get(`${syscall}@${arch}`);
    if (special === undefined) return syscallNumber(syscall, arch);
    return special === '-' ? pseudoNumber(syscall) : Number(special);
  };
  return { name, resolve };
}

function parseOther(entry: string): readonly (readonly [string, string])[] {
  const [key, number] = entry.split('=');
  return key === undefined || number === undefined ? [] : [[key, number]];
}

/** The pseudo number of a call: the same in all releases, and on all architectures that lack the call. */
function pseudoNumber(syscall: string): number {
  const found = allArchitectures
    .map(({ name }) => syscallNumber(syscall, name))
    .find((nr) => nr !== undefined && nr < 0);
  return found ?? PNR_MAP_SHADOW_STACK;
}

/** `__PNR_map_shadow_stack`, include/seccomp-syscalls.h of 2.5.5: in the newest release no architecture lacks the call. */
const PNR_MAP_SHADOW_STACK = -10_245;

function requireKnown(arch: ArchName, release: string, name: string): void {
  const { since } = architectures[arch];
  if (compare(release, since) >= 0) return;
  throw new OciSeccompError('ERR_LIBSECCOMP_TOO_OLD', `${name} does not know the architecture ${arch}`, {
    hint: `libseccomp knows it since ${since}`,
    details: { asked: arch, minimum: since, found: release },
  });
}

function compare(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => text.split('.').map(Number));
  return (x ?? []).map((part, at) => part - (y?.[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
