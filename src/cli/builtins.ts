/**
 * The built-in profiles by the name the command line takes, each loaded when asked for.
 * @module
 */
import type { Profile } from '../oci/profile.ts';

const builtins = {
  'docker-default': async () => (await import('../oci/builtin/docker-default.ts')).dockerDefault(),
  'podman-default': async () => (await import('../oci/builtin/podman-default.ts')).podmanDefault(),
} as const satisfies Record<string, () => Promise<Profile>>;

export type BuiltinName = keyof typeof builtins;

export const builtinNames: readonly string[] = Object.keys(builtins);

/** A built-in's name wins over a file of that name, which is still to be had as `./docker-default`. */
export function isBuiltinName(operand: string): operand is BuiltinName {
  return Object.hasOwn(builtins, operand);
}

export function loadBuiltin(name: BuiltinName): Promise<Profile> {
  return builtins[name]();
}
