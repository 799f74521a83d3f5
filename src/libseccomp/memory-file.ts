/**
 * A file in memory for the calls that export to a descriptor only (libseccomp before 2.6.0, and PFC): a pipe could
 * fill up and block, a file on disk could be left behind.
 * @module
 */
import { fstatSync, readSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { closeNative, loadKoffi } from '../ffi.ts';

const MFD_CLOEXEC = 1; // Linux 6.18 include/uapi/linux/memfd.h

/**
 * Hands `write` a descriptor and returns what was written to it.
 *
 * @throws OciSeccompError `ERR_KERNEL` if memfd_create(2) fails; whatever `write` throws
 */
export function captureOutput(write: (fd: number) => void): Uint8Array {
  const koffi = loadKoffi();
  create ??= koffi.load(null).func('memfd_create', 'int', ['const char *', 'unsigned int']);
  const fd = create('oci-seccomp', MFD_CLOEXEC) as number;
  if (fd < 0) throw new OciSeccompError('ERR_KERNEL', `memfd_create failed with errno ${koffi.errno()}`);
  try {
    write(fd);
    const bytes = new Uint8Array(fstatSync(fd).size);
    readSync(fd, bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    closeNative(fd);
  }
}

/** Bound once: koffi keeps some memory for every binding. */
let create: ((name: string, flags: number) => number) | undefined;
