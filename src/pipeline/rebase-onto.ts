/**
 * A copy of a default profile, put onto a newer one: the base is found, the three are merged, and the result is proven.
 * @module
 */
import { architectures } from '../abi/architectures.ts';
import { capabilitySets } from '../abi/capabilities.ts';
import { datedInForm } from '../compose/dated/fact-index.ts';
import { findRelease, newestRelease, type Release } from '../compose/dated/releases.ts';
import { hasConditions } from '../compose/dated/rule-facts.ts';
import { type BaseMatch, compareWithBase, identifyBase, nameOf } from '../compose/identify-base.ts';
import { mergeOnto, type RebasedProfile, type Winner } from '../compose/rebase-profile.ts';
import { proveRebase, type RebaseProof } from '../compose/rebase-proof.ts';
import { OciSeccompError } from '../errors.ts';
import { builtinFamilies } from '../oci/builtin/index.ts';
import { hasKeys, isApiObject, isBundle } from '../oci/dialect-rows.ts';
import type { Host } from '../oci/host.ts';
import type { Profile } from '../oci/profile.ts';
import { resolveProfile } from '../oci/resolve-profile.ts';
import { serializeProfile } from '../oci/serialize.ts';

/** What a profile is put onto. */
export interface RebaseOptions {
  /** `docker-default`: the newest release; `docker-default@28.0`. Default: the newest of the base's engine. */
  readonly onto?: string;
  /** The default that it was copied from, `docker-default@20.10`. Default: it is found. */
  readonly from?: string;
  /** Who wins where the author and the new default changed the same; default: `yours`. */
  readonly onConflict?: Winner;
}

/** A rebased profile, with all that there is to say of it. */
export interface Rebase extends RebasedProfile {
  /** What the profile was copied from. */
  readonly match: BaseMatch;
  /** `docker-default@29.7.2` */
  readonly onto: string;
  /** One a host. */
  readonly proofs: readonly RebaseProof[];
  /** Nothing of the new default is missing, and there is no conflict. */
  readonly isCurrent: boolean;
}

/** Hosts that all conditions of defaults tell apart: by the numbers of arguments, and by capabilities. */
const provenFor: readonly Host[] = (['x86_64', 'aarch64', 's390x'] as const).flatMap((arch) =>
  [capabilitySets.docker, capabilitySets.none, capabilitySets.all].map((capabilities) => ({
    arch,
    kernel: { kernel: 6, major: 18 },
    capabilities,
  })),
);

/**
 * Puts a copy of a default profile onto a newer default, with its author's changes.
 *
 * @throws OciSeccompError `ERR_USAGE` for a profile that is no copy, a release that is not known, and a dialect that is not
 *   written; `ERR_PROOF` if the result is not proven; `ERR_PROFILE_SEMANTICS` for a profile that its engine refuses
 */
export function rebaseOnto(profile: Profile, options: RebaseOptions = {}): Rebase {
  if (isBundle(profile.dialect)) {
    throw new OciSeccompError('ERR_USAGE', 'a bundle holds more than a profile, and rebase writes profiles', {
      hint: 'rebase the profile that the bundle was made with',
    });
  }
  const match =
    options.from === undefined ? found(profile) : compareWithBase(profile, releaseOf(options.from));
  const onto = options.onto === undefined ? newestRelease(match.family) : releaseOf(options.onto);
  const [base] = match.releases;
  if (base === undefined) throw new Error(`no release of ${match.base}`);
  // What cannot hold conditions gets a default without any.
  const ontoForm = hasKeys(profile.dialect, 'conditions') ? match.form : 'resolved';
  const input = {
    base: datedInForm(base.run.profile, match.form),
    yours: profile,
    onto: datedInForm(onto.run.profile, ontoForm),
  };
  const rebased = mergeOnto(input, options.onConflict);
  const proofs = hostsOf(rebased.profile).map((host) => proveRebase(input, rebased, host));
  const isSame = rebased.conflicts.length === 0 && rebased.updatedParts.length === 0;
  const isCurrent = isSame && proofs.every(({ updated }) => updated === 0);
  return { ...rebased, match, onto: nameOf(onto), proofs, isCurrent };
}

/** The hosts that a profile is for. A list of architectures is for machines of these. */
function hostsOf(profile: Profile): readonly Host[] {
  const { architectures: listed = [] } = profile;
  const fitting = provenFor.filter(({ arch }) => listed.includes(architectures[arch].ociArch));
  const hosts = listed.length === 0 || fitting.length === 0 ? provenFor : fitting;
  return hasConditions(profile)
    ? hosts
    : hosts.filter(({ capabilities }) => capabilities === capabilitySets.docker);
}

function found(profile: Profile): BaseMatch {
  const match = identifyBase(profile);
  if (match !== undefined) return match;
  throw new OciSeccompError('ERR_USAGE', 'the profile is no copy of a default profile that is known', {
    hint: 'if you know what it was copied from, name it: --from docker-default@20.10',
  });
}

/**
 * The release that a person names, `docker-default@20.10`; a name alone is the newest.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function releaseOf(name: string): Release {
  const [family, ...rest] = name.split('@');
  const known = builtinFamilies.find((each) => each === family);
  if (known === undefined) {
    throw new OciSeccompError('ERR_USAGE', `${name} is no default profile that is known by release`, {
      hint: `known are ${builtinFamilies.join(', ')}, and releases of them: docker-default@20.10`,
    });
  }
  return rest.length === 0 ? newestRelease(known) : findRelease(known, rest.join('@'));
}

/** The text of a rebased profile in its own dialect. */
export async function rebasedText({ profile }: Pick<Rebase, 'profile'>): Promise<string> {
  if (!isApiObject(profile.dialect)) return serializeProfile(profile);
  const { serializeSeccompProfile } = await import('../oci/serialize-kubernetes.ts');
  const { seccomp } = resolveProfile(profile, provenFor[0] as Host);
  if (seccomp === undefined)
    throw new OciSeccompError('ERR_PROFILE_SEMANTICS', 'the profile turns seccomp off');
  return serializeSeccompProfile(seccomp, { name: profile.kubernetes?.name ?? 'profile' });
}
