/**
 * A profile out of a registry.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import type { Profile } from '../oci/profile.ts';
import {
  type Descriptor,
  digestOf,
  MANIFEST_TYPE,
  MAX_MANIFEST_SIZE,
  noProfile,
  readManifest,
} from './artifact-format.ts';
import { readArtifactProfile } from './artifact-limits.ts';
import { openRegistry, type RegistryClient, type RegistryOptions, unexpected } from './http-client.ts';
import { formatPinned, parseReference } from './reference.ts';

/** A profile that was in a registry. */
export interface PulledProfile {
  /** `registry.example/team/web@sha256:…`. */
  readonly reference: string;
  /** The digest of the manifest. */
  readonly digest: string;
  /** The profile as it is in the registry: the JSON of a `linux.seccomp` section. */
  readonly bytes: Uint8Array;
  /** What was read from them. */
  readonly profile: Profile;
}

/** How to pull. */
export interface PullOptions extends RegistryOptions {
  /** Take a reference without a digest: what its tag, or `latest`, names now. */
  readonly unpinned?: boolean | undefined;
}

/** What `pullProfile` of the package's root does. */
export async function pullProfile(text: string, options: PullOptions = {}): Promise<PulledProfile> {
  const named = parseReference(text);
  if (named.digest === undefined && options.unpinned !== true) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `${text} has no digest: its tag can name another profile tomorrow`,
      {
        hint: 'push prints the reference with its digest; --unpinned takes what the tag names now, and prints it',
      },
    );
  }
  const { repository, tag = 'latest' } = named;
  const client = openRegistry(named, 'pull', options);
  // The digest alone names the artifact, so a tag beside it is not asked for.
  const path = `/v2/${repository}/manifests/${named.digest ?? tag}`;
  const answered = await client.ask(path, { headers: { accept: MANIFEST_TYPE }, limit: MAX_MANIFEST_SIZE });
  if (answered.status !== 200) throw unexpected(answered, `the manifest of ${text}`, client.base);
  const digest = digestOf(answered.body);
  if (named.digest !== undefined && named.digest !== digest) {
    throw noProfile(text, `the registry sends a manifest whose digest is ${digest}`);
  }
  const type = answered.headers.get('content-type')?.replace(/[ \t]*;.*$/, '');
  const manifest = readManifest(answered.body, type, text);
  await pullBlob(client, repository, manifest.config, `the config of ${text}`);
  const bytes = await pullBlob(client, repository, manifest.layer, `the layer of ${text}`);
  const reference = formatPinned(named, digest);
  return { reference, digest, bytes, profile: readArtifactProfile(bytes, reference) };
}

async function pullBlob(
  client: RegistryClient,
  repository: string,
  { digest, size }: Descriptor,
  name: string,
): Promise<Uint8Array> {
  const answered = await client.ask(`/v2/${repository}/blobs/${digest}`, { limit: size });
  if (answered.status !== 200) throw unexpected(answered, name, client.base);
  const { body } = answered;
  if (body.length !== size) {
    throw new OciSeccompError(
      'ERR_ARTIFACT',
      `${name} has ${body.length} bytes, and the manifest says ${size}`,
    );
  }
  if (digestOf(body) !== digest) {
    throw new OciSeccompError('ERR_ARTIFACT', `${name} is not what the manifest says: its digest differs`);
  }
  return body;
}
