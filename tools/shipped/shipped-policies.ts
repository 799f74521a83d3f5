/**
 * The policies whose programs come with the package: the built-in profiles as usual hosts get them.
 * @module
 */
import type { ArchName } from '../../src/abi/architectures.ts';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { shippedArchitectures } from '../../src/compile/shipped/find-shipped.ts';
import { headText, pieces } from '../../src/compile/shipped/policy-text.ts';
import { type BuiltinName, builtinProfiles } from '../../src/oci/builtin/index.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { type ArchPolicy, expandPolicy } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import type { Policy } from '../../src/policy/policy.ts';

/** A policy, and whom it is for. */
export interface ShippedPolicy {
  /** `docker-default for runc on x86_64, with SYS_ADMIN`; of several whose policy is the same, the first. */
  readonly label: string;
  readonly arch: ArchName;
  readonly policy: Policy;
  readonly expanded: readonly ArchPolicy[];
  /** Whether it has one architecture, so that a search for wider windows of bits ends in seconds. */
  readonly alone: boolean;
}

const kernel = { kernel: 6, major: 12 };

/** Machines that most containers run on get programs for more sets of capabilities. */
export const COMMON: readonly ArchName[] = ['x86_64', 'aarch64'];

function setsOf(arch: ArchName, engine: 'docker' | 'podman'): ReadonlyMap<string, readonly string[]> {
  const own = capabilitySets[engine];
  const usual = new Map<string, readonly string[]>([['', own]]);
  if (!COMMON.includes(arch)) return usual;
  return usual
    .set(', without capabilities', [])
    .set(', with SYS_ADMIN', [...own, 'CAP_SYS_ADMIN'])
    .set(', with SYS_PTRACE', [...own, 'CAP_SYS_PTRACE'])
    .set(', with SYS_NICE', [...own, 'CAP_SYS_NICE'])
    .set(', with all capabilities', capabilitySets.all);
}

/** Architectures that also get a program for their own calls alone, for hosts that run no 32-bit programs. */
const ALONE: Partial<Record<ArchName, readonly string[]>> = { x86_64: ['SCMP_ARCH_X86_64'] };

interface Variant {
  readonly suffix: string;
  readonly capabilities: readonly string[];
  /** Default: those of the profile. */
  readonly architectures?: readonly string[];
}

function variantsOf(arch: ArchName, name: BuiltinName): readonly Variant[] {
  const engine = name === 'docker-default' ? 'docker' : 'podman';
  const sets = [...setsOf(arch, engine)].map(([suffix, capabilities]) => ({ suffix, capabilities }));
  const own = ALONE[arch];
  if (own === undefined || engine !== 'docker') return sets;
  return [...sets, { suffix: ' alone', capabilities: capabilitySets[engine], architectures: own }];
}

/** Lists them, each policy once. */
export function shippedPolicies(): readonly ShippedPolicy[] {
  const byText = new Map<string, ShippedPolicy>();
  for (const arch of shippedArchitectures) {
    for (const name of Object.keys(builtinProfiles) as BuiltinName[]) {
      for (const runtime of ['runc', 'crun']) {
        for (const { suffix, capabilities, architectures } of variantsOf(arch, name)) {
          const label = `${name} for ${runtime} on ${arch}${suffix}`;
          const { seccomp } = resolveProfile(builtinProfiles[name](), { arch, kernel, capabilities });
          if (seccomp === undefined) throw new Error(`${label}: seccomp is off`);
          const { policy } = lowerProfile(
            architectures === undefined ? seccomp : { ...seccomp, architectures },
            { runtime, arch, kernel, table: newestTable },
          );
          const expanded = expandPolicy(policy, newestTable);
          const text = headText(policy) + pieces(policy.rules).join('\n');
          if (!byText.has(text))
            byText.set(text, { label, arch, policy, expanded, alone: architectures !== undefined });
        }
      }
    }
  }
  return [...byText.values()];
}
