/**
 * A copy of a default profile, put onto a newer one. The base is found, the three are merged, and the result is proven.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { capabilitySets } from '../abi/capabilities.ts';
import { NEWEST_KERNEL } from '../abi/kernel-history.ts';
import { hostArchitectures, usableOn } from '../compose/arrange-architectures.ts';
import { mergeRules } from '../compose/arrange-rules.ts';
import { coveringHosts } from '../compose/covering-hosts.ts';
import { datedInForm } from '../compose/dated/copy-form.ts';
import { findRelease, newestRelease, type Release } from '../compose/dated/releases.ts';
import { type BaseMatch, compareWithBase, identifyBase, nameOf } from '../compose/identify-base.ts';
import { only } from '../compose/join-meanings.ts';
import { proofWork, proveComposition } from '../compose/prove-composition.ts';
import { multiplexedSituations, situationsOfCalls } from '../compose/read-meanings.ts';
import {
  inDialect,
  mergeOnto,
  type RebasedProfile,
  type RebaseInput,
  type Winner,
} from '../compose/rebase-profile.ts';
import { proveRebase, type RebaseProof } from '../compose/rebase-proof.ts';
import type { Work } from '../decision/work.ts';
import { OciSeccompError } from '../errors.ts';
import { builtinFamilies } from '../oci/builtin/index.ts';
import { meantBuiltin } from '../oci/builtin/meant-builtin.ts';
import { hasKeys, isApiObject, isBundle } from '../oci/dialect-rows.ts';
import type { Host } from '../oci/host.ts';
import type { Profile } from '../oci/profile.ts';
import { resolveProfile } from '../oci/resolve-profile.ts';
import { serializeLinuxSeccomp, serializeProfile } from '../oci/serialize.ts';

/** What a profile is put onto. */
export interface RebaseOptions {
  /** `docker-default`: the newest release; `docker-default@28.0`. Default: the newest of the base's engine. */
  readonly onto?: string | undefined;
  /** The default that it was copied from, `docker-default@20.10`. Default: it is found. */
  readonly from?: string | undefined;
  /** Who wins if the author and the new default changed the same thing; default: `yours`. */
  readonly onConflict?: Winner | undefined;
}

/** A rebased profile, with all that there is to say of it. */
export interface Rebase extends RebasedProfile {
  /** What the profile was copied from. */
  readonly match: BaseMatch;
  /** `docker-default@29.7.2` */
  readonly onto: string;
  /** One a host. */
  readonly proofs: readonly RebaseProof[];
  /** Whether the profile has all of the new default already, without a conflict. */
  readonly isCurrent: boolean;
  /** The account that the proofs were made with, for those of other forms. */
  readonly work: Work;
}

/**
 * Puts a copy of a default profile onto a newer default, with its author's changes.
 *
 * @throws OciSeccompError `ERR_USAGE` for a profile that is not a copy of a default profile, an unknown release, and a
 *   dialect that is not written; `ERR_PROOF` if the result is not proven; `ERR_PROFILE_SEMANTICS` for a profile that its engine refuses
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
  // A dialect without conditions gets a default without conditions.
  const ontoForm = hasKeys(profile.dialect, 'conditions') ? match.form : 'resolved';
  const newest = datedInForm(onto.run.profile, ontoForm);
  const input = {
    base: datedInForm(base.run.profile, match.form),
    yours: profile,
    onto: ontoForm === 'resolved' ? merged(newest) : newest,
  };
  const rebased = mergeOnto(input, options.onConflict);
  const work = proofWork();
  const proofs = hostsOf(input, rebased.profile).map((host) => proveRebase(input, rebased, host, work));
  const isSame = rebased.conflicts.length === 0 && rebased.updatedParts.length === 0;
  const isCurrent = isSame && proofs.every(({ updated }) => updated === 0);
  return { ...rebased, match, onto: nameOf(onto), proofs, isCurrent, work };
}

/** Joins rules that differ in their names alone, as they do once their conditions are gone. */
function merged(profile: Profile): Profile {
  return { ...profile, rules: mergeRules(profile.rules) };
}

/** The architectures on which a rebase is proven, if the result is for them: the usual ones, and one of the other byte order. */
const representatives: readonly ArchName[] = ['x86_64', 'aarch64', 's390x'];

/** For each call, these hosts show every combination of conditions in the three profiles and in the result. */
function hostsOf({ base, yours, onto }: RebaseInput, result: Profile): readonly Host[] {
  const { rules: _, ...head } = result;
  const profiles = [base, yours, onto, result].map(({ rules }) => ({ ...head, rules }));
  const situations = [...situationsOfCalls(profiles), ...multiplexedSituations(profiles)];
  const all = hostArchitectures([result]);
  const fitting = all.filter((arch) => representatives.includes(arch));
  return coveringHosts(situations, fitting.length === 0 ? all : fitting, usableOn([result]));
}

function found(profile: Profile): BaseMatch {
  const match = identifyBase(profile);
  if (match !== undefined) return match;
  throw new OciSeccompError(
    'ERR_USAGE',
    'this profile is not a copy of a default profile that oci-seccomp knows',
    {
      hint: 'if you know what it was copied from, name it: --from docker-default@20.10',
    },
  );
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
    throw new OciSeccompError('ERR_USAGE', `oci-seccomp knows no default profile '${name}'`, {
      hint: `${meantBuiltin(name)}known are ${builtinFamilies.join(', ')}, and releases of them: docker-default@20.10`,
    });
  }
  return rest.length === 0 ? newestRelease(known) : findRelease(known, rest.join('@'));
}

/** What a default without conditions is resolved for. */
const DOCKER_ON_X86_64: Host = {
  arch: 'x86_64',
  kernel: NEWEST_KERNEL,
  capabilities: capabilitySets.docker,
};

/** How a rebased profile is written. */
export interface RebasedForm {
  /** Default: the dialect that the profile was read in. */
  readonly to?: 'docker' | 'podman' | 'oci' | 'kubernetes';
  /** For `oci` and `kubernetes`, which have no conditions: the host that they are evaluated for. Default: x86_64 with Docker's capabilities. */
  readonly host?: Host;
  /** `metadata.name` of an object of Kubernetes; default: its own. */
  readonly name?: string;
}

/**
 * The text of a rebased profile.
 *
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` if the form cannot say the profile; else as `serializeSeccompProfile`
 */
export async function rebasedText(
  { profile, proofs, work }: Pick<Rebase, 'profile' | 'proofs'> & Partial<Pick<Rebase, 'work'>>,
  { to, host = DOCKER_ON_X86_64, name }: RebasedForm = {},
): Promise<string> {
  const isObject = to === undefined ? isApiObject(profile.dialect) : to === 'kubernetes';
  if (!isObject && to === undefined) return serializeProfile(profile);
  if (to === 'docker' || to === 'podman') {
    const hosts = proofs.map((proof) => proof.host);
    return serializeProfile(inOtherDialect(profile, to, hosts, work));
  }
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined)
    throw new OciSeccompError('ERR_PROFILE_SEMANTICS', 'the profile turns seccomp off');
  if (!isObject) return serializeLinuxSeccomp(seccomp);
  const { serializeSeccompProfile } = await import('../oci/serialize-kubernetes.ts');
  const { name: own, baseProfileName: _, ...like } = profile.kubernetes ?? { name: '', apiVersion: '' };
  return serializeSeccompProfile(seccomp, {
    name: name ?? (own === '' ? 'profile' : own),
    ...(like.apiVersion === '' ? {} : { like }),
  });
}

/** @throws OciSeccompError `ERR_INEXPRESSIBLE` if it would not mean the same there */
function inOtherDialect(
  profile: Profile,
  to: 'docker' | 'podman',
  hosts: readonly Host[],
  work: Work | undefined,
): Profile {
  const { kubernetes: _, ...rest } = inDialect(profile, to);
  const { wrong, stricter } = proveComposition([profile], rest, only, hosts, [], { work });
  const [first] = [...wrong, ...stricter];
  if (first === undefined) return rest;
  const name = first.differences[0]?.changes[0]?.numbers[0]?.name ?? 'a call without a rule';
  throw new OciSeccompError(
    'ERR_INEXPRESSIBLE',
    `read as a profile of ${to}, the result would give ${name} another answer on ${first.host.arch}: ${to} reads its conditions otherwise`,
    { hint: `leave --to out, or use --to oci or --to kubernetes, which take the profile for one host` },
  );
}
