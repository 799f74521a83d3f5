/**
 * Input of a hook, up to a limit.
 * @module
 */
import { fstatSync, readSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { sleep } from '../kernel/sleep.ts';
import { ioWords } from './io-words.ts';

/** Largest config.json read, in bytes: an environment and lists of mounts can be longer than any profile. */
export const MAX_CONFIG_SIZE = 16 * 1024 * 1024;

const STDIN = 0;
const CHUNK = 64 * 1024;

/**
 * Reads standard input to its end.
 *
 * @param what - for messages: `the container state`
 * @param limit - in bytes
 * @throws OciSeccompError `ERR_HOOK` for nothing, more than the limit, or a terminal; `ERR_IO` if it cannot be read
 */
export function readStdin(what: string, limit: number): Uint8Array {
  const expected = `${what} is expected on standard input`;
  try {
    if (fstatSync(STDIN).isCharacterDevice()) {
      throw new OciSeccompError('ERR_HOOK', `${expected}, but nothing is piped into it`, {
        hint: 'container runtimes call this command: oci-seccomp hook config prints the configuration for them',
      });
    }
    const bytes = readBounded(STDIN, what, limit);
    if (bytes.length === 0) throw new OciSeccompError('ERR_HOOK', `${expected}, but it is empty`);
    return bytes;
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    throw new OciSeccompError('ERR_IO', `${expected}, but it cannot be read: ${ioWords(cause)}`, { cause });
  }
}

/**
 * Reads an open file to its end.
 *
 * @param read - one read(2): with {@link readAtOnce} a file that has nothing to say yet is an error (EAGAIN)
 * @throws OciSeccompError `ERR_HOOK` for more than the limit; whatever read(2) has to say
 */
export function readBounded(fd: number, what: string, limit: number, read = readWaiting): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let total = 0; total <= limit; ) {
    const chunk = new Uint8Array(CHUNK);
    const count = read(fd, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    total += count;
  }
  throw new OciSeccompError('ERR_HOOK', `${what} is longer than ${limit} bytes`);
}

/** read(2) that waits, also if the descriptor is not blocking (O_NONBLOCK): a hook did not open it. */
export function readWaiting(fd: number, chunk: Uint8Array): number {
  return untilReady(() => readAtOnce(fd, chunk));
}

export function readAtOnce(fd: number, chunk: Uint8Array): number {
  return readSync(fd, chunk, 0, chunk.length, null);
}

/** Repeats a call as long as the kernel answers EAGAIN. */
export function untilReady(work: () => number): number {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      sleep(1);
    }
  }
}
