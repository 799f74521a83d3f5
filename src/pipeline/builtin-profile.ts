/**
 * Built-in profiles by the names that people use: today's, and those of a release.
 * @module
 */
import { describe } from '../abi/check-values.ts';
import { OciSeccompError } from '../errors.ts';
import { builtinFamilies, builtinProfiles, isBuiltinName } from '../oci/builtin/index.ts';
import { meantBuiltin } from '../oci/builtin/meant-builtin.ts';
import type { Profile } from '../oci/profile.ts';

/**
 * A built-in profile, built anew on each call.
 *
 * @param name - `docker-default`, `podman-default`, `containerd-default` or `crio-default`: the newest that is known. With a
 *   release, `docker-default@20.10.7`: that release's; `docker-default@20.10`: that of the newest 20.10
 * @throws OciSeccompError `ERR_USAGE` for another name, and for a release that is not known
 */
export async function builtinProfile(name: string): Promise<Profile> {
  if (typeof name === 'string') return (await findBuiltin(name)).profile;
  throw new OciSeccompError('ERR_USAGE', `a built-in profile is named by text, not by ${describe(name)}`);
}

/** As {@link builtinProfile}, with the whole name: `docker-default@20.10` is `docker-default@20.10.27`. */
export async function findBuiltin(
  name: string,
): Promise<{ readonly name: string; readonly profile: Profile }> {
  if (isBuiltinName(name)) return { name, profile: builtinProfiles[name]() };
  const { datedProfile, findRelease, newestRelease } = await import('../compose/dated/releases.ts');
  const [family, ...rest] = name.split('@');
  const known = builtinFamilies.find((each) => each === family);
  if (known === undefined) {
    throw new OciSeccompError('ERR_USAGE', `${name} is not a built-in profile`, {
      hint: `${meantBuiltin(name)}built-in profiles are ${builtinFamilies.join(', ')}`,
    });
  }
  const release = rest.length === 0 ? newestRelease(known) : findRelease(known, rest.join('@'));
  return { name: `${known}@${release.version}`, profile: datedProfile(release.run.profile) };
}
