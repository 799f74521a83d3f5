/**
 * Calls that i386 makes through socketcall: rules of several names meet at one number, and their conditions with them. The
 * kernel's number and argument are those of socketcall(2).
 */
import { expect, it } from 'vitest';
import { intersectProfiles } from '../../src/compose/index.ts';
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';

function profile(rule: Omit<ProfileRule, 'action'>): Profile {
  return {
    dialect: 'docker',
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    rules: [{ action: 'SCMP_ACT_ALLOW', ...rule }],
  };
}

it('sees a difference that only one pair of capabilities shows', () => {
  // socketcall(1) is let through by both with CAP_CHOWN and without CAP_KILL, and no rule of one name says that.
  const pair = [
    profile({ names: ['socket'], includes: { caps: ['CAP_CHOWN'] } }),
    profile({ names: ['socketcall'], excludes: { caps: ['CAP_KILL'] } }),
  ];
  expect(() => intersectProfiles(pair)).toThrow(expect.objectContaining({ code: 'ERR_INEXPRESSIBLE' }));
  const { proof } = intersectProfiles(pair, { allowStricter: true });
  expect(proof.stricter.map(({ host }) => host.capabilities)).toEqual([['CAP_CHOWN']]);
});
