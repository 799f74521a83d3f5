/**
 * Names of images, and the patterns that a table of choices has for them.
 *
 * A short name is read as Docker and containerd read it: `nginx` is `docker.io/library/nginx`. A digest decides which
 * image is meant, whatever tag stands before it, so a tag counts for nothing beside a digest.
 *
 * Source: distribution/reference, reference.go (grammar) and normalize.go (`splitDockerDomain`).
 * @module
 */
import { matchesGlob } from './glob.ts';

export interface ImageName {
  /** With its registry: `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…`. */
  readonly digest: string | undefined;
}

const MAX_NAME = 1024;
const NAME =
  /^(?<repository>[a-z0-9A-Z.*_-]+(?::[0-9]+(?=\/))?(?:\/[a-z0-9.*_-]+)*?)(?::(?<tag>[\w.*-]{1,128}))?(?:@(?<digest>[a-z0-9]+:[0-9a-f]{32,}))?$/;
/** The id of an image, which names nothing. */
const ID = /^(?:sha256:)?[0-9a-f]{64}$/;
const DOCKER = 'docker.io';

/** @returns `undefined` for a text that names no image, or only by its id */
export function parseImageName(text: string): ImageName | undefined {
  return text.includes('*') ? undefined : parse(text);
}

/** As a name; `*` stands for any characters but `/`. @returns `undefined` for a text that can match no name */
export function parseImagePattern(text: string): ImageName | undefined {
  return parse(text);
}

function parse(text: string): ImageName | undefined {
  if (text.length > MAX_NAME || ID.test(text)) return undefined;
  const { repository, tag, digest } = NAME.exec(text)?.groups ?? {};
  if (repository === undefined) return undefined;
  const full = withRegistry(repository);
  return full === undefined ? undefined : { repository: full, tag, digest };
}

function withRegistry(repository: string): string | undefined {
  const [first = '', ...rest] = repository.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || first === '*');
  if (!isRegistry) {
    // Only a registry may have capital letters.
    if (/[A-Z]/.test(first)) return undefined;
    return `${DOCKER}/${rest.length === 0 ? 'library/' : ''}${repository}`;
  }
  const registry = first.toLowerCase() === 'index.docker.io' ? DOCKER : first.toLowerCase();
  const path = registry === DOCKER && rest.length === 1 ? ['library', ...rest] : rest;
  return [registry, ...path].join('/');
}

/**
 * Whether a name is of a pattern. A pattern without tag and digest takes all of its repository. One with a tag takes no
 * name with a digest, unless it has a digest itself: then the digest alone counts.
 */
export function matchesImage(name: ImageName, pattern: ImageName): boolean {
  if (!matchesGlob(name.repository, pattern.repository, '/')) return false;
  if (pattern.digest !== undefined) return name.digest === pattern.digest;
  if (pattern.tag === undefined) return true;
  if (name.digest !== undefined) return false;
  return matchesGlob(name.tag ?? 'latest', pattern.tag);
}
