/**
 * Where each engine keeps its default profile, release by release.
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatedFamily } from '../../src/compose/dated/releases.ts';
import type { Dialect, Profile } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { containerdProfile } from './containerd-profile.ts';
import { crioProfile } from './crio-profile.ts';
import { blobsOf, readBlob, type Tag, tagsOf } from './git-files.ts';

/** Releases of one repository. */
interface Source {
  /** The clone's folder. */
  readonly repository: string;
  /** Its first group is the version. Candidates are no releases. */
  readonly tags: RegExp;
  /** The first of these that a release has is its profile. */
  readonly paths: readonly string[];
  /** Beside it: code that changes the profile. */
  readonly code?: string;
}

interface Family {
  readonly dialect: Dialect;
  readonly sources: readonly Source[];
  readonly read: (text: string, code: string | undefined, dialect: Dialect) => Profile;
}

const LIBRARY = 'pkg/seccomp/seccomp.json';

export const families: Readonly<Record<DatedFamily, Family>> = {
  'docker-default': {
    dialect: 'docker',
    sources: [
      {
        repository: 'moby',
        tags: /^(?:docker-)?v(\d+\.\d+\.\d+)(?:-ce)?$/,
        paths: ['profiles/seccomp/default.json', 'vendor/github.com/moby/profiles/seccomp/default.json'],
      },
    ],
    read: (text, _, dialect) => readJson(text, dialect),
  },
  'podman-default': {
    dialect: 'podman',
    sources: [
      // The library of Podman, Buildah and CRI-O; its releases begin with 0.
      { repository: 'common', tags: /^v(0\.\d+\.\d+)$/, paths: [LIBRARY] },
      { repository: 'container-libs', tags: /^common\/v(0\.\d+\.\d+)$/, paths: [`common/${LIBRARY}`] },
      {
        repository: 'podman',
        tags: /^v([1-9]\d*\.\d+\.\d+)$/,
        paths: [
          `vendor/go.podman.io/common/${LIBRARY}`,
          `vendor/github.com/containers/common/${LIBRARY}`,
          'seccomp.json',
        ],
      },
    ],
    read: (text, _, dialect) => readJson(text, dialect),
  },
  'containerd-default': {
    dialect: 'docker',
    sources: [
      {
        repository: 'containerd',
        tags: /^v(\d+\.\d+\.\d+)$/,
        paths: ['contrib/seccomp/seccomp_default.go'],
      },
    ],
    read: (text) => containerdProfile(text),
  },
  'crio-default': {
    dialect: 'podman',
    sources: [
      {
        repository: 'cri-o',
        tags: /^v([1-9]\d*\.\d+\.\d+)$/,
        paths: [
          // Up to 1.14 it came with a file; from 1.15 on the library's profile is built in.
          'seccomp.json',
          `vendor/go.podman.io/common/${LIBRARY}`,
          `vendor/github.com/containers/common/${LIBRARY}`,
          'vendor/github.com/seccomp/containers-golang/seccomp.json',
        ],
        code: 'internal/config/seccomp/seccomp.go',
      },
    ],
    read: (text, code, dialect) => {
      const library = readJson(text, dialect);
      return code === undefined ? library : crioProfile(library, code);
    },
  },
};

function readJson(text: string, dialect: Dialect): Profile {
  const { profile, problems } = readProfile(text, { dialect });
  if (profile === undefined) throw new Error(problems.map(({ message }) => message).join('; '));
  const { defaultActionPlace: _, refusals: _refusals, ...rest } = profile;
  return { ...rest, rules: profile.rules.map(({ place: _place, ...rule }) => rule) };
}

/** A release, and its profile's text in the clone. */
export interface Release extends Tag {
  readonly clone: string;
  /** Hash of the profile's file, and of the code beside it. */
  readonly blob: string;
  readonly code: string | undefined;
  /** The file that was found. */
  readonly path: string;
}

/** The clones that are missing below a folder. */
export function missingClones(clones: string): readonly string[] {
  const all = Object.values(families).flatMap(({ sources }) => sources.map(({ repository }) => repository));
  return all.filter((repository) => !existsSync(join(clones, repository)));
}

/**
 * The releases of a family that have a profile, in no order.
 *
 * @param until - later releases are left out
 */
export function releasesOf(family: DatedFamily, clones: string, until = '9999'): readonly Release[] {
  return families[family].sources.flatMap(({ repository, tags, paths, code }) => {
    const clone = join(clones, repository);
    const found = tagsOf(clone, tags).filter(({ date }) => date <= until);
    const columns = [...paths, ...(code === undefined ? [] : [code])].map((path) =>
      blobsOf(
        clone,
        found.map(({ tag }) => `${tag}:${path}`),
      ),
    );
    return found.flatMap((tag, row): Release[] => {
      const at = paths.findIndex((_, column) => columns[column]?.[row] !== undefined);
      const blob = columns[at]?.[row];
      if (blob === undefined) return [];
      const codeBlob = code === undefined ? undefined : columns[paths.length]?.[row];
      return [{ ...tag, clone, blob, code: codeBlob, path: paths[at] ?? '' }];
    });
  });
}

/** The text of a release's profile, and of the code beside it. */
export function textsOf(release: Release): { readonly text: string; readonly code: string | undefined } {
  const read = (hash: string): string => new TextDecoder().decode(readBlob(release.clone, hash));
  return { text: read(release.blob), code: release.code === undefined ? undefined : read(release.code) };
}
