/**
 * What lint finds in the default profiles of Docker and Podman, on the hosts that docs/default-profiles.md speaks of.
 */
import type { ArchName } from '../../src/abi/architectures.ts';
import { type CapabilitySet, capabilitySets } from '../../src/abi/capabilities.ts';
import { lintReadProfile } from '../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../src/lint/engine/merge-findings.ts';
import { type BuiltinName, builtinProfiles } from '../../src/oci/builtin/index.ts';

const arches: readonly ArchName[] = ['x86_64', 'aarch64'];
const sets: readonly CapabilitySet[] = ['docker', 'podman', 'all'];
const runtimes = ['runc', 'crun'];
const kernel = { kernel: 6, major: 18 };

export interface DefaultFinding {
  readonly rule: string;
  readonly level: string;
  readonly pointer: string;
  readonly message: string;
  /** `everywhere`, or on which architectures, with which capabilities and under which runtimes. */
  readonly where: string;
}

/** In document order. */
export async function defaultFindings(name: BuiltinName): Promise<readonly DefaultFinding[]> {
  const found = new Map<string, { finding: Omit<DefaultFinding, 'where'>; seen: string[][] }>();
  for (const arch of arches) {
    for (const set of sets) {
      for (const runtime of runtimes) {
        const profile = builtinProfiles[name]();
        const { findings } = await lintReadProfile(
          { profile, dialect: profile.dialect, document: undefined, problems: [] },
          {
            hosts: [{ arch, kernel, capabilities: capabilitySets[set] }],
            runtimes: [runtime],
            inherited: 'among',
          },
        );
        for (const { rule, level, range, message } of singleFindings(findings)) {
          if (rule === 'conditions-never-hold') continue;
          const finding = { rule, level, pointer: range.pointer, message };
          const known = found.get(JSON.stringify(finding)) ?? { finding, seen: [] };
          known.seen.push([arch, set, runtime]);
          found.set(JSON.stringify(finding), known);
        }
      }
    }
  }
  return [...found.values()].map(({ finding, seen }) => ({ ...finding, where: describeWhere(seen) }));
}

function describeWhere(seen: readonly (readonly string[])[]): string {
  const parts = [arches, sets, runtimes].map((all, at) => {
    const some = all.filter((each) => seen.some((combination) => combination[at] === each));
    return some.length === all.length ? [] : some;
  });
  const [on = [], withSets = [], under = []] = parts;
  const count = (some: readonly string[], all: readonly string[]): number => some.length || all.length;
  if (seen.length !== count(on, arches) * count(withSets, sets) * count(under, runtimes)) {
    return seen.map((each) => each.join(' ')).join(', ');
  }
  const words = [on.join(', '), withSets.map((set) => `${set} capabilities`).join(', '), under.join(', ')];
  return words.filter((word) => word !== '').join('; ') || 'everywhere';
}
