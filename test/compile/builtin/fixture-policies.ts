/**
 * The built-in profiles and those of fixtures/profiles/good, as policies.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { ArchName } from '../../../src/abi/architectures.ts';
import { capabilitySets } from '../../../src/abi/capabilities.ts';
import { OciSeccompError } from '../../../src/errors.ts';
import { builtinProfiles } from '../../../src/oci/builtin/index.ts';
import type { Profile } from '../../../src/oci/profile.ts';
import { readProfile } from '../../../src/oci/read-profile.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../../src/policy/lower-profile.ts';
import { newestTable } from '../../../src/policy/newest-table.ts';
import type { Expanded } from './support.ts';

const good = `${import.meta.dirname}/../../../fixtures/profiles/good`;

/** A profile of a file; `undefined` if it cannot be read as one. */
export function readFile(path: string): Profile | undefined {
  return readProfile(readFileSync(path, 'utf8'), { name: path }).profile;
}

export const fixtureProfiles: readonly (readonly [string, Profile])[] = [
  ...Object.entries(builtinProfiles).map(([name, make]): [string, Profile] => [name, make()]),
  ...readdirSync(good).map((name): [string, Profile] => {
    const profile = readFile(`${good}/${name}`);
    if (profile === undefined) throw new Error(`${name} is no profile`);
    return [name, profile];
  }),
];

/** The policy of a profile; `undefined` where the runtime refuses it or seccomp is off. */
export function policyOf(profile: Profile, arch: ArchName, runtime: string): Expanded | undefined {
  try {
    const host = { arch, kernel: { kernel: 6, major: 1 }, capabilities: capabilitySets.docker };
    const { seccomp } = resolveProfile(profile, host);
    if (seccomp === undefined) return undefined;
    const { policy } = lowerProfile(seccomp, { runtime, arch, kernel: host.kernel, table: newestTable });
    return { policy, expanded: expandPolicy(policy, newestTable) };
  } catch (error) {
    if (error instanceof OciSeccompError && error.code.startsWith('ERR_PROFILE')) return undefined;
    throw error;
  }
}
