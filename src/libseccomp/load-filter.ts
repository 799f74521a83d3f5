/**
 * Putting a filter into the kernel, for Node's many threads.
 *
 * seccomp(2) filters threads, not processes. Node has several from its start (V8's workers, the pool that file and DNS
 * calls run on, worker threads), and a thread inherits the filters of the one that made it. So:
 *
 * - `threads: 'all'` (the default) sets TSYNC: every thread of the process gets the filter, or none does.
 * - `threads: 'current'` filters the calling thread and those it starts later. All others stay unfiltered, and with
 *   them asynchronous file calls, DNS look-ups and other worker threads: through these, a program on the main thread can
 *   do what the filter forbids. Use it to confine a worker thread, and for a NOTIFY filter whose supervisor is another
 *   thread of this process.
 * @module
 */
import { actions } from '../abi/actions.ts';
import { errnoName } from '../abi/errno.ts';
import { EACCES, EBUSY, ECANCELED, EFAULT, EINVAL, ENOMEM, EPERM, ESRCH } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { oneOf, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import type { AttributeValue } from './attribute.ts';
import { type Library, nativeArch, requireVersion } from './library.ts';
import { resolveName } from './syscall.ts';

/** How a filter is loaded (seccomp_load(3)). */
export interface LoadOptions {
  /** Which threads of this process are filtered: `all` (default) or the `current` one and those it starts. */
  readonly threads?: 'all' | 'current' | undefined;
}

type LoadAttribute = 'CTL_TSYNC' | 'API_SYSRAWRC';

/** What loading needs of a `Filter`. */
interface LoadableFilter {
  readonly library: Library;
  readonly getAttribute: <N extends LoadAttribute | 'ACT_BADARCH'>(name: N) => AttributeValue<N>;
  readonly setAttribute: (name: LoadAttribute, value: boolean) => void;
}

const reasons: Readonly<Record<number, { readonly what: string; readonly hint?: string }>> = {
  [EACCES]: {
    what: 'this process may not filter itself',
    hint: 'leave CTL_NNP on (no_new_privs), or run with CAP_SYS_ADMIN',
  },
  [EPERM]: { what: 'no_new_privs could not be set' },
  [EINVAL]: {
    what: 'the kernel rejects the program or a flag',
    hint: 'the program may be longer than 4096 instructions, or the kernel too old for an attribute',
  },
  [ENOMEM]: { what: 'the filters of this process are too long in total, or memory is short' },
  [EBUSY]: {
    what: 'a filter of this thread has a listener, and the kernel gives no second one',
    hint: 'libseccomp 2.5.0 asks for a listener with every filter: use 2.5.1 or newer',
  },
  [EFAULT]: { what: 'an internal error of libseccomp' },
};

/**
 * Loads a filter. Wraps seccomp_load(3) with API_SYSRAWRC, so that the kernel's own errors are seen.
 *
 * @throws OciSeccompError `ERR_KERNEL`, `details.errno`: EACCES (13) neither no_new_privs nor CAP_SYS_ADMIN; EINVAL
 *   (22) program or flag refused; ENOMEM (12); ESRCH (3) another thread has a filter of its own, so that it cannot be
 *   synchronised, `details.thread` is its id. `ERR_USAGE` for a wrong option
 */
export function loadFilter(filter: LoadableFilter, context: bigint, options: LoadOptions): void {
  const { threads = 'all' } = takeOptions('load', options, { threads: oneOf(['all', 'current']) });
  const all = threads === 'all';
  // At API level 1 libseccomp refuses to set it, even to what it is.
  if (filter.getAttribute('CTL_TSYNC') !== all) filter.setAttribute('CTL_TSYNC', all);
  const raw = filter.getAttribute('API_SYSRAWRC');
  filter.setAttribute('API_SYSRAWRC', true);
  const koffi = loadKoffi();
  let result: number;
  let errno: number;
  try {
    koffi.errno(0);
    result = filter.library.call('seccomp_load')(context) as number;
    errno = koffi.errno();
  } finally {
    filter.setAttribute('API_SYSRAWRC', raw);
  }
  // libseccomp turns an error of the kernel that is not in its own list into EFAULT.
  if (result < 0) throw loadError(filter, result === -EFAULT && errno !== 0 ? errno : -result, all);
}

/** The descriptor of the one listener libseccomp keeps for the process, or `undefined` without one. */
function listenerOf(library: Library, context: bigint): number | undefined {
  const fd = library.call('seccomp_notify_fd')(context) as number;
  return fd < 0 ? undefined : fd;
}

/** As {@link listenerOf}. @throws OciSeccompError `ERR_LIBSECCOMP` without a listener */
export function requireListenerOf(library: Library, context: bigint): number {
  const fd = listenerOf(library, context);
  if (fd !== undefined) return fd;
  throw new OciSeccompError(
    'ERR_LIBSECCOMP',
    'there is no listener: no filter with NOTIFY rules has been loaded',
    { details: { call: 'seccomp_notify_fd' } },
  );
}

/** Where a filter says NOTIFY. libseccomp sees a rule of a merged filter only since 2.6.1. */
export type Notifies = 'nowhere' | 'in a rule' | 'in a merged rule';

/**
 * Refuses a filter that says NOTIFY and would be loaded without a listener: the calls would fail with ENOSYS.
 *
 * @throws OciSeccompError `ERR_USAGE` if the process has a listener, or only ACT_BADARCH is NOTIFY;
 *   `ERR_LIBSECCOMP_TOO_OLD` if the rules are those of a merged filter
 */
export function requireListening(filter: LoadableFilter, context: bigint, notifies: Notifies): void {
  const { library } = filter;
  if (notifies === 'nowhere') {
    if (filter.getAttribute('ACT_BADARCH').kind !== 'notify') return;
    throw new OciSeccompError('ERR_USAGE', 'ACT_BADARCH is NOTIFY, but no rule is', {
      hint: 'libseccomp asks for a listener only if a rule or the default action is NOTIFY: add such a rule',
      details: { key: 'ACT_BADARCH' },
    });
  }
  if (notifies === 'in a merged rule') requireVersion(library, 'a NOTIFY rule of a merged filter', '2.6.1');
  requireNoListener(library, context);
}

/** libseccomp asks the kernel for a listener only once in a process. */
function requireNoListener(library: Library, context: bigint): void {
  const fd = listenerOf(library, context);
  if (fd === undefined) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    `this process has a listener already (descriptor ${fd}), and libseccomp does not give a second one`,
    {
      hint: 'load the second filter in another process, or give up the first listener with resetGlobalState()',
      details: { fd },
    },
  );
}

function loadError(filter: LoadableFilter, errno: number, allThreads: boolean): OciSeccompError {
  if (allThreads && (errno === ESRCH || errno === ECANCELED)) {
    const thread = findDivergedThread(filter);
    return new OciSeccompError(
      'ERR_KERNEL',
      `the filter was not loaded: thread ${thread ?? 'unknown'} has filters that this thread lacks`,
      {
        hint: "load filters for all threads before any thread loads one of its own, or use threads: 'current'",
        details: { errno: ESRCH, ...(thread === undefined ? {} : { thread }) },
      },
    );
  }
  const { what, hint } = reasons[errno] ?? { what: 'the kernel refused it' };
  return new OciSeccompError(
    'ERR_KERNEL',
    `the filter was not loaded: ${errnoName(errno) ?? errno} (${errno}), ${what}`,
    {
      hint,
      details: { errno },
    },
  );
}

const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;
const SOCK_FPROG_SIZE = 16;
const SOCK_FILTER_SIZE = 8;
const BPF_RET_K = 0x06;

/**
 * Asks the kernel which thread has another filter: libseccomp drops the id that seccomp(2) returns. If that thread has ended
 * meanwhile, the kernel loads the program of this question, which allows everything.
 */
function findDivergedThread(filter: LoadableFilter): number | undefined {
  const koffi = loadKoffi();
  const nr = resolveName(filter.library, 'seccomp', nativeArch(filter.library));
  if (nr === undefined) return undefined;
  // struct sock_filter: code u16 @0, k u32 @4.
  const program = new DataView(new ArrayBuffer(SOCK_FILTER_SIZE));
  program.setUint16(0, BPF_RET_K, HOST_IS_LITTLE);
  program.setUint32(4, actions.allow.word, HOST_IS_LITTLE);
  // struct sock_fprog: len u16 @0, filter pointer @8. SAFETY: both buffers live until the call has returned.
  const prog = new DataView(new ArrayBuffer(SOCK_FPROG_SIZE));
  prog.setUint16(0, 1, HOST_IS_LITTLE);
  prog.setBigUint64(8, koffi.address(new Uint8Array(program.buffer)), HOST_IS_LITTLE);
  const syscall = koffi.load(null).func('syscall', 'long', ['long', 'uintptr_t', 'uintptr_t', 'void *']);
  const fprog = new Uint8Array(prog.buffer);
  const result = Number(syscall(nr, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, fprog));
  return result > 0 ? result : undefined;
}
