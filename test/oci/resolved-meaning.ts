/**
 * What a resolved profile says, for comparing profiles that group their rules differently.
 */
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';

/** Per name the ordered list of what applies. */
export function resolvedMeaning({ syscalls = [], ...rest }: LinuxSeccomp): {
  readonly rules: Readonly<Record<string, unknown>>;
} & Omit<LinuxSeccomp, 'syscalls'> {
  const byName = new Map<string, unknown[]>();
  for (const { names, action, errnoRet, args = [] } of syscalls) {
    for (const name of names) {
      const comparisons = args.map(
        ({ index, op, value, valueTwo = 0n }) => `${index} ${op} ${value} ${valueTwo}`,
      );
      byName.set(name, [...(byName.get(name) ?? []), { action, errnoRet, comparisons }]);
    }
  }
  return { ...rest, rules: Object.fromEntries([...byName].sort(([a], [b]) => (a < b ? -1 : 1))) };
}
