/**
 * The programs that come with the package, each proven when the release was made: for the built-in profiles on usual
 * hosts. A program is found by the hash of what its policy means, so a policy that means anything else does not find it.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { decodeProgram, type Program } from '../../bpf/program.ts';
import type { ArchPolicy } from '../../policy/expand-policy.ts';
import type { Policy } from '../../policy/policy.ts';
import { policyText } from './policy-text.ts';

interface Shipped {
  /** By the hash of the policy: the bytes of the program as its target reads them, in base64. */
  readonly shipped: Readonly<Record<string, string>>;
}

const byArchitecture: Partial<Record<ArchName, () => Promise<Shipped>>> = {
  x86_64: () => import('./x86-64.generated.ts'),
  aarch64: () => import('./aarch64.generated.ts'),
  ppc64le: () => import('./ppc64le.generated.ts'),
  riscv64: () => import('./riscv64.generated.ts'),
  s390x: () => import('./s390x.generated.ts'),
};

/** Native architectures that programs are shipped for. */
export const shippedArchitectures = Object.keys(byArchitecture) as readonly ArchName[];

/** The SHA-256 of {@link policyText}, in hexadecimal. */
export function hashPolicy(policy: Policy, expanded: readonly ArchPolicy[]): string {
  return process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(policyText(policy, expanded))
    .digest('hex');
}

/** Finds the shipped program of a policy; `undefined` if no program for it is shipped. */
export async function findShipped(
  policy: Policy,
  expanded: readonly ArchPolicy[],
): Promise<Program | undefined> {
  const [native] = policy.architectures;
  const data = await byArchitecture[native]?.();
  if (data === undefined) return undefined;
  const hash = hashPolicy(policy, expanded);
  const bytes = Object.hasOwn(data.shipped, hash) ? data.shipped[hash] : undefined;
  return bytes === undefined
    ? undefined
    : decodeProgram(Buffer.from(bytes, 'base64'), architectures[native].endian);
}
