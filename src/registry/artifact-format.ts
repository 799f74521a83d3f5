/**
 * The manifest of a profile as an artifact (KEP-6061): one layer, whose bytes are the JSON of runtime-spec's
 * `linux.seccomp`. The type of the config says what the artifact is; where the config is the empty one, `artifactType`
 * says it (OCI Image Specification 1.1, manifest.md, "Guidelines for Artifact Usage").
 * @module
 */
import { isRecord } from '../abi/is-record.ts';
import { OciSeccompError } from '../errors.ts';
import { foldKey } from '../oci/dialect-keys.ts';
import { readDocument } from '../oci/read-json.ts';
import { quoted } from './reference.ts';

const PROFILE_TYPE = 'application/vnd.cncf.seccomp-profile.config.v1+json';
export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const INDEX_TYPES: readonly unknown[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
/** The type of the layer that push writes. Readers must not rely on it: other tools write `…layer.v1.tar` for the same bytes. */
const LAYER_TYPE = 'application/json';

/** Bytes; the limit for a profile is the one that container runtimes have by default. */
export const MAX_PROFILE_SIZE = 1024 * 1024;
/** Bytes; a manifest with two descriptors has about 500. */
export const MAX_MANIFEST_SIZE = 256 * 1024;
/** Bytes; the config of a profile is `{}`. */
const MAX_CONFIG_SIZE = 64 * 1024;

/** A blob: its digest, `sha256:…`, and its size in bytes. */
export interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

/** What a manifest says. */
interface ArtifactManifest {
  readonly config: Descriptor;
  readonly layer: Descriptor;
}

/** The digest of bytes as registries write it. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex')}`;
}

/** The config, whose type is all that it says. */
export const CONFIG_BYTES: Uint8Array = new TextEncoder().encode('{}');

/** The file name for clients that write layers as files, such as ORAS; without a name they write nothing. */
const FILE_NAME = { 'org.opencontainers.image.title': 'profile.json' };

/** The manifest of a profile. Equal profiles have equal manifests: it holds no date, and the same name for all. */
export function writeManifest(profile: Uint8Array): Uint8Array {
  const describe = (mediaType: string, bytes: Uint8Array) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  return new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType: PROFILE_TYPE,
      config: describe(PROFILE_TYPE, CONFIG_BYTES),
      layers: [{ ...describe(LAYER_TYPE, profile), annotations: FILE_NAME }],
    }),
  );
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the manifest of a profile.
 *
 * @param declared - the type that the registry sent it with; `undefined`: none
 * @param name - what to call the artifact in messages
 * @throws OciSeccompError `ERR_ARTIFACT`
 */
export function readManifest(
  bytes: Uint8Array,
  declared: string | undefined,
  name: string,
): ArtifactManifest {
  const manifest = parseObject(bytes, name);
  const { mediaType = declared } = manifest;
  if (INDEX_TYPES.includes(mediaType)) {
    throw noProfile(name, 'it is an index of several artifacts', 'give the digest of one of them');
  }
  if (mediaType !== MANIFEST_TYPE || (declared !== undefined && declared !== MANIFEST_TYPE)) {
    const shown = declared === undefined || declared === MANIFEST_TYPE ? mediaType : declared;
    throw noProfile(name, `its manifest has the type ${quoted(String(shown))}, not ${MANIFEST_TYPE}`);
  }
  if (manifest.schemaVersion !== 2) throw noProfile(name, 'the schemaVersion of its manifest is not 2');
  requireType(manifest, name);
  const { layers } = manifest;
  if (!Array.isArray(layers) || layers.length !== 1) {
    const count = Array.isArray(layers) ? layers.length : 'no list of';
    throw noProfile(name, `a profile has exactly one layer, and this has ${count} layers`);
  }
  return {
    config: readDescriptor(manifest.config, 'config', 0, MAX_CONFIG_SIZE, name),
    layer: readDescriptor(layers[0], 'layer', 1, MAX_PROFILE_SIZE, name),
  };
}

function parseObject(bytes: Uint8Array, name: string): Json {
  const { problems } = readDocument(bytes, { name });
  if (problems.some(({ code }) => code === 'duplicate-key')) {
    throw noProfile(name, 'its manifest has a key twice, and readers disagree on which of them is right');
  }
  // What stands behind an error, such as too deep nesting, was not looked at: a key may stand there twice.
  const unread = problems.find(({ severity }) => severity === 'error');
  if (unread !== undefined)
    throw noProfile(name, `its manifest is not JSON that all readers take: ${unread.message}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw noProfile(name, 'its manifest is not JSON');
  }
  if (!isRecord(value)) throw noProfile(name, 'its manifest is not a JSON object');
  requireExactKeys(value, name);
  return value;
}

/** Go reads `Layers` and `layer\u017f` as `layers`: such a manifest would be one thing here, and another for a runtime. */
function requireExactKeys(manifest: Json, name: string): void {
  const { config, layers } = manifest;
  const parts = [manifest, config, ...(Array.isArray(layers) ? layers : [])].filter(isRecord);
  const wrong = parts
    .flatMap((part) => Object.keys(part))
    .find((key) => !KEYS.includes(key) && FOLDED.has(foldKey(key)));
  if (wrong === undefined) return;
  throw noProfile(name, `its manifest has the key ${quoted(wrong)} in another letter case`);
}

/** All keys that are read of a manifest and its descriptors. */
const KEYS: readonly string[] = [
  ...['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers'],
  ...['digest', 'size', 'urls'],
];
const FOLDED: ReadonlySet<string> = new Set(KEYS.map(foldKey));

/** Refuses a manifest whose config and `artifactType` differ: runtimes would take the same artifact for two things. */
function requireType({ config, artifactType }: Json, name: string): void {
  const configType = isRecord(config) ? config.mediaType : undefined;
  const type = configType === EMPTY_TYPE ? artifactType : configType;
  if (type !== PROFILE_TYPE) {
    const found = type === undefined ? 'it names no type' : `its type is ${quoted(String(type))}`;
    throw noProfile(name, `${found}, and that of a profile is ${PROFILE_TYPE}`);
  }
  if (artifactType !== undefined && artifactType !== PROFILE_TYPE) {
    throw noProfile(
      name,
      `its config says that it is a profile, and its artifactType ${quoted(String(artifactType))} says another thing`,
    );
  }
}

function readDescriptor(
  value: unknown,
  part: 'config' | 'layer',
  least: number,
  most: number,
  name: string,
): Descriptor {
  if (!isRecord(value)) throw noProfile(name, `its ${part} is not a JSON object`);
  const { digest, size, urls } = value;
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw noProfile(name, `the digest of its ${part} is not a SHA-256`);
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < least || size > most) {
    throw noProfile(name, `the size of its ${part} is not between ${least} and ${most} bytes`);
  }
  if (urls !== undefined) throw noProfile(name, `its ${part} is to be fetched from elsewhere ("urls")`);
  return { digest, size };
}

/** Bytes at an offset that show a packed layer, an archive, or a text that Go's decoder does not take as JSON. */
const PACKED: readonly (readonly [form: string, offset: number, bytes: readonly number[]])[] = [
  ['compressed with gzip', 0, [0x1f, 0x8b]],
  ['compressed with zstd', 0, [0x28, 0xb5, 0x2f, 0xfd]],
  ['text behind a byte-order mark', 0, [0xef, 0xbb, 0xbf]],
  ['a tar archive', 257, [...new TextEncoder().encode('ustar')]],
];

/** @throws OciSeccompError `ERR_ARTIFACT` for a layer that is not raw JSON */
export function requireRaw(layer: Uint8Array, name: string): void {
  const packed = PACKED.find(([, offset, bytes]) => bytes.every((byte, i) => layer[offset + i] === byte));
  if (packed === undefined) return;
  throw noProfile(name, `the content is ${packed[0]}`, 'it must be the JSON itself');
}

/** An error about what a registry holds. */
export function noProfile(name: string, reason: string, hint?: string): OciSeccompError {
  return new OciSeccompError('ERR_ARTIFACT', `${name} is not a seccomp profile: ${reason}`, { hint });
}
