/**
 * Profiles in registries, for the package's root: what talks to a registry is imported on use.
 * @module
 */
import { takeText } from '../abi/check-values.ts';
import {
  copyData,
  flag,
  type OptionKind,
  type OptionKinds,
  plainText,
  takeOptions,
} from '../abi/take-options.ts';
import { takerFor, text } from '../abi/value-shape.ts';
import type { RegistryOptions } from './http-client.ts';
import type { PulledProfile, PullOptions } from './pull-profile.ts';
import type { PushedProfile, PushOptions } from './push-profile.ts';

const credentials: OptionKind = {
  words: 'an object with username and password, both text',
  copy: copyData,
  holds: (value) => {
    const { username, password }: { username?: unknown; password?: unknown } = Object(value);
    return plainText.holds(username) && plainText.holds(password);
  },
};

const milliseconds: OptionKind = {
  words: 'a whole number from 1 to 2147483647',
  holds: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 2 ** 31 - 1,
};

const kinds: OptionKinds<RegistryOptions> = { plainHttp: flag, timeoutMs: milliseconds, credentials };

/**
 * Puts a profile into a registry as an artifact of KEP-6061: its bytes as they are, as the one layer.
 *
 * @param profile - the JSON of a `linux.seccomp` section of runtime-spec, at most 1 MiB; text or bytes
 * @param reference - `registry.example/team/web:1.0`; without a tag the artifact can be had by its digest alone
 * @returns the reference with the digest
 * @throws OciSeccompError `ERR_ARTIFACT` for a profile that no runtime would take from a registry (`details.problems`);
 *   `ERR_REGISTRY` for a registry that cannot be reached, or refuses; `ERR_USAGE` for a malformed reference; `ERR_IO`
 */
export async function pushProfile(
  profile: string | Uint8Array,
  reference: string,
  options: PushOptions = {},
): Promise<PushedProfile> {
  const taken = takeOptions('pushProfile', options, { ...kinds, name: plainText });
  const input = takeText(profile, 'a profile');
  const name = takerFor('pushProfile')('reference', text, reference);
  const push = await import('./push-profile.ts');
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  return push.pushProfile(bytes, name, taken);
}

/**
 * Gets a profile from a registry. The digests and sizes of its manifest, config and layer are verified, and the profile is
 * held to what runtimes take from a registry. No server makes it read more than about 1.4 MiB.
 *
 * @param reference - `registry.example/team/web@sha256:…`; a tag beside the digest is ignored
 * @returns the bytes as they are in the registry, and the profile
 * @throws OciSeccompError as {@link pushProfile}; `ERR_ARTIFACT` also for an artifact of another kind, and for content that
 *   is not what its digest says; `ERR_USAGE` for a reference without a digest, unless `unpinned` takes it
 */
export async function pullProfile(reference: string, options: PullOptions = {}): Promise<PulledProfile> {
  const taken = takeOptions('pullProfile', options, { ...kinds, unpinned: flag });
  const name = takerFor('pullProfile')('reference', text, reference);
  const pull = await import('./pull-profile.ts');
  return pull.pullProfile(name, taken);
}
