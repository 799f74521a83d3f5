/**
 * What a choice of a profile is made from, and what comes out.
 * @module
 */
import type { ProfileSource } from './container-filter.ts';
import { readTrustedFile } from './trusted-file.ts';

/** `undefined`: the container gets no filter from us. */
export type ProfileChoice = ProfileSource | undefined;

/** What a choice looks at. */
export interface ChoosingContainer {
  readonly annotations: ReadonlyMap<string, string>;
  /** The bundle's folder, where it is told. */
  readonly bundle?: string;
  /** Annotations from another reading of config.json: what decides must be the same in both. */
  readonly written?: () => Promise<ReadonlyMap<string, string>>;
}

export interface Chosen {
  readonly source: ProfileChoice;
  /** The row of a table that decided, for logs. */
  readonly row?: string;
  /** Files that decided, beside the profile. */
  readonly files: readonly { readonly path: string; readonly what: string }[];
}

/** Paths are absolute: what does not start with / is the name of a built-in profile. */
export function readNamed(name: string): ProfileSource {
  return name.startsWith('/') ? { name, bytes: readTrustedFile(name, 'the profile') } : { name };
}
