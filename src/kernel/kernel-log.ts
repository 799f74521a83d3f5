/**
 * The kernel's own log, as dmesg(1) reads it.
 *
 * Source: syslog(2); Linux 6.18 include/linux/syslog.h (`SYSLOG_ACTION_*`).
 * @module
 */
import { errnoName } from '../abi/errno.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';

const SYSLOG_ACTION_READ_ALL = 3;
const SYSLOG_ACTION_SIZE_BUFFER = 10;

/**
 * Reads what is left in the kernel's log: the newest messages, as far as its buffer reaches back.
 *
 * @throws OciSeccompError `ERR_KERNEL` if the kernel refuses: `kernel.dmesg_restrict` lets only CAP_SYSLOG read; `ERR_FFI`
 */
export function readKernelLog(): string {
  const koffi = loadKoffi();
  const klogctl = koffi.load(null).func('klogctl', 'int', ['int', 'uint8_t *', 'int']);
  const ask = (action: number, buffer: Uint8Array | null): number => {
    const result: number = klogctl(action, buffer, buffer?.length ?? 0);
    if (result >= 0) return result;
    const errno = koffi.errno();
    throw new OciSeccompError(
      'ERR_KERNEL',
      `the kernel's log cannot be read: ${errnoName(errno) ?? errno} (${errno})`,
      {
        hint: 'run as root, with CAP_SYSLOG; or let somebody who may do so write it to a file: dmesg > kernel.log',
        details: { errno },
      },
    );
  };
  const buffer = new Uint8Array(ask(SYSLOG_ACTION_SIZE_BUFFER, null));
  return new TextDecoder().decode(buffer.subarray(0, ask(SYSLOG_ACTION_READ_ALL, buffer)));
}
