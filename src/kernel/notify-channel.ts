/**
 * The notifications of a filter, for a recorder. Each call of the recorded program waits for it, so the structs are
 * allocated once.
 *
 * The only answer here is SECCOMP_USER_NOTIF_FLAG_CONTINUE: the kernel makes the call. It reads the arguments again, and
 * another thread may have changed the memory they point to. So this observes, and cannot decide (seccomp_unotify(2)).
 *
 * Sources: seccomp_unotify(2); Linux 6.18 include/uapi/linux/seccomp.h, include/uapi/asm-generic/ioctl.h.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { EINTR, ENOENT } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import { countFound } from './poll-set.ts';

/** struct seccomp_notif: id u64 @0, pid u32 @8, flags u32 @12, nr i32 @16, arch u32 @20, ip u64 @24, args u64[6] @32. */
const NOTIF_SIZE = 80;
/** struct seccomp_notif_resp: id u64 @0, val i64 @8, error i32 @16, flags u32 @20. */
const RESPONSE_SIZE = 24;
/** Newer kernels' structs may be longer: they write what they have. */
const ROOM = 512;
/** Since Linux 5.5. */
const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
/** Since Linux 6.6. */
const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;

const POLLIN = 0x01;
const POLLHUP = 0x10;

/** `_IOWR('!', number, size)` */
function readWriteRequest(number: number, size: number): number {
  return 0xc0000000 + size * 0x10000 + 0x2100 + number;
}

/** `_IOW('!', 4, __u64)`; POWER and MIPS number the direction otherwise (their asm/ioctl.h). */
function setFlagsRequest(): number {
  const write = ['ppc', 'ppc64', 'mips', 'mipsel'].includes(process.arch) ? 0x80000000 : 0x40000000;
  return write + 8 * 0x10000 + 0x2104;
}

/** What waiting for a notification gave. */
type Waiting =
  | 'request'
  /** Time is over, or a signal came. */
  | 'nothing'
  /** No task is left under the filter. */
  | 'end';

/** A call that waits for its answer. The values stand until the next one is received. */
export interface NotifyChannel {
  /** The thread's id in the recorder's pid namespace; 0 if it is not seen from there. */
  readonly pid: number;
  readonly nr: number;
  /** AUDIT_ARCH_*. */
  readonly auditArch: number;
  /** @param timeoutMs - 0: only look */
  wait(timeoutMs: number): Waiting;
  /** @returns false if the call is gone: its thread has died, or a signal came */
  receive(): boolean;
  /** One of the six arguments of the call that was received last. */
  argument(index: number): bigint;
  /** Has the kernel make the call that was received last. @returns false if its thread no longer waits */
  proceed(): boolean;
  /** Whether the kernel hands the processor straight to the waiting thread: SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP. */
  readonly wakesAtOnce: boolean;
}

/** @param fd - of a filter with SECCOMP_FILTER_FLAG_NEW_LISTENER; who opened it closes it */
export function openNotifyChannel(fd: number): NotifyChannel {
  const koffi = loadKoffi();
  const libc = koffi.load(null);
  const ioctl = libc.func('ioctl', 'int', ['int', 'unsigned long', 'uintptr_t']);
  const poll = libc.func('poll', 'int', ['uintptr_t', 'unsigned long', 'int']);
  const [request, response, table] = [new ArrayBuffer(ROOM), new ArrayBuffer(ROOM), new ArrayBuffer(8)];
  // Numbers, which are passed faster than buffers. SAFETY: an ArrayBuffer's memory does not move, and the closures hold it.
  const addressOf = (buffer: ArrayBuffer): number => Number(koffi.address(new Uint8Array(buffer)));
  const [requestAt, responseAt, tableAt] = [addressOf(request), addressOf(response), addressOf(table)];
  const [received, sent, polled] = [new DataView(request), new DataView(response), new DataView(table)];
  const idWords = new Uint32Array(request, 0, 2);
  const answerWords = new Uint32Array(response, 0, 2);
  const empty = new Uint8Array(request, 0, NOTIF_SIZE);
  polled.setInt32(0, fd, HOST_IS_LITTLE);
  polled.setInt16(4, POLLIN, HOST_IS_LITTLE);
  sent.setUint32(20, SECCOMP_USER_NOTIF_FLAG_CONTINUE, HOST_IS_LITTLE);
  const [receiveRequest, sendRequest] = [readWriteRequest(0, NOTIF_SIZE), readWriteRequest(1, RESPONSE_SIZE)];
  return {
    wakesAtOnce: ioctl(fd, setFlagsRequest(), SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) === 0,
    get pid() {
      return received.getUint32(8, HOST_IS_LITTLE);
    },
    get nr() {
      return received.getInt32(16, HOST_IS_LITTLE);
    },
    get auditArch() {
      return received.getUint32(20, HOST_IS_LITTLE);
    },
    argument: (index) => received.getBigUint64(32 + 8 * index, HOST_IS_LITTLE),
    wait: (timeoutMs) => {
      if (countFound(poll(tableAt, 1, timeoutMs)) === 0) return 'nothing';
      const events = polled.getInt16(6, HOST_IS_LITTLE);
      if ((events & POLLIN) !== 0) return 'request';
      if ((events & POLLHUP) !== 0) return 'end';
      throw new OciSeccompError('ERR_KERNEL', `descriptor ${fd} is not a listener`, { details: { fd } });
    },
    receive: () => {
      empty.fill(0); // the kernel refuses a struct that is not empty
      return settle(ioctl(fd, receiveRequest, requestAt), 'SECCOMP_IOCTL_NOTIF_RECV', fd) === true;
    },
    proceed: () => {
      answerWords.set(idWords);
      for (;;) {
        // A signal to this process came while another thread asked: without an answer its call would wait for ever.
        const sent = settle(ioctl(fd, sendRequest, responseAt), 'SECCOMP_IOCTL_NOTIF_SEND', fd);
        if (sent !== 'again') return sent;
      }
    },
  };
}

/** What an ioctl(2) of a listener gave. @returns false if the call that it is about is gone; `again` after a signal */
function settle(result: number, call: string, fd: number): boolean | 'again' {
  if (result === 0) return true;
  const errno = loadKoffi().errno();
  if (errno === ENOENT) return false;
  if (errno === EINTR) return 'again';
  throw new OciSeccompError('ERR_KERNEL', `ioctl(${call}): ${formatErrno(errno)}`, {
    details: { call, errno, fd },
  });
}
