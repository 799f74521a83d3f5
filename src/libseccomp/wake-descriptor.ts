/**
 * A descriptor by which one thread wakes another out of poll(2).
 *
 * It is a pipe that Node opens once more through /proc, for reading and writing. Node closes descriptors that it has opened itself
 * when the thread that opened them ends. It would not close an eventfd of a worker thread that is terminated. Without /proc it is
 * an eventfd all the same.
 * @module
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { O_CLOEXEC } from '../abi/kernel-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { closeNative, loadKoffi, type NativeCall } from '../ffi.ts';

// Linux 6.18 include/uapi/linux/eventfd.h
const EFD_CLOEXEC = O_CLOEXEC;
const EFD_NONBLOCK = 0o4000;

export interface WakeDescriptor {
  readonly fd: number;
  /** Makes it readable. After {@link WakeDescriptor.close} nothing happens. */
  readonly wake: () => void;
  /** A second call does nothing. */
  readonly close: () => void;
}

let libc: { readonly pipe2: NativeCall; readonly eventfd: NativeCall } | undefined;

function bind() {
  if (libc === undefined) {
    const native = loadKoffi().load(null);
    libc = {
      pipe2: native.func('pipe2', 'int', ['int32_t *', 'int']) as NativeCall,
      eventfd: native.func('eventfd', 'int', ['unsigned int', 'int']) as NativeCall,
    };
  }
  return libc;
}

/** @throws OciSeccompError `ERR_KERNEL` if the process can open no more descriptors */
export function openWakeDescriptor(): WakeDescriptor {
  const own = openPipe();
  const fd = own ?? openEventfd();
  let isOpen = true;
  return {
    fd,
    wake: () => {
      // Eight bytes are what an eventfd takes; a pipe takes them too.
      if (isOpen) writeSync(fd, new Uint8Array(BigUint64Array.of(1n).buffer));
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      if (own === undefined) closeNative(fd);
      else closeSync(fd);
    },
  };
}

/** `undefined` without /proc. */
function openPipe(): number | undefined {
  const ends = new Int32Array(2);
  if (bind().pipe2(ends, O_CLOEXEC) !== 0) throw failed('pipe2');
  const [reading = -1, writing = -1] = ends;
  try {
    // Node itself adds O_CLOEXEC.
    return openSync(`/proc/self/fd/${reading}`, constants.O_RDWR | constants.O_NONBLOCK);
  } catch {
    return undefined;
  } finally {
    closeNative(reading);
    closeNative(writing);
  }
}

function openEventfd(): number {
  const fd = bind().eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw failed('eventfd');
  return fd;
}

function failed(call: string): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `${call} failed with errno ${loadKoffi().errno()}`);
}
