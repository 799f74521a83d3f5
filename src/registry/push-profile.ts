/**
 * A profile into a registry.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { CONFIG_BYTES, digestOf, MANIFEST_TYPE, writeManifest } from './artifact-format.ts';
import { readArtifactProfile } from './artifact-limits.ts';
import {
  broken,
  locationOf,
  openRegistry,
  type RegistryClient,
  type RegistryOptions,
  unexpected,
} from './http-client.ts';
import { formatPinned, parseReference } from './reference.ts';

/** What is in the registry now. */
export interface PushedProfile {
  /** `registry.example/team/web@sha256:…`: what to write into a pod or a `pull`. */
  readonly reference: string;
  /** The digest of the manifest. */
  readonly digest: string;
  /** Bytes of the profile. */
  readonly size: number;
}

/** How to push. */
export interface PushOptions extends RegistryOptions {
  /** What to call the profile in messages: its path. */
  readonly name?: string | undefined;
}

/** What `pushProfile` of the package's root does. */
export async function pushProfile(
  profile: Uint8Array,
  reference: string,
  options: PushOptions = {},
): Promise<PushedProfile> {
  const named = parseReference(reference);
  readArtifactProfile(profile, options.name ?? '<profile>');
  const manifest = writeManifest(profile);
  const digest = digestOf(manifest);
  if (named.digest !== undefined && named.digest !== digest) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `the digest of this profile is ${digest}, not the one of the reference`,
      {
        hint: 'leave the digest out: it is printed',
      },
    );
  }
  const { repository, tag } = named;
  const client = openRegistry(named, 'pull,push', options);
  for (const blob of [CONFIG_BYTES, profile]) await pushBlob(client, repository, blob);
  await pushManifest(client, `/v2/${repository}/manifests/${tag ?? digest}`, manifest, digest);
  return { reference: formatPinned(named, digest), digest, size: profile.length };
}

/** Sends a blob in one piece: POST asks where to, PUT sends it. A blob that is there already is not sent again. */
async function pushBlob(client: RegistryClient, repository: string, blob: Uint8Array): Promise<void> {
  const digest = digestOf(blob);
  const { base } = client;
  const found = await client.ask(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' });
  if (found.status === 200) return;
  if (found.status !== 404) throw unexpected(found, 'a blob', base);
  const started = await client.ask(`/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  if (started.status !== 202) throw unexpected(started, 'an upload', base);
  const to = locationOf(started, base);
  to.searchParams.set('digest', digest);
  const ended = await client.ask(to, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: blob,
  });
  if (ended.status !== 201) throw unexpected(ended, 'the end of an upload', base);
}

async function pushManifest(
  client: RegistryClient,
  path: string,
  manifest: Uint8Array,
  digest: string,
): Promise<void> {
  const answered = await client.ask(path, {
    method: 'PUT',
    headers: { 'content-type': MANIFEST_TYPE },
    body: manifest,
  });
  if (answered.status !== 201) throw unexpected(answered, 'the manifest', client.base);
  const said = answered.headers.get('docker-content-digest');
  if (said !== null && said !== digest) {
    throw broken(client.base, 'it gives the manifest another digest than its bytes have');
  }
}
