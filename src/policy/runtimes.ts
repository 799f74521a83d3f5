/**
 * Runtimes as people name them, with what their version does; the rows are in consumers.ts.
 * @module
 */
import { frozen } from '../abi/frozen.ts';
import {
  engines,
  markRuntime,
  type RuntimeBehaviour,
  type RuntimeName,
  type RuntimeTraits,
  type RuntimeVersion,
  runtimeNames,
  runtimeRows,
  runtimeSpellings,
} from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import { isForeign } from '../oci/dialect-rows.ts';
import type { Dialect } from '../oci/profile.ts';

/** gVisor's runtime. */
export const RUNSC = 'runsc' satisfies RuntimeName;

/** Who turns a profile into a filter and installs it. */
export interface Runtime {
  /** Its name. */
  readonly name: RuntimeName;
  /** As given or the newest behaviour known: `1.2`; `undefined` where versions do not differ. */
  readonly version: string | undefined;
  /** How it differs from others. */
  readonly traits: RuntimeTraits;
}

/** Reads a runtime's name: `runc` (its newest behaviour), `runc@1.1`, `runc@1.1.5`, `crun`, `youki`, `plain`. */
export function parseRuntime(spelling: string): Runtime {
  const [name = '', version, ...rest] = spelling.split('@');
  const known = runtimeNames.find((each) => each === name);
  if (known === undefined || rest.length > 0) throw unknownRuntime(spelling);
  const { versions } = runtimeRows[known];
  if (version === undefined) return { name: known, version: undefined, traits: frozen(versions[0].traits) };
  return { name: known, version, traits: frozen(behaviourOf(known, spelling, version).traits) };
}

const VERSION = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?$/;
const NEWEST = 9999;

function toVersion([, major, minor, patch]: RegExpExecArray): RuntimeVersion {
  return [Number(major), Number(minor), patch === undefined ? NEWEST : Number(patch)];
}

/** A runtime's version as numbers; larger than any where none was given. */
export function versionOfRuntime({ version }: Runtime): RuntimeVersion {
  const match = version === undefined ? null : VERSION.exec(version);
  return match === null ? [NEWEST, NEWEST, NEWEST] : toVersion(match);
}

function behaviourOf(name: RuntimeName, spelling: string, version: string): RuntimeBehaviour {
  const { versions } = runtimeRows[name];
  const match = VERSION.exec(version);
  const oldest = versions.at(-1)?.from;
  if (match === null || oldest === undefined) throw unknownRuntime(spelling);
  const asked = toVersion(match);
  const behaviour = versions.find(({ from }) => from !== undefined && compareVersions(asked, from) >= 0);
  if (behaviour !== undefined) return behaviour;
  const [major, minor] = oldest;
  throw new OciSeccompError(
    'ERR_USAGE',
    `${name} ${version} is older than ${major}.${minor}, the oldest version whose filters oci-seccomp knows`,
    { hint: `use one of ${runtimeSpellings.join(', ')}` },
  );
}

function compareVersions(a: RuntimeVersion, b: RuntimeVersion): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function unknownRuntime(spelling: string): OciSeccompError {
  const engine = engines.find((each) => each === spelling.toLowerCase());
  if (engine !== undefined) {
    return new OciSeccompError('ERR_USAGE', `'${spelling}' is an engine, not a runtime`, {
      hint: `--engine ${engine} says who resolves the profile; the runtime of most engines is runc or crun`,
    });
  }
  return new OciSeccompError('ERR_USAGE', `unknown runtime '${spelling}'`, {
    hint: `use one of ${runtimeSpellings.join(', ')}; runc also takes a full version, for instance runc@1.1.5`,
  });
}

/**
 * Who installs a profile's filter: the runtime that is asked for, else the one that its dialect is for. systemd and LXC install
 * their filters themselves, as libseccomp builds them.
 *
 * @throws OciSeccompError as {@link parseRuntime}
 */
export function runtimeFor(asked: string | undefined, dialect: Dialect): Runtime {
  return parseRuntime(asked ?? (isForeign(dialect) ? 'plain' : 'runc'));
}

/** A runtime in a sentence, marked if no test runs it: `youki (read, not run)`. */
export function describeRuntime(runtime: Runtime): string {
  return markRuntime(formatRuntime(runtime));
}

/**
 * Insists that a runtime has its filter in Linux, where programs can be loaded.
 *
 * @throws OciSeccompError `ERR_USAGE` for gVisor
 */
export function requireLinuxFilter(runtime: Runtime): void {
  if (runtime.traits.sentry === undefined) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    `${formatRuntime(runtime)} (gVisor) takes the profile and builds the filter in its own kernel: no program can be loaded there`,
    { hint: 'explain, diff, lint, report and validate say what it makes of a profile' },
  );
}

/** A runtime as people write it: `runc@1.1`, `crun`. */
export function formatRuntime(runtime: Runtime): string {
  return runtime.version === undefined ? runtime.name : `${runtime.name}@${runtime.version}`;
}
