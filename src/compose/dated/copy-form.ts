/**
 * The forms in which a default stands in copies of it.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import type { Profile } from '../../oci/profile.ts';
import { resolveProfile } from '../../oci/resolve-profile.ts';
import { datedProfile } from './releases.ts';

/**
 * How a default stands in a copy: `whole`, with its conditions; `resolved`, as its engine hands it to a runtime on x86_64
 * for a container with Docker's capabilities.
 */
export type CopyForm = 'whole' | 'resolved';

export const copyForms: readonly CopyForm[] = ['whole', 'resolved'];

/** The machine that `resolved` is for; its kernel is at least as new as each one that defaults ask for. */
const RESOLVED_FOR = {
  arch: 'x86_64',
  kernel: NEWEST_KERNEL,
  capabilities: capabilitySets.docker,
} as const;

/** A default as it stands in copies of a form. */
export function datedInForm(profile: number, form: CopyForm): Profile {
  const whole = datedProfile(profile);
  return form === 'whole' ? whole : resolvedDefault(whole);
}

/** A default as its engine hands it to a runtime. */
export function resolvedDefault(profile: Profile): Profile {
  const { seccomp } = resolveProfile(profile, RESOLVED_FOR);
  if (seccomp === undefined) return profile;
  const { syscalls = [], refusals: _, ...head } = seccomp;
  return { dialect: 'oci', ...head, rules: syscalls.map((rule) => ({ ...rule, names: rule.names ?? [] })) };
}
