/**
 * How runtimes differ in turning `linux.seccomp` into a filter: one record a runtime, read by `lowerProfile`.
 *
 * Sources: runc 1.1.5-1.5.1 libcontainer/seccomp, crun 1.8-1.28 src/libcrun/seccomp.c, youki libcontainer/src/seccomp.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { filterFlags, type OciFlag } from '../abi/flags.ts';
import { OciSeccompError } from '../errors.ts';

export type RuntimeName = 'runc' | 'crun' | 'youki' | 'plain';

/** Who turns a profile into a filter and installs it. */
export interface Runtime {
  /** Its name. */
  readonly name: RuntimeName;
  /** As given or the newest behaviour known: `1.2`; `undefined` where versions do not differ. */
  readonly version: string | undefined;
  /** How it differs from others. */
  readonly traits: RuntimeTraits;
}

/** How a runtime differs from others. */
export interface RuntimeTraits {
  /** Whether a stub answers ENOSYS beyond the profile's newest call: for listed architectures, or the native one too. */
  readonly enosysStub: 'none' | 'listed' | 'listed and native';
  /** More name-rules than this: libseccomp's binary tree. */
  readonly binaryTreeAbove: number | undefined;
  /** `errnoRet` on an action that takes none: refused, or ignored. */
  readonly errnoOnOtherActions: 'refused' | 'ignored';
  /** Only this many comparisons of a rule are read; the rest is dropped silently. */
  readonly comparisonsRead: number | undefined;
  /** NOTIFY as default action and on `write` is refused: the runtime could not hand over the listener. */
  readonly refusesNotifyOnStartPath: boolean;
  /** Mask and value of MASKED_EQ change places. */
  readonly swapsMaskedEq: boolean;
  /** `SCMP_ARCH_NATIVE` is understood. */
  readonly knowsNativeArch: boolean;
  /** Architectures it refuses although libseccomp knows them. */
  readonly unknownArchitectures: readonly ArchName[];
  /** Flags it takes; any other is refused. */
  readonly knownFlags: readonly OciFlag[];
  /** SPEC_ALLOW when the profile has no `flags` key. */
  readonly specAllowByDefault: boolean;
  /** Flags it takes and leaves out. */
  readonly ignoredFlags: readonly OciFlag[];
  /** What makes it ask the kernel for a listener: an SCMP_ACT_NOTIFY in the profile, or its `listenerPath`. */
  readonly listenerFrom: 'action' | 'path';
  /** With TSYNC and a listener it sets TSYNC_ESRCH too, without which the kernel refuses both. */
  readonly addsTsyncEsrch: boolean;
  /** Flags that the kernel refuses make it load the filter without any, if there is no listener; else it refuses the container. */
  readonly dropsRefusedFlags: boolean;
}

const allFlags = Object.keys(filterFlags) as readonly OciFlag[];

const runc: RuntimeTraits = {
  enosysStub: 'listed and native',
  binaryTreeAbove: 32,
  errnoOnOtherActions: 'ignored',
  comparisonsRead: undefined,
  refusesNotifyOnStartPath: true,
  swapsMaskedEq: false,
  knowsNativeArch: false,
  unknownArchitectures: ['m68k', 'parisc', 'parisc64', 'sh', 'sheb'],
  knownFlags: allFlags,
  specAllowByDefault: true,
  ignoredFlags: ['SECCOMP_FILTER_FLAG_TSYNC'],
  listenerFrom: 'action',
  addsTsyncEsrch: true,
  dropsRefusedFlags: false,
};

const crun: RuntimeTraits = {
  enosysStub: 'none',
  binaryTreeAbove: undefined,
  errnoOnOtherActions: 'refused',
  comparisonsRead: 6,
  refusesNotifyOnStartPath: false,
  swapsMaskedEq: false,
  knowsNativeArch: false,
  unknownArchitectures: [],
  knownFlags: allFlags,
  specAllowByDefault: true,
  ignoredFlags: [],
  listenerFrom: 'path',
  addsTsyncEsrch: false,
  dropsRefusedFlags: true,
};

const youki: RuntimeTraits = {
  ...runc,
  enosysStub: 'none',
  binaryTreeAbove: undefined,
  swapsMaskedEq: true,
  specAllowByDefault: false,
  ignoredFlags: [],
};

/** libseccomp's plain export of the profile's rules: no runtime's additions. */
const plain: RuntimeTraits = {
  ...runc,
  enosysStub: 'none',
  binaryTreeAbove: undefined,
  refusesNotifyOnStartPath: false,
  knowsNativeArch: true,
  unknownArchitectures: [],
  specAllowByDefault: false,
  ignoredFlags: [],
};

/** Major, minor, patch. */
export type RuntimeVersion = readonly [number, number, number];

type Version = RuntimeVersion;

const runcBefore15: RuntimeTraits = {
  ...runc,
  knownFlags: allFlags.filter((flag) => flag !== 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'),
};

const runcBefore12: RuntimeTraits = {
  ...runc,
  binaryTreeAbove: undefined,
  knownFlags: [],
  specAllowByDefault: false,
};

const runcBefore1115: RuntimeTraits = {
  ...runcBefore12,
  enosysStub: 'listed',
  unknownArchitectures: [...runc.unknownArchitectures, 'loongarch64', 'riscv64'],
};

/**
 * runc's behaviours by the version that brought them, newest first. Seen with 1.1.5, 1.1.15 and 1.3.6. Where between
 * those a behaviour changed was not tried: WAIT_KILLABLE_RECV came with runc's pull request 5183 to its 1.5 branch, flags
 * with 3390, first released in 1.2.0; that 1.1.15 was the first to know riscv64 and loongarch64 is the latest it can be.
 */
const runcBehaviours: readonly { readonly from: Version; readonly traits: RuntimeTraits }[] = [
  { from: [1, 5, 0], traits: runc },
  { from: [1, 2, 0], traits: runcBefore15 },
  { from: [1, 1, 15], traits: runcBefore12 },
  { from: [1, 1, 0], traits: runcBefore1115 },
];

const unversioned = { crun, youki, plain } as const;

/** What `--runtime` takes, for help and messages. */
export const runtimeSpellings = ['runc', 'runc@1.1', 'runc@1.2', 'crun', 'youki', 'plain'] as const;

/**
 * Reads a runtime's name: `runc` (its newest behaviour), `runc@1.1`, `runc@1.1.5`, `crun`, `youki`, `plain`.
 * A version without patch level means the newest of that series.
 *
 * @throws OciSeccompError `ERR_USAGE` for an unknown name, or a version older than runc 1.1 or not a version
 */
export function parseRuntime(spelling: string): Runtime {
  const [name, version, ...rest] = spelling.split('@');
  if (rest.length === 0 && name === 'runc') return parseRunc(spelling, version);
  if (
    rest.length === 0 &&
    version === undefined &&
    (name === 'crun' || name === 'youki' || name === 'plain')
  ) {
    return { name, version: undefined, traits: unversioned[name] };
  }
  throw unknownRuntime(spelling);
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

function parseRunc(spelling: string, version: string | undefined): Runtime {
  if (version === undefined) return { name: 'runc', version: undefined, traits: runc };
  const match = VERSION.exec(version);
  if (match === null) throw unknownRuntime(spelling);
  const asked = toVersion(match);
  const behaviour = runcBehaviours.find(({ from }) => compareVersions(asked, from) >= 0);
  if (behaviour === undefined) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `runc ${version} is older than 1.1, the oldest version whose filters oci-seccomp knows`,
      {
        hint: `use one of ${runtimeSpellings.join(', ')}`,
      },
    );
  }
  return { name: 'runc', version, traits: behaviour.traits };
}

function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function unknownRuntime(spelling: string): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `unknown runtime '${spelling}'`, {
    hint: `use one of ${runtimeSpellings.join(', ')}; runc also takes a full version, for instance runc@1.1.5`,
  });
}

/** A runtime as people write it: `runc@1.1`, `crun`. */
export function formatRuntime(runtime: Runtime): string {
  return runtime.version === undefined ? runtime.name : `${runtime.name}@${runtime.version}`;
}
