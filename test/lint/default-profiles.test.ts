/**
 * The default profiles of Docker and Podman, which run more programs than any other: no rule of breakage or form may cry wolf.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { lintReadProfile } from '../../src/lint/engine/lint-profile.ts';
import { allRules } from '../../src/lint/engine/registry.ts';
import { type BuiltinName, builtinProfiles } from '../../src/oci/builtin/index.ts';

const ids = allRules
  .filter(({ group, level }) => (group === 'breakage' || group === 'form') && level !== 'off')
  .map(({ id }) => id);
const arches: readonly ArchName[] = ['x86_64', 'aarch64', 's390x', 'riscv64', 'ppc64le', 'x86', 'arm'];
const kernel = { kernel: 6, major: 18 };

describe.each(Object.keys(builtinProfiles) as BuiltinName[])('%s', (name) => {
  it.each(arches)('on %s', async (arch) => {
    const profile = builtinProfiles[name]();
    const read = { profile, dialect: profile.dialect, document: undefined, problems: [] };
    const { findings } = await lintReadProfile(read, {
      hosts: [{ arch, kernel, capabilities: capabilitySets.docker }],
      runtimes: ['runc', 'crun'],
    });
    const own = findings.filter(({ rule }) => ids.includes(rule));
    expect(own.map(({ rule, message, hosts }) => [rule, message, hosts])).toEqual([]);
  });
});
