/**
 * Who is at the other end of a unix stream socket, as the kernel noted it when they connected.
 *
 * Sources: unix(7) SO_PEERCRED; Linux 6.18 include/uapi/asm-generic/socket.h (SO_PEERPIDFD, since Linux 6.5),
 * net/core/sock.c (sk_getsockopt).
 * @module
 */
import { ENOPROTOOPT } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { socketOption } from './socket-options.ts';

const SO_PEERCRED = 17;
const SO_PEERPIDFD = 77;

/** `struct ucred`: pid i32 @0, uid u32 @4, gid u32 @8. */
interface PeerCredentials {
  /** In this process's pid namespace; 0: it is in none that is seen from here. */
  readonly pid: number;
  /** In this process's user namespace. */
  readonly uid: number;
  readonly gid: number;
}

/**
 * The process that connected.
 *
 * @param fd - of a connected unix stream socket
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`
 */
export function readPeerCredentials(fd: number): PeerCredentials {
  const view = socketOption(fd, SO_PEERCRED, 'SO_PEERCRED', 12);
  return {
    pid: view.getInt32(0, HOST_IS_LITTLE),
    uid: view.getUint32(4, HOST_IS_LITTLE),
    gid: view.getUint32(8, HOST_IS_LITTLE),
  };
}

/**
 * A descriptor of the process that connected, closed on execve; the caller closes it with closeNative().
 *
 * @returns `undefined` before Linux 6.5
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`; ESRCH, or EINVAL before Linux 6.16, if it has ended
 */
export function openPeerPidfd(fd: number): number | undefined {
  try {
    return socketOption(fd, SO_PEERPIDFD, 'SO_PEERPIDFD', 4).getInt32(0, HOST_IS_LITTLE);
  } catch (error) {
    if (error instanceof OciSeccompError && error.details.errno === ENOPROTOOPT) return undefined;
    throw error;
  }
}
