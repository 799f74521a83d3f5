/**
 * ptrace(2) and the wait that goes with it, as the kernel has them: numbers in, numbers out.
 *
 * A tracer is a thread, not a process: every call about a tracee must come from the thread that seized it, so nothing
 * here is asynchronous. The numbers are the same on all architectures that libseccomp knows.
 *
 * Sources: Linux 6.18 include/uapi/linux/ptrace.h, include/uapi/linux/wait.h, include/uapi/asm-generic/siginfo.h;
 * ptrace(2), waitid(2).
 * @module
 */
import { ECHILD, EINTR, EINVAL, ESRCH } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { loadKoffi, type NativeCall } from '../ffi.ts';

/** Requests, with the release that introduced them where it is later than Linux 3.4. */
const ptraceRequests = {
  PTRACE_CONT: 7,
  PTRACE_SINGLESTEP: 9,
  PTRACE_DETACH: 17,
  PTRACE_SYSCALL: 24,
  PTRACE_SETOPTIONS: 0x4200,
  PTRACE_GETEVENTMSG: 0x4201,
  PTRACE_GETSIGINFO: 0x4202,
  PTRACE_GETREGSET: 0x4204,
  PTRACE_SETREGSET: 0x4205,
  PTRACE_SEIZE: 0x4206,
  PTRACE_INTERRUPT: 0x4207,
  PTRACE_LISTEN: 0x4208,
  /** Since Linux 3.11. */
  PTRACE_GETSIGMASK: 0x420a,
  /** Since Linux 3.11. */
  PTRACE_SETSIGMASK: 0x420b,
  /** Since Linux 4.4, with CONFIG_CHECKPOINT_RESTORE. */
  PTRACE_SECCOMP_GET_FILTER: 0x420c,
  /** Since Linux 4.16, with CONFIG_CHECKPOINT_RESTORE. */
  PTRACE_SECCOMP_GET_METADATA: 0x420d,
  /** Since Linux 5.3. */
  PTRACE_GET_SYSCALL_INFO: 0x420e,
} as const;

export type PtraceRequest = keyof typeof ptraceRequests;

/** The options of PTRACE_SEIZE and PTRACE_SETOPTIONS. */
export const ptraceOptions = {
  PTRACE_O_TRACESYSGOOD: 0x00000001,
  PTRACE_O_TRACEFORK: 0x00000002,
  PTRACE_O_TRACEVFORK: 0x00000004,
  PTRACE_O_TRACECLONE: 0x00000008,
  PTRACE_O_TRACEEXEC: 0x00000010,
  /** Since Linux 3.8. */
  PTRACE_O_EXITKILL: 0x00100000,
  /** Since Linux 4.3, with CONFIG_CHECKPOINT_RESTORE. */
  PTRACE_O_SUSPEND_SECCOMP: 0x00200000,
} as const;

export const PTRACE_EVENT_FORK = 1;
export const PTRACE_EVENT_VFORK = 2;
export const PTRACE_EVENT_CLONE = 3;
export const PTRACE_EVENT_EXEC = 4;
/** A group-stop, the first stop of a thread seized at its birth, or a wake-up by SIGCONT. */
export const PTRACE_EVENT_STOP = 128;

export const SIGTRAP = 5;
/** Marks SIGTRAP as a system call's stop, under PTRACE_O_TRACESYSGOOD. */
const SYSCALL_BIT = 0x80;

const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 0x00000001;
const WSTOPPED = 0x00000002;
const WEXITED = 0x00000004;
const WNOWAIT = 0x01000000;
const __WALL = 0x40000000;

/** CLD_EXITED, CLD_KILLED and CLD_DUMPED are below it. */
const CLD_TRAPPED = 4;
/** siginfo_t: signo i32 @0, errno i32 @4, code i32 @8 (MIPS: code @4, errno @8). */
const SIGINFO_SIZE = 128;

/** What a call gave: `result` is -1 after a failure, and `errno` tells which. */
interface CallResult {
  readonly result: number;
  /** 0 after a success. */
  readonly errno: number;
}

interface Libc {
  /** `data` as a number: options, a signal. */
  readonly ptrace: NativeCall;
  /** `data` as the address of a buffer. */
  readonly ptraceBuffer: NativeCall;
  readonly waitid: NativeCall;
}

let libc: Libc | undefined;

function bindLibc(): Libc {
  if (libc === undefined) {
    const native = loadKoffi().load(null);
    // glibc declares ptrace variadic but reads all four arguments, each of which fits a register.
    libc = {
      ptrace: native.func('ptrace', 'long', ['long', 'int', 'uintptr_t', 'uintptr_t']),
      ptraceBuffer: native.func('ptrace', 'long', ['long', 'int', 'uintptr_t', 'uint8_t *']),
      waitid: native.func('waitid', 'int', ['int', 'unsigned int', 'uint8_t *', 'int']),
    };
  }
  return libc;
}

/**
 * Loads what calls of this file need, ahead of the first one.
 *
 * @throws OciSeccompError `ERR_FFI`
 */
export function loadPtrace(): void {
  bindLibc();
}

/**
 * Calls ptrace(2).
 *
 * @param pid - of a thread
 * @param addr - what it means depends on the request
 * @param data - a number, or a buffer for the kernel to read or fill during the call
 * @throws OciSeccompError `ERR_FFI` if koffi cannot be loaded
 */
export function ptrace(
  request: PtraceRequest,
  pid: number,
  addr = 0,
  data: number | Uint8Array = 0,
): CallResult {
  const { ptrace: withNumber, ptraceBuffer } = bindLibc();
  const call = typeof data === 'number' ? withNumber : ptraceBuffer;
  return settle(call(ptraceRequests[request], pid, addr, data));
}

function settle(result: number): CallResult {
  // SAFETY: koffi keeps the errno of the last call; nothing has been called in between.
  return { result, errno: result === -1 ? loadKoffi().errno() : 0 };
}

/** The events that a tracer gets about a tracee. */
type TraceeState =
  | { readonly kind: 'none' }
  /**
   * It is stopped for us. `signal` is the one that waits to be delivered, which whoever lets the tracee go has to hand
   * on (ptrace(2), "Signal-delivery-stop"); 0 for every other stop. `event` is PTRACE_EVENT_*, 0 without one.
   */
  | { readonly kind: 'stopped'; readonly signal: number; readonly event: number }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly errno: number };

/**
 * Looks whether a tracee has stopped or ended, without waiting. Takes nothing away: another look says the same, and if
 * it is our own child, whoever waits for its end still gets it. That is why it does not wait for the stop, which Node's
 * own wait for its children may take first.
 *
 * @throws OciSeccompError `ERR_FFI`
 */
export function peekTracee(pid: number): TraceeState {
  const info = new Uint8Array(SIGINFO_SIZE);
  const { result, errno } = ptrace('PTRACE_GETSIGINFO', pid, 0, info);
  if (result !== -1) return stopOf(new DataView(info.buffer));
  // Stopped for a reason that has no siginfo_t.
  if (errno === EINVAL) return { kind: 'stopped', event: 0, signal: 0 };
  if (errno !== ESRCH) return { kind: 'failed', errno };
  return peekEnd(pid);
}

/**
 * Whether the signal that a tracee is stopped for was raised by the kernel, for what the tracee did, and not sent.
 *
 * Source: Linux 6.18 include/uapi/asm-generic/siginfo.h (SI_FROMKERNEL: si_code is above 0).
 *
 * @throws OciSeccompError `ERR_FFI`
 */
export function isRaisedByKernel(pid: number): boolean {
  const info = new Uint8Array(SIGINFO_SIZE);
  return ptrace('PTRACE_GETSIGINFO', pid, 0, info).result !== -1 && codeOf(new DataView(info.buffer)) > 0;
}

function stopOf(info: DataView): TraceeState {
  const code = codeOf(info);
  // A stop for an event has a code of its own: SIGTRAP, or the signal that stopped the group, and the event above it.
  const event = code > 0xff ? code >> 8 : 0;
  return { kind: 'stopped', event, signal: event === 0 ? info.getInt32(0, HOST_IS_LITTLE) : 0 };
}

/** si_code, or 0 if nothing was told; si_errno is 0. */
function codeOf(info: DataView): number {
  return info.getInt32(8, HOST_IS_LITTLE) || info.getInt32(4, HOST_IS_LITTLE);
}

function peekEnd(pid: number): TraceeState {
  const info = new Uint8Array(SIGINFO_SIZE);
  const options = WEXITED | WNOWAIT | WNOHANG | __WALL;
  const { result, errno } = settle(bindLibc().waitid(P_PID, pid, info, options));
  if (result === -1) return { kind: 'failed', errno };
  const code = codeOf(new DataView(info.buffer));
  // Stops of tracees are told even if not asked for: it may have stopped since the look before.
  return { kind: code === 0 || code >= CLD_TRAPPED ? 'none' : 'ended' };
}

/**
 * Takes note of the end of a tracee, so that its real parent is told of it.
 *
 * NOTE: not for our own children: it would take the exit status from the code that waits for it.
 *
 * @throws OciSeccompError `ERR_FFI`
 */
export function acknowledgeEnd(pid: number): void {
  bindLibc().waitid(P_PID, pid, new Uint8Array(SIGINFO_SIZE), WEXITED | WNOHANG | __WALL);
}

/** What waitid(2) told about a tracee. */
export type TraceeReport =
  /** Nothing yet. */
  | { readonly kind: 'none' }
  /** `signal` without the mark of a system call's stop, which `syscall` is; `event` as in {@link TraceeState}. */
  | {
      readonly kind: 'stopped';
      readonly tid: number;
      readonly signal: number;
      readonly event: number;
      readonly syscall: boolean;
    }
  /** `status`: its exit code, or the signal that ended it. */
  | { readonly kind: 'ended'; readonly tid: number; readonly status: number; readonly bySignal: boolean }
  /** ECHILD: there is nothing to wait for. */
  | { readonly kind: 'failed'; readonly errno: number };

const NOTHING: TraceeReport = { kind: 'none' };
/** CLD_EXITED, Linux 6.18 include/uapi/asm-generic/siginfo.h. */
const CLD_EXITED = 1;

/**
 * Takes the next report about a tracee of the calling thread, or about any child of this process.
 *
 * NOTE: without `block: false` the thread sleeps in the kernel until there is one, however long that takes.
 *
 * @param tid - one tracee; `'any'`: every tracee and child
 * @throws OciSeccompError `ERR_FFI`
 */
export function waitForTracee(tid: number | 'any', { block }: { readonly block: boolean }): TraceeReport {
  const info = new Uint8Array(SIGINFO_SIZE);
  const options = WEXITED | WSTOPPED | __WALL | (block ? 0 : WNOHANG);
  const [idType, id] = tid === 'any' ? [P_ALL, 0] : [P_PID, tid];
  for (;;) {
    const { result, errno } = settle(bindLibc().waitid(idType, id, info, options));
    if (result !== -1) return toReport(new DataView(info.buffer));
    if (errno !== EINTR) return { kind: 'failed', errno };
  }
}

/**
 * Takes all reports about tracees and children that there are, before any of them goes on. The kernel tells of the first one
 * in its list that has stopped: if each went on at once, some that stop all the time would leave the others stopped.
 *
 * @param block - whether to wait for the first one
 * @returns `failed` alone: there is nothing to wait for
 * @throws OciSeccompError `ERR_FFI`
 */
export function takeReports({ block }: { readonly block: boolean }): readonly TraceeReport[] {
  const reports: TraceeReport[] = [];
  for (;;) {
    const report = waitForTracee('any', { block: block && reports.length === 0 });
    if (report.kind === 'none') return reports;
    if (report.kind === 'failed') return reports.length === 0 ? [report] : reports;
    reports.push(report);
  }
}

/**
 * Whether this thread still traces something, or this process has a child.
 *
 * @throws OciSeccompError `ERR_FFI`
 */
export function hasTracees(): boolean {
  return lookForTracees() !== ECHILD;
}

/**
 * Whether a filter keeps this thread from waiting for tracees.
 *
 * @returns 0, or the error number of waitid(2)
 * @throws OciSeccompError `ERR_FFI`
 */
export function waitError(): number {
  const errno = lookForTracees();
  return errno === ECHILD ? 0 : errno;
}

function lookForTracees(): number {
  const options = WEXITED | WSTOPPED | __WALL | WNOHANG | WNOWAIT;
  return settle(bindLibc().waitid(P_ALL, 0, new Uint8Array(SIGINFO_SIZE), options)).errno;
}

/** siginfo_t of SIGCHLD on 64-bit machines: pid i32 @16, uid u32 @20, status i32 @24. */
function toReport(info: DataView): TraceeReport {
  const code = codeOf(info);
  if (code === 0) return NOTHING;
  const tid = info.getInt32(16, HOST_IS_LITTLE);
  const status = info.getInt32(24, HOST_IS_LITTLE);
  if (code < CLD_TRAPPED) return { kind: 'ended', tid, status, bySignal: code !== CLD_EXITED };
  const signal = status & 0xff;
  const syscall = signal === (SIGTRAP | SYSCALL_BIT);
  return { kind: 'stopped', tid, signal: signal & ~SYSCALL_BIT, event: status >> 8, syscall };
}
