/**
 * Copies of default profiles, for the package's root: the code that knows the defaults of all releases is imported on use.
 * @module
 */
import { oneOf, plainText, takeOptions } from '../abi/take-options.ts';
import type { BaseMatch } from '../compose/identify-base.ts';
import type { Profile } from '../oci/profile.ts';
import { takeReadProfile } from './check-input.ts';
import type { Rebase, RebaseOptions } from './rebase-onto.ts';

export type { CopyForm } from '../compose/dated/copy-form.ts';
export type { DatedFamily, Release, ReleaseRun } from '../compose/dated/releases.ts';
export type { NameChanges } from '../compose/identify-base.ts';
export type { RebaseChange, RebaseConflict, RebasedProfile, Winner } from '../compose/rebase-profile.ts';
export type { RebaseProof } from '../compose/rebase-proof.ts';
export type { BaseMatch };

/**
 * Finds which default profile a profile was copied from, among those of all releases of Docker, Podman, containerd and
 * CRI-O that are known.
 *
 * @returns `undefined` if the profile is no copy: less than half of what it or the nearest default says is common to both
 * @throws OciSeccompError `ERR_USAGE` for a profile that was not read
 */
export async function identifyBase(profile: Profile): Promise<BaseMatch | undefined> {
  const taken = takeReadProfile('identifyBase', profile);
  const found = await import('../compose/identify-base.ts');
  return found.identifyBase(taken);
}

/**
 * Puts a copy of a default profile onto a newer default, with its author's changes, and proves that every change is kept.
 *
 * @returns the profile, `text` as a file of its dialect, and what was merged
 * @throws OciSeccompError `ERR_USAGE` for a wrong option, a profile that is not a copy of a default profile, and for an unknown release; `ERR_PROOF` if the
 *   result is not proven; `ERR_PROFILE_SEMANTICS` for a profile that its engine refuses
 */
export async function rebaseProfile(
  profile: Profile,
  options: RebaseOptions = {},
): Promise<Rebase & { readonly text: string }> {
  const taken = takeOptions('rebaseProfile', options, {
    ...{ onto: plainText, from: plainText },
    onConflict: oneOf(['yours', 'default']),
  });
  const read = takeReadProfile('rebaseProfile', profile);
  const { rebasedText, rebaseOnto } = await import('./rebase-onto.ts');
  const rebase = rebaseOnto(read, taken);
  return { ...rebase, text: await rebasedText(rebase) };
}
