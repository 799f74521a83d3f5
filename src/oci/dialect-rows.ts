/**
 * The forms in which people write profiles: one row a dialect. What detects, checks, reads, writes or lists dialects asks
 * these rows.
 *
 * Sources: runtime-spec 1.3 config.md (`linux.seccomp`), security-profiles-operator api/seccompprofile (`spec`).
 * @module
 */
import type { Engine } from '../consumers.ts';

/**
 * - `oci`: runtime-spec's `linux.seccomp` object
 * - `oci-config`: a bundle's whole config.json
 * - `docker`: moby's profiles, with conditions
 * - `podman`: containers/common's profiles, with conditions and errno names
 * - `kubernetes`: SeccompProfile objects of the Security Profiles Operator
 * - `systemd`: SystemCallFilter= and its like in systemd's units
 * - `lxc`: seccomp policies of LXC, version 2
 * - `minijail`: policies of minijail0 -S
 *
 * A new name here makes the compiler ask for its row, and for what else depends on it.
 */
export type Dialect = 'docker' | 'podman' | 'oci' | 'oci-config' | 'kubernetes' | ForeignDialect;

/** The dialects that are not written as JSON or YAML: a reader of their own makes of them what a profile would say. */
export type ForeignDialect = 'systemd' | 'lxc' | 'minijail';

/**
 * The releases of systemd whose sets of calls are known, oldest first: `@system-service` has other calls in each. Without a
 * release, the first one's sets are read.
 */
export const systemdReleases = [252, 257, 262] as const;
/** A release of systemd whose sets of calls are known. */
export type SystemdRelease = (typeof systemdReleases)[number];

/** How a reader is named: a dialect, or systemd's with the sets of a release. */
export type DialectName = Dialect | `systemd@${SystemdRelease}`;

export interface DialectRow {
  /** The keys that lead from the document to the profile; empty: the document is the profile. */
  readonly at: readonly string[];
  /**
   * What holds the profile: a file of its own, a bundle that a runtime reads without an engine, an API object, or a text
   * in a language of its own.
   */
  readonly holder: 'file' | 'bundle' | 'object' | 'text';
  /**
   * Which keys it has beyond runtime-spec's. `conditions` includes archMap; `api` is the fields of the API object;
   * `architectures by host` is archMap, and conditions on the host's architecture alone.
   */
  readonly extraKeys: readonly (
    | 'conditions'
    | 'minKernel'
    | 'errno names'
    | 'api'
    | 'architectures by host'
  )[];
  /**
   * Keys by which a document without other signs is known to be of this dialect. Later rows are asked first, since an earlier
   * dialect does not have their keys.
   */
  readonly marks?: { readonly profile: readonly string[]; readonly rule: readonly string[] };
  /** Whether `resolve --to` writes it. */
  readonly isWritten: boolean;
  /** Go compares keys without letter case; the API server does not. */
  readonly foldsKeys: boolean;
  /** The engine that resolves such a profile by default; `undefined`: no engine, the profile is passed on unchanged. */
  readonly engine: Engine | undefined;
}

/** One row a dialect, in the order in which help lists them. */
const dialectRows = {
  docker: {
    at: [],
    holder: 'file',
    extraKeys: ['conditions', 'minKernel'],
    marks: { profile: ['archMap'], rule: ['name', 'includes', 'excludes', 'comment'] },
    isWritten: true,
    foldsKeys: true,
    engine: 'docker',
  },
  podman: {
    at: [],
    holder: 'file',
    extraKeys: ['conditions', 'errno names'],
    marks: { profile: ['defaultErrno'], rule: ['errno'] },
    isWritten: false,
    foldsKeys: true,
    engine: 'podman',
  },
  oci: { at: [], holder: 'file', extraKeys: [], isWritten: true, foldsKeys: true, engine: undefined },
  'oci-config': {
    at: ['linux', 'seccomp'],
    holder: 'bundle',
    extraKeys: [],
    isWritten: false,
    foldsKeys: true,
    engine: undefined,
  },
  kubernetes: {
    at: ['spec'],
    holder: 'object',
    extraKeys: ['api'],
    isWritten: true,
    foldsKeys: false,
    // The operator installs a file that the kubelet names to containerd or CRI-O; without conditions they agree.
    engine: 'containerd',
  },
  systemd: {
    at: [],
    holder: 'text',
    extraKeys: ['architectures by host', 'errno names'],
    isWritten: false,
    foldsKeys: false,
    engine: undefined,
  },
  lxc: {
    at: [],
    holder: 'text',
    extraKeys: ['architectures by host'],
    isWritten: false,
    foldsKeys: false,
    engine: undefined,
  },
  minijail: {
    at: [],
    holder: 'text',
    extraKeys: ['architectures by host', 'errno names'],
    isWritten: false,
    foldsKeys: false,
    engine: undefined,
  },
} as const satisfies Record<Dialect, DialectRow>;

export const dialects = Object.keys(dialectRows) as readonly Dialect[];

/** All names of readers, dialects first. */
export const dialectNames: readonly DialectName[] = [
  ...dialects,
  ...systemdReleases.map((release) => `systemd@${release}` as const),
];

/** The dialect that a name of a reader stands for. */
export function dialectOf(name: DialectName): Dialect {
  const [dialect = ''] = name.split('@');
  return dialect as Dialect;
}

/** The name of the reader of a profile. */
export function readerOf({
  dialect,
  systemdRelease: release,
}: {
  readonly dialect: Dialect;
  readonly systemdRelease?: SystemdRelease;
}): DialectName {
  return release === undefined ? dialect : `systemd@${release}`;
}

/** The release of systemd that a name of a reader asks for. */
export function systemdReleaseOf(name: DialectName | undefined): SystemdRelease {
  const asked = Number(name?.split('@')[1]);
  return systemdReleases.find((release) => release === asked) ?? systemdReleases[0];
}

/** The dialects that `resolve --to` writes. */
export type WrittenDialect = {
  [Name in Dialect]: (typeof dialectRows)[Name]['isWritten'] extends true ? Name : never;
}[Dialect];

/** The row of a dialect. */
export function dialectRow(dialect: Dialect): DialectRow {
  return dialectRows[dialect];
}

/** The dialects whose row says so. */
export function dialectsThat(says: (row: DialectRow) => boolean): readonly Dialect[] {
  return dialects.filter((dialect) => says(dialectRows[dialect]));
}

/** The engine that resolves a profile by default. */
export const defaultEngines = Object.fromEntries(
  dialects.map((dialect) => [dialect, dialectRows[dialect].engine]),
) as Readonly<Record<Dialect, Engine | undefined>>;

/** Whether a document is a whole bundle. */
export function isBundle(dialect: Dialect): boolean {
  return dialectRows[dialect].holder === 'bundle';
}

/** Whether a text is in a language of its own, not JSON or YAML. */
export function isForeign(dialect: Dialect): dialect is ForeignDialect {
  return dialectRows[dialect].holder === 'text';
}

/** Whether a document is an object of an API. */
export function isApiObject(dialect: Dialect): boolean {
  return dialectRows[dialect].holder === 'object';
}

/** Whether a dialect has these keys beyond runtime-spec's. */
export function hasKeys(dialect: Dialect, keys: DialectRow['extraKeys'][number]): boolean {
  return dialectRow(dialect).extraKeys.includes(keys);
}

/** Where the profile sits, a JSON pointer: `/linux/seccomp`, or the empty text. */
export function profilePointer(dialect: Dialect): string {
  return dialectRows[dialect].at.map((key) => `/${key}`).join('');
}
