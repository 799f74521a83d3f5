/**
 * Descriptors that are waited for together, through a table that is allocated once.
 *
 * Source: poll(2); Linux 6.18 include/uapi/asm-generic/poll.h: struct pollfd is fd i32 @0, events i16 @4, revents i16 @6.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { EINTR } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';

const POLLIN = 0x01;
const POLLOUT = 0x04;
const POLLERR = 0x08;
const POLLHUP = 0x10;
const POLLNVAL = 0x20;
const ENTRY_SIZE = 8;

/** `ready`: there is something to read, or room to write. `closed`: there is not, and nothing will come. */
export type Readiness = 'ready' | 'closed' | 'quiet';

interface PollSet {
  /**
   * @param timeoutMs - 0: only look; -1: for as long as it takes
   * @returns how many descriptors have something to tell; 0 also after a signal
   * @throws OciSeccompError `ERR_KERNEL` if the kernel or a filter refuses poll(2)
   */
  readonly wait: (timeoutMs: number) => number;
  /** What the last wait found. @param index - of the descriptor in the list */
  readonly state: (index: number) => Readiness;
}

/** What descriptors are waited for. */
export type PollFor = 'reading' | 'writing';

/** @param fds - who opened them closes them, after this set is used for the last time */
export function openPollSet(fds: readonly number[], direction: PollFor = 'reading'): PollSet {
  const wanted = direction === 'reading' ? POLLIN : POLLOUT;
  const koffi = loadKoffi();
  const poll = koffi.load(null).func('poll', 'int', ['uintptr_t', 'unsigned long', 'int']);
  const table = new ArrayBuffer(Math.max(1, fds.length) * ENTRY_SIZE);
  const view = new DataView(table);
  // SAFETY: an ArrayBuffer's memory does not move, and the closures hold it.
  const address = Number(koffi.address(new Uint8Array(table)));
  for (const [index, fd] of fds.entries()) {
    view.setInt32(index * ENTRY_SIZE, fd, HOST_IS_LITTLE);
    view.setInt16(index * ENTRY_SIZE + 4, wanted, HOST_IS_LITTLE);
  }
  let found = 0;
  return {
    wait: (timeoutMs) => {
      found = 0;
      found = countFound(poll(address, fds.length, timeoutMs));
      return found;
    },
    state: (index) => {
      if (found === 0) return 'quiet';
      const events = view.getInt16(index * ENTRY_SIZE + 6, HOST_IS_LITTLE);
      if ((events & wanted) !== 0) return 'ready';
      return (events & (POLLHUP | POLLERR | POLLNVAL)) !== 0 ? 'closed' : 'quiet';
    },
  };
}

/**
 * What poll(2) gave. A signal that comes ends the wait: then nothing was found.
 *
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`: whoever waits would wait for ever
 */
export function countFound(result: number): number {
  if (result >= 0) return result;
  const errno = loadKoffi().errno();
  if (errno === EINTR) return 0;
  throw new OciSeccompError('ERR_KERNEL', `poll: ${formatErrno(errno)}`, {
    hint: 'a filter that this process runs under may deny poll(2): oci-seccomp needs it to wait for others',
    details: { call: 'poll', errno },
  });
}
