/**
 * References: a registry, a repository, and which artifact in it (OCI Distribution Specification 1.1, "Pulling
 * manifests").
 * @module
 */
import { OciSeccompError } from '../errors.ts';

/** What a reference names. */
export interface Reference {
  /** Host, with its port if the reference has one: `registry.example:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** `team/web`. */
  readonly repository: string;
  /** What follows `:`. */
  readonly tag?: string;
  /** What follows `@`: `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

/** The longest reference: a registry takes a repository of 255 characters and a tag of 128. */
const MAX_LENGTH = 1024;
const MAX_REPOSITORY = 255;
const REGISTRY =
  /^(?:\[[0-9A-Fa-f:]{2,45}\]|(?!-)[A-Za-z0-9-]{1,63}(?:\.(?!-)[A-Za-z0-9-]{1,63})*)(?::\d{1,5})?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const FORM = 'write it as registry.example/team/web@sha256:…, or with a tag: registry.example/team/web:1.0';

/**
 * Reads a reference. There is no default registry: the host must be written.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function parseReference(text: string): Reference {
  const wrong = (reason: string): OciSeccompError =>
    new OciSeccompError('ERR_USAGE', `${quoted(text)} is not a reference to an artifact: ${reason}`, {
      hint: FORM,
    });
  if (text.length > MAX_LENGTH) throw wrong('it is too long');
  if (text.includes('://')) throw wrong('it must not start with a scheme');
  const at = text.indexOf('@');
  const [named, digest] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw wrong('the part after @ must be sha256: and 64 hexadecimal digits in lower case');
  }
  const slash = named.indexOf('/');
  const registry = named.slice(0, Math.max(slash, 0));
  // The first part is a host only if it looks like one. Docker would take any other for a folder of its default registry.
  if (slash < 0 || !/[.:]|^localhost$/.test(registry))
    throw wrong('it must start with the host of a registry');
  // A URL refuses `1.2.3.4.5`: it ends like an IPv4 address, and is not one.
  const isHost = REGISTRY.test(registry) && portOf(registry) <= 65_535 && URL.canParse(`http://${registry}`);
  if (!isHost) throw wrong('the host is malformed');
  const path = named.slice(slash + 1);
  const colon = path.indexOf(':');
  const [repository, tag] = colon < 0 ? [path, undefined] : [path.slice(0, colon), path.slice(colon + 1)];
  if (!REPOSITORY.test(repository) || repository.length > MAX_REPOSITORY) {
    throw wrong('the name of the repository must be in lower case, in parts that / separates');
  }
  if (tag !== undefined && !TAG.test(tag)) throw wrong('the tag is malformed');
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The reference that always names the same artifact. A tag is left out: it can name another one tomorrow. */
export function formatPinned({ registry, repository }: Reference, digest: string): string {
  return `${registry}/${repository}@${digest}`;
}

/** Where the registry of a reference answers: Docker's own answers elsewhere than its references say. */
export function hostOf({ registry }: Pick<Reference, 'registry'>): string {
  return ['docker.io', 'index.docker.io'].includes(registry) ? 'registry-1.docker.io' : registry;
}

/** Text from outside, fit for a message. */
export function quoted(text: string): string {
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return JSON.stringify(short.replace(/[^\x20-\x7e…]/g, '?'));
}

const MAX_SHOWN = 200;

function portOf(registry: string): number {
  return Number(/:(\d+)$/.exec(registry)?.[1] ?? 0);
}
