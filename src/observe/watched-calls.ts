/**
 * Calls that behave differently under a recorder, or by which a program does what no recorder sees. The user is told of
 * them.
 *
 * Sources: seccomp(2), prctl(2), ptrace(2), io_uring_enter(2); Linux 6.18 include/uapi/linux/seccomp.h,
 * include/uapi/linux/prctl.h.
 * @module
 */
import { type ArchName, allArchitectures } from '../abi/architectures.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import { noteMounts, type SeesServed } from '../kernel/served-mounts.ts';
import { bytesAt, type Owner } from '../kernel/thread-memory.ts';
import type { CallCounter } from './call-counts.ts';
import { type ExecutedPath, powerlessFile } from './executed-file.ts';

/** What was seen of a program. */
export interface WatchedEffects {
  /** It asked for a listener, which the recorder has already. */
  readonly listener: boolean;
  /** It loaded a filter. */
  readonly filter: boolean;
  /** It asked for the strict mode, which no process can enter that has a filter. */
  readonly strict: boolean;
  /** It started processes or threads that no tracer is told of (CLONE_UNTRACED). */
  readonly untraced: boolean;
  /** It made a ring for io_uring. */
  readonly ring: boolean;
  /** It asked to trace a process, or to be traced. */
  readonly trace: boolean;
  /** Files with a set-user-ID or set-group-ID bit that it executed, and that gained nothing by it. */
  readonly powerless: ReadonlySet<string>;
}

type Found = { -readonly [Key in Exclude<keyof WatchedEffects, 'powerless'>]: boolean } & {
  readonly powerless: Set<string>;
};
type Look = (
  found: Found,
  argument: (index: number) => bigint,
  thread: number,
  seesServed: SeesServed,
) => void;

const SECCOMP_SET_MODE_STRICT = 0n;
const SECCOMP_SET_MODE_FILTER = 1n;
const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8n;
const PR_SET_SECCOMP = 22n;
const SECCOMP_MODE_STRICT = 1n;
const SECCOMP_MODE_FILTER = 2n;
/** include/uapi/linux/sched.h */
const CLONE_UNTRACED = 0x0080_0000n;
/** The requests that begin to trace: PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE. */
const BEGINS: ReadonlySet<bigint> = new Set([0n, 16n, 0x4206n]);
const FLAGS_SIZE = 8;

const half = (value: bigint): bigint => BigInt.asUintN(32, value);

/**
 * Libraries ask what the kernel has by calls that fail with or without a recorder: a filter or a ring at address 0, and the
 * strict mode with a flag. libseccomp does, and so runc and podman at each start.
 */
const looks: Readonly<Record<string, Look>> = {
  seccomp: (found, argument) => {
    const [operation, flags, at] = [half(argument(0)), half(argument(1)), argument(2)];
    if (operation === SECCOMP_SET_MODE_STRICT && flags === 0n && at === 0n) found.strict = true;
    if (operation !== SECCOMP_SET_MODE_FILTER || at === 0n) return;
    if ((flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0n) found.listener = true;
    else found.filter = true;
  },
  prctl: (found, argument) => {
    if (half(argument(0)) !== PR_SET_SECCOMP) return;
    if (argument(1) === SECCOMP_MODE_STRICT) found.strict = true;
    if (argument(1) === SECCOMP_MODE_FILTER && argument(2) !== 0n) found.filter = true;
  },
  io_uring_setup: (found, argument) => {
    if (argument(1) !== 0n) found.ring = true;
  },
  clone: lookAtFlags(0),
  clone3: (found, argument, thread, seesServed) => {
    if ((flagsAt(argument(0), { thread, seesServed }) & CLONE_UNTRACED) !== 0n) found.untraced = true;
  },
  ptrace: (found, argument) => {
    if (BEGINS.has(half(argument(0)))) found.trace = true;
  },
  execve: lookAtFile((argument) => ({ address: argument(0) })),
  execveat: lookAtFile((argument) => ({ folder: argument(0), address: argument(1) })),
};

function lookAtFile(executed: (argument: (index: number) => bigint) => ExecutedPath): Look {
  return (found, argument, thread, seesServed) => {
    const path = powerlessFile(executed(argument), thread, seesServed);
    if (path !== undefined) found.powerless.add(path);
  };
}

/** clone(2): its flags are the first argument, and on s390 the second. */
function lookAtFlags(index: number): Look {
  return (found, argument) => {
    if ((argument(index) & CLONE_UNTRACED) !== 0n) found.untraced = true;
  };
}

function looksAt(auditArch: number): ReadonlyMap<number, Look> {
  const archs = allArchitectures.filter((row) => row.auditArch === auditArch);
  return new Map(archs.flatMap(({ name }) => looksOf(name)));
}

function looksOf(arch: ArchName): readonly (readonly [nr: number, look: Look])[] {
  return Object.entries(looks).flatMap(([name, look]) => {
    const nr = directSyscallNumber(name, arch);
    if (nr === undefined) return [];
    return [[nr, name === 'clone' && /^s390/.test(arch) ? lookAtFlags(1) : look] as const];
  });
}

/** The flags of struct clone_args, its first member; 0 if they cannot be read. */
function flagsAt(address: bigint, owner: Owner): bigint {
  try {
    const bytes = bytesAt(address, FLAGS_SIZE, owner);
    if (bytes.length < FLAGS_SIZE) return 0n;
    return new DataView(bytes.buffer).getBigUint64(0, HOST_IS_LITTLE);
  } catch {
    return 0n;
  }
}

export interface WatchedCounts extends CallCounter {
  readonly effects: WatchedEffects;
}

/** Counts as before, and looks at calls that say something about the recording. */
export function watchCalls(counts: CallCounter): WatchedCounts {
  const found: Found = {
    ...{ listener: false, filter: false, strict: false, untraced: false, ring: false, trace: false },
    powerless: new Set(),
  };
  const seesServed = noteMounts();
  const byArch = new Map<number, ReadonlyMap<number, Look>>();
  const looksFor = (auditArch: number): ReadonlyMap<number, Look> => {
    const own = byArch.get(auditArch) ?? looksAt(auditArch);
    byArch.set(auditArch, own);
    return own;
  };
  return {
    ...counts,
    effects: found,
    add: (auditArch, nr, argument, thread = 0) => {
      looksFor(auditArch).get(nr)?.(found, argument, thread, seesServed);
      counts.add(auditArch, nr, argument);
    },
  };
}
