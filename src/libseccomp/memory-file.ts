/**
 * A file in memory for the calls that export to a descriptor only (libseccomp before 2.6.0, and PFC): a pipe could
 * fill up and block, a file on disk could be left behind.
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { closeNative, loadKoffi } from '../ffi.ts';

const MFD_CLOEXEC = 1; // Linux 6.18 include/uapi/linux/memfd.h

/**
 * Hands `write` a descriptor and returns what was written to it.
 *
 * @throws OciSeccompError `ERR_KERNEL` if memfd_create(2) fails; whatever `write` throws
 */
export function captureOutput(write: (fd: number) => void): Uint8Array {
  const created = createFile();
  const own = openAgain(created);
  const fd = own ?? created;
  try {
    write(fd);
    const bytes = new Uint8Array(fstatSync(fd).size);
    readSync(fd, bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    if (own === undefined) closeNative(created);
    else closeSync(own);
  }
}

function createFile(): number {
  const koffi = loadKoffi();
  create ??= koffi.load(null).func('memfd_create', 'int', ['const char *', 'unsigned int']);
  const fd = create('oci-seccomp', MFD_CLOEXEC) as number;
  if (fd < 0) throw new OciSeccompError('ERR_KERNEL', `memfd_create failed with errno ${koffi.errno()}`);
  return fd;
}

/**
 * Lets Node open the file once more, and closes the first descriptor: a worker thread that is terminated runs no `finally`, but Node
 * closes what it has opened. @returns `undefined` without /proc
 */
function openAgain(created: number): number | undefined {
  let own: number;
  try {
    own = openSync(`/proc/self/fd/${created}`, constants.O_RDWR);
  } catch {
    return undefined;
  }
  closeNative(created);
  return own;
}

/** Bound once: koffi keeps some memory for every binding. */
let create: ((name: string, flags: number) => number) | undefined;
