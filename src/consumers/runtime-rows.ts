/**
 * How runtimes turn `linux.seccomp` into a filter: one row a runtime and its versions. Whatever lists, checks or names
 * runtimes asks these rows.
 *
 * Sources: runc 1.1.5-1.5.1 libcontainer/seccomp, crun 1.8-1.28 src/libcrun/seccomp.c, youki libcontainer/src/seccomp,
 * gVisor as sentry-facts.ts says.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { filterFlags, type OciFlag } from '../abi/flags.ts';
import { crunNeeds, type RuntimeNeeds, type RuntimeVersion, runcNeeds } from './runtime-needs.ts';
import { type SentryTraits, sentry } from './sentry-facts.ts';

/** A new name here makes the compiler ask for its row, and for what else depends on it. */
export type RuntimeName = 'runc' | 'crun' | 'youki' | 'runsc' | 'plain';

/** How a runtime differs from others. */
export interface RuntimeTraits {
  /** Whether a stub answers ENOSYS beyond the profile's newest call: for listed architectures, or the native one too. */
  readonly enosysStub: 'none' | 'listed' | 'listed and native';
  /** With more names in its rules than this, libseccomp builds a binary tree; `undefined`: never. */
  readonly binaryTreeAbove: number | undefined;
  /** What becomes of `errnoRet` on an action that takes none. */
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
  /** With TSYNC and a listener it also sets TSYNC_ESRCH: without it, the kernel refuses the two together. */
  readonly addsTsyncEsrch: boolean;
  /** If the kernel refuses its flags, it loads the filter without any flag; with a listener, it refuses the container. */
  readonly dropsRefusedFlags: boolean;
  /**
   * The runtime builds the filter in a kernel of its own, without libseccomp: the first rule that matches decides, and the traits
   * above do not apply. `undefined`: the filter runs in Linux.
   */
  readonly sentry: SentryTraits | undefined;
}

/** How a runtime reads the JSON that it is handed, where readers differ. */
export interface RuntimeReading {
  /** Refuses numbers, types and comments that its decoder cannot hold; others read what they know. */
  readonly decodesStrictly: boolean;
  /** Refuses a key that is there twice, or in other letter case; others take one of the two. */
  readonly refusesAmbiguousKeys: boolean;
  /** Refuses a rule without `names`; others skip it. */
  readonly needsNames: boolean;
  /** Looks an empty name up as any other; others refuse it. */
  readonly takesEmptyNames: boolean;
  /** Refuses a bundle whose profile has no default action; for others seccomp is then off. */
  readonly needsDefaultAction: boolean;
  /** Refuses a comparison in a bundle without `index` or `value`; for others those are 0. */
  readonly needsComparisonKeys: boolean;
  /** Refuses SCMP_ACT_NOTIFY without `listenerPath`; others leave the listener to nobody. */
  readonly needsListenerPath: boolean;
  /** Refuses a `listenerPath` that is relative, in a bundle also an empty one; others take it from where they are. */
  readonly needsAbsoluteListenerPath: boolean;
  /** Accepts libseccomp's names of architectures, in any letter case, as well as those of the specification. */
  readonly takesArchNames: boolean;
  /** Refuses a bundle whose capability sets name a capability that it does not know; others leave it out. */
  readonly refusesUnknownCapabilities: boolean;
  /** Cuts an errno of more than 32 bits; others refuse it. */
  readonly cutsLongErrno: boolean;
}

/** What a version does, and all later ones up to the next row. */
export interface RuntimeBehaviour {
  /** The first such version; absent if versions are not told apart. */
  readonly from?: RuntimeVersion;
  readonly traits: RuntimeTraits;
}

export interface RuntimeRow {
  /** The text that help adds to the name, if the name alone says too little. */
  readonly gloss?: string;
  /** What it does is known from reading its source; no test runs it. */
  readonly isReadOnly?: true;
  /** Starts containers, and may refuse a profile; otherwise it only stands for a way to build a filter. */
  readonly startsContainers: boolean;
  /** Newest first. Several: the name takes a version, `runc@1.1`. */
  readonly versions: readonly [RuntimeBehaviour, ...RuntimeBehaviour[]];
  /** Versions that help names. */
  readonly shown: readonly string[];
  /** Versions to try if a program is not the filter that was asked for. */
  readonly tried: readonly string[];
  readonly reading: RuntimeReading;
  /** What it calls under the filter before the container's program; empty: not measured, or nothing. */
  readonly needs: readonly RuntimeNeeds[];
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
  sentry: undefined,
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
  sentry: undefined,
};

const youki: RuntimeTraits = {
  ...runc,
  enosysStub: 'none',
  binaryTreeAbove: undefined,
  swapsMaskedEq: true,
  // oci-spec-rs has it, and translate_arch hands it on.
  knowsNativeArch: true,
  // All that libseccomp knows, from 0.7.0 on.
  unknownArchitectures: [],
  specAllowByDefault: false,
  ignoredFlags: [],
};

const runsc: RuntimeTraits = {
  ...runc,
  enosysStub: 'none',
  binaryTreeAbove: undefined,
  specAllowByDefault: false,
  sentry,
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
  unknownArchitectures: [...runc.unknownArchitectures, 'loongarch64'],
};

const runcBefore118: RuntimeTraits = {
  ...runcBefore1115,
  unknownArchitectures: [...runcBefore1115.unknownArchitectures, 'riscv64'],
};

/**
 * runc's behaviours by the version that brought them, newest first. Seen with 1.1.5, 1.1.15 and 1.3.6.
 *
 * Versions between these were not run. WAIT_KILLABLE_RECV came with runc's pull request 5183 to its 1.5 branch, and flags with 3390,
 * first released in 1.2.0. riscv64 is known from 1.1.8 on. loongarch64 is known from 1.4.1 on, and to Debian's 1.1.15 and 1.3.6,
 * which are patched; the versions between those two are taken to know it too.
 */
const runcVersions: RuntimeRow['versions'] = [
  { from: [1, 5, 0], traits: runc },
  { from: [1, 2, 0], traits: runcBefore15 },
  { from: [1, 1, 15], traits: runcBefore12 },
  { from: [1, 1, 8], traits: runcBefore1115 },
  { from: [1, 1, 0], traits: runcBefore118 },
];

const goReading: RuntimeReading = {
  needsListenerPath: true,
  needsAbsoluteListenerPath: false,
  decodesStrictly: true,
  refusesAmbiguousKeys: false,
  needsNames: false,
  takesEmptyNames: false,
  needsDefaultAction: false,
  needsComparisonKeys: false,
  takesArchNames: false,
  refusesUnknownCapabilities: false,
  cutsLongErrno: true,
};

const crunReading: RuntimeReading = {
  needsListenerPath: false,
  needsAbsoluteListenerPath: true,
  decodesStrictly: false,
  refusesAmbiguousKeys: true,
  needsNames: true,
  takesEmptyNames: true,
  needsDefaultAction: true,
  needsComparisonKeys: false,
  takesArchNames: true,
  refusesUnknownCapabilities: false,
  cutsLongErrno: false,
};

const youkiReading: RuntimeReading = {
  needsListenerPath: false,
  needsAbsoluteListenerPath: false,
  decodesStrictly: true,
  refusesAmbiguousKeys: true,
  needsNames: true,
  takesEmptyNames: true,
  needsDefaultAction: true,
  needsComparisonKeys: true,
  takesArchNames: false,
  // oci-spec 0.9.0 src/runtime/capability.rs; later ones keep the name.
  refusesUnknownCapabilities: true,
  cutsLongErrno: false,
};

/** Like runc, it decodes with Go. It judges some of the values itself. */
const runscReading: RuntimeReading = {
  ...goReading,
  needsListenerPath: false,
  needsAbsoluteListenerPath: false,
  takesEmptyNames: true,
  needsDefaultAction: true,
  takesArchNames: true,
};

/** One row a runtime, in the order in which lists name them. */
export const runtimeRows = {
  runc: {
    startsContainers: true,
    versions: runcVersions,
    shown: ['1.1', '1.2'],
    tried: ['1.2', '1.1', '1.1.5'],
    reading: goReading,
    needs: runcNeeds,
  },
  crun: {
    startsContainers: true,
    versions: [{ traits: crun }],
    shown: [],
    tried: [],
    reading: crunReading,
    needs: crunNeeds,
  },
  youki: {
    isReadOnly: true,
    startsContainers: true,
    versions: [{ traits: youki }],
    shown: [],
    tried: [],
    reading: youkiReading,
    needs: [],
  },
  runsc: {
    gloss: 'gVisor',
    startsContainers: false,
    versions: [{ traits: runsc }],
    shown: [],
    tried: [],
    reading: runscReading,
    needs: [],
  },
  plain: {
    gloss: 'libseccomp alone',
    startsContainers: false,
    versions: [{ traits: plain }],
    shown: [],
    tried: [],
    reading: goReading,
    needs: [],
  },
} as const satisfies Record<RuntimeName, RuntimeRow>;
