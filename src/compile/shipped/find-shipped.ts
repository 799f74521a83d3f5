/**
 * The programs that come with the package, each proven when the release was made: for the built-in profiles on usual
 * hosts. A program is found by all that its policy means, so a policy that means anything else does not find it.
 *
 * What a policy means is compared, not a hash of it: Node's cryptography takes milliseconds to load.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { errnoByName } from '../../abi/errno.ts';
import { decodeProgram, type Program } from '../../bpf/program.ts';
import { newestTable } from '../../policy/newest-table.ts';
import type { Policy, SyscallTable } from '../../policy/policy.ts';
import { hasPlainNames, headText, pieces } from './policy-text.ts';
import { ruleCounts } from './rule-counts.generated.ts';

interface Shipped {
  /** The pieces that the rules of all policies are made of. */
  readonly known: readonly string[];
  /** By the policy: the bytes of the program as its target reads them, in base64. */
  readonly shipped: Readonly<Record<string, string>>;
}

/** Whose default profile a policy may come from. */
type Family = 'docker' | 'podman';

/** Docker's default denies with EPERM, Podman's with ENOSYS. A policy of neither finds nothing in either's file. */
export function familyOf({ defaultAction }: Pick<Policy, 'defaultAction'>): Family {
  return (defaultAction & 0xffff) === errnoByName('ENOSYS') ? 'podman' : 'docker';
}

/** A start reads the file of one family: those of common machines are long. */
const byArchitecture: Partial<Record<ArchName, (family: Family) => Promise<Shipped>>> = {
  x86_64: (family) =>
    family === 'docker' ? import('./x86-64-docker.generated.ts') : import('./x86-64-podman.generated.ts'),
  aarch64: (family) =>
    family === 'docker' ? import('./aarch64-docker.generated.ts') : import('./aarch64-podman.generated.ts'),
  ppc64le: () => import('./ppc64le.generated.ts'),
  riscv64: () => import('./riscv64.generated.ts'),
  s390x: () => import('./s390x.generated.ts'),
};

/** Native architectures that programs are shipped for. */
export const shippedArchitectures = Object.keys(byArchitecture) as readonly ArchName[];

/**
 * The key of a policy: its head, and the places of its pieces among those that are known.
 *
 * @returns `undefined` if a piece is not known
 */
export function policyKey(policy: Policy, known: readonly string[]): string | undefined {
  let key = headText(policy);
  for (const piece of pieces(policy.rules)) {
    const at = known.indexOf(piece);
    if (at === -1) return undefined;
    key += ` ${at}`;
  }
  return key;
}

/**
 * Whether names of calls have the numbers for which the programs were made. The rules are not written in numbers of each
 * architecture for that, which would take longer than all the rest.
 */
function hasNewestNumbers({ architectures: archs, rules }: Policy, table: SyscallTable): boolean {
  if (table === newestTable) return true;
  return rules.every(({ syscall }) =>
    archs.every((arch) => table.resolve(syscall, arch) === newestTable.resolve(syscall, arch)),
  );
}

/**
 * Finds the shipped program of a policy; `undefined` if no program for it is shipped.
 *
 * @param table - the one that the policy was lowered with
 */
export async function findShipped(policy: Policy, table: SyscallTable): Promise<Program | undefined> {
  const [native] = policy.architectures;
  // A profile that somebody has edited is seldom as long as one that is shipped, and the files are long.
  if (ruleCounts[native]?.includes(policy.rules.length) !== true) return undefined;
  if (!hasNewestNumbers(policy, table)) return undefined;
  const data = await byArchitecture[native]?.(familyOf(policy));
  if (data === undefined) return undefined;
  const key = policyKey(policy, data.known);
  const bytes = key !== undefined && Object.hasOwn(data.shipped, key) ? data.shipped[key] : undefined;
  return bytes === undefined || !hasPlainNames(policy.rules)
    ? undefined
    : decodeProgram(Buffer.from(bytes, 'base64'), architectures[native].endian);
}
