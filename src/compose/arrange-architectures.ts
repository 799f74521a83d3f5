/**
 * The architectures and flags of a composed profile.
 * @module
 */
import { type ArchName, architectureByOciArch, architectures } from '../abi/architectures.ts';
import type { EngineRow } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import type { ArchMapEntry, Profile } from '../oci/profile.ts';

/** Whether the result has only what all inputs have, or what any of them has. */
export type Keeping = 'common' | 'all';

type Frame = Pick<Profile, 'architectures' | 'archMap' | 'flags' | 'listenerPath' | 'listenerMetadata'>;

/**
 * Composes what profiles say beside their rules.
 *
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` for profiles whose listeners differ
 */
export function composeFrame(profiles: readonly Profile[], keeping: Keeping): Frame {
  const [only] = profiles;
  if (profiles.length === 1 && only !== undefined) return frameOf(only);
  return {
    ...composeArchitectures(profiles, keeping),
    ...composeFlags(profiles, keeping),
    ...composeListener(profiles),
  };
}

/** Whether two ways to compose what is beside the rules give the same. */
export function sameFrame(profiles: readonly Profile[], one: Keeping, other: Keeping): boolean {
  return JSON.stringify(composeFrame(profiles, one)) === JSON.stringify(composeFrame(profiles, other));
}

function frameOf({ architectures: listed, archMap, flags, listenerPath, listenerMetadata }: Profile): Frame {
  return {
    ...(listed === undefined ? {} : { architectures: listed }),
    ...(archMap === undefined ? {} : { archMap }),
    ...(flags === undefined ? {} : { flags }),
    ...(listenerPath === undefined ? {} : { listenerPath }),
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
  };
}

/**
 * The architectures that have an `archMap` entry in some profile, or are listed first. Those on which a profile cannot be used are
 * left out: no filter is for both byte orders.
 */
export function hostArchitectures(profiles: readonly Profile[]): readonly ArchName[] {
  return namedHosts(profiles).filter(usableOn(profiles));
}

/**
 * The hosts that a composition is held against: those that the profiles name. Profiles that name none are for any machine, so they
 * are held against usual ones of both word sizes and byte orders; on 32-bit ones, filters see the low half of arguments alone.
 *
 * @param engine - who reads the result. A unit of systemd names every machine, and Docker knows some of them alone.
 */
export function provenArchitectures(profiles: readonly Profile[], engine: EngineRow): readonly ArchName[] {
  const isNamed = profiles.some(
    ({ archMap = [], architectures: names = [] }) => archMap.length + names.length > 0,
  );
  if (!isNamed) return unnamedHosts;
  const named = hostArchitectures(profiles);
  const known = named.filter((arch) => engine.archInConditions(architectures[arch]) !== '');
  return known.length > 0 ? known : named;
}

/**
 * Usual hosts beside those that a composition is held against. A profile that lists x86_64 alone starts containers on other
 * machines too, with what its rules mean there.
 */
export function furtherArchitectures(
  profiles: readonly Profile[],
  proven: readonly ArchName[],
): readonly ArchName[] {
  const usual: readonly ArchName[] = [...unnamedHosts, 'x86'];
  return usual.filter((arch) => !proven.includes(arch)).filter(usableOn(profiles));
}

const unnamedHosts: readonly ArchName[] = ['x86_64', 'aarch64', 'arm', 's390x'];

/** Whether profiles can be used on hosts of an architecture. */
export function usableOn(profiles: readonly Profile[]): (arch: ArchName) => boolean {
  const listed = profiles.flatMap(({ archMap = [], architectures: names = [] }) =>
    archMap.length > 0 ? [] : names,
  );
  const orders = new Set(listed.flatMap((name) => architectureByOciArch(name)?.endian ?? []));
  return (arch) => [...orders].every((endian) => endian === architectures[arch].endian);
}

function namedHosts(profiles: readonly Profile[]): readonly ArchName[] {
  const names = profiles.flatMap(({ archMap = [], architectures: listed = [] }) =>
    archMap.length > 0 ? archMap.map(({ architecture }) => architecture) : listed.slice(0, 1),
  );
  const known = [...new Set(names)].flatMap((name) => architectureByOciArch(name)?.name ?? []);
  return known.length > 0 ? known : ['x86_64'];
}

/** The profile without what it says of other hosts. */
export function forHosts(profile: Profile, archs: readonly ArchName[]): Profile {
  const { archMap } = profile;
  if (archMap === undefined) return profile;
  const names: readonly string[] = archs.map((arch) => architectures[arch].ociArch);
  return { ...profile, archMap: archMap.filter(({ architecture }) => names.includes(architecture)) };
}

function composeArchitectures(
  profiles: readonly Profile[],
  keeping: Keeping,
): Pick<Frame, 'architectures' | 'archMap'> {
  if (profiles.every(({ archMap = [] }) => archMap.length === 0)) {
    const listed = joined(
      profiles.map((profile) => profile.architectures ?? []),
      keeping,
    );
    return listed.length === 0 ? {} : { architectures: listed };
  }
  const archMap: ArchMapEntry[] = hostArchitectures(profiles).flatMap((host) => {
    const { ociArch } = architectures[host];
    const lists = profiles.map((profile) => further(profile, ociArch));
    const subArchitectures = joined(lists, keeping).filter((each) => each !== ociArch);
    return lists.every((each) => each.length === 0) ? [] : [{ architecture: ociArch, subArchitectures }];
  });
  return { archMap };
}

/** What a profile adds to the native architecture of a host. */
function further({ archMap = [], architectures: listed = [] }: Profile, ociArch: string): readonly string[] {
  if (archMap.length === 0) return listed;
  const entry = archMap.find(({ architecture }) => architecture === ociArch);
  return entry === undefined ? [] : [ociArch, ...entry.subArchitectures];
}

function joined(lists: readonly (readonly string[])[], keeping: Keeping): readonly string[] {
  const all = [...new Set(lists.flat())];
  return keeping === 'all' ? all : all.filter((each) => lists.every((list) => list.includes(each)));
}

const SPEC_ALLOW = 'SECCOMP_FILTER_FLAG_SPEC_ALLOW';

/**
 * SPEC_ALLOW switches a protection off. An intersection keeps it if all profiles ask for it, a union if one does. A profile without
 * a list of flags asks for it, because runtimes add it there.
 */
function composeFlags(profiles: readonly Profile[], keeping: Keeping): Pick<Frame, 'flags'> {
  if (profiles.every(({ flags }) => flags === undefined)) return {};
  const asking = profiles.filter(({ flags }) => flags === undefined || flags.includes(SPEC_ALLOW));
  const isAllowed = keeping === 'all' ? asking.length > 0 : asking.length === profiles.length;
  const others = profiles.flatMap(({ flags = [] }) => flags.filter((flag) => flag !== SPEC_ALLOW));
  return { flags: [...new Set([...others, ...(isAllowed ? [SPEC_ALLOW] : [])])] };
}

function composeListener(profiles: readonly Profile[]): Pick<Frame, 'listenerPath' | 'listenerMetadata'> {
  const asking = profiles.filter(({ listenerPath }) => listenerPath !== undefined && listenerPath !== '');
  const [first, ...others] = asking;
  if (first === undefined) return {};
  const differing = (['listenerPath', 'listenerMetadata'] as const).find((key) =>
    others.some((each) => (each[key] ?? '') !== (first[key] ?? '')),
  );
  if (differing !== undefined) {
    throw new OciSeccompError(
      'ERR_INEXPRESSIBLE',
      `the profiles have different ${differing === 'listenerPath' ? 'listeners' : 'metadata for one listener'}, and a filter has one`,
      { hint: `make ${differing} the same in all of them, or take listenerPath out of all but one` },
    );
  }
  const { listenerPath, listenerMetadata } = first;
  return {
    ...(listenerPath === undefined ? {} : { listenerPath }),
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
  };
}
