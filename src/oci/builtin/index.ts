/**
 * The profiles that come with the package. Each is built anew on every call; importing builds nothing.
 * @module
 */
import { frozen } from '../../abi/frozen.ts';
import type { Profile } from '../profile.ts';
import { dockerDefault } from './docker-default.ts';
import { podmanDefault } from './podman-default.ts';

/** The name of a built-in profile. */
export type BuiltinName = 'docker-default' | 'podman-default';

/**
 * The built-in profiles by name: `docker-default` is moby/profiles' of 2026-06, dialect `docker`; `podman-default`
 * is containers/common's of 2025-08, dialect `podman`. Each resolves to the same rules as the profile it restates,
 * per system call in the same order.
 */
export const builtinProfiles: Readonly<Record<BuiltinName, () => Profile>> = frozen({
  // Written out: the program loads them when one is asked for (tools/program-chunks.mjs).
  'docker-default': () => dockerDefault(),
  'podman-default': () => podmanDefault(),
});

/** Tells whether a text is the name of a built-in profile. */
export function isBuiltinName(name: string): name is BuiltinName {
  return Object.hasOwn(builtinProfiles, name);
}

/** The names of default profiles that are known by release: `NAME@20.10`; the name alone is the newest release. */
export const builtinFamilies = [
  'docker-default',
  'podman-default',
  'containerd-default',
  'crio-default',
] as const;

/**
 * Tells whether a text names a built-in profile or one of a release, `docker-default@20.10`. The release may still be
 * unknown: `builtinProfile` of the package's root says so.
 */
export function namesBuiltin(text: string): boolean {
  const [name = ''] = text.split('@', 1);
  return builtinFamilies.some((family) => family === name);
}
