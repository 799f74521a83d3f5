/**
 * The config.json of a container that is being created.
 *
 * It need not be as trusted as a profile: the runtime acts on it too, so whoever can change it controls the container
 * anyway. It is read only once, and only up to a limit.
 * @module
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { isInProc } from '../kernel/proc-file-system.ts';
import { MAX_CONFIG_SIZE, readAtOnce, readBounded } from './bounded-input.ts';
import type { BundleConfig } from './bundle-config.ts';
import { ioWords } from './io-words.ts';

/**
 * Reads a bundle's config.json.
 *
 * @throws OciSeccompError `ERR_HOOK` if it is no file or not a config.json whose meaning is certain; `ERR_IO`
 */
export async function readBundle(folder: string): Promise<BundleConfig> {
  const { readBundleConfig } = await import('./bundle-config.ts');
  // Not join(), which shortens `..` behind a symbolic link: the kernel does not.
  const path = `${folder}/config.json`;
  return readBundleConfig(readFileBounded(path), path);
}

/**
 * Reads a config.json, up to {@link MAX_CONFIG_SIZE}.
 *
 * @param name - for messages
 * @param flags - of open(2), beside its own
 * @throws OciSeccompError `ERR_HOOK` if it is no regular file, or too long; `ERR_IO`
 */
export function readFileBounded(path: string, name = path, flags = 0): Uint8Array {
  let fd: number;
  try {
    // NONBLOCK: opening a pipe must not wait for its writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : ioWords(cause);
    throw new OciSeccompError('ERR_IO', `the bundle's ${name} cannot be read: ${reason}`, { cause });
  }
  try {
    if (!fstatSync(fd).isFile()) throw new OciSeccompError('ERR_HOOK', `${name} is not a regular file`);
    if (isInProc(`/proc/self/fd/${fd}`)) {
      throw new OciSeccompError('ERR_HOOK', `${name} leads into a proc file system`, {
        hint: 'it must be a file of its own: another hook may have replaced it by a link',
      });
    }
    return readBounded(fd, name, MAX_CONFIG_SIZE, readAtOnce);
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    // A file of the kernel that has nothing to say yet (trace_pipe) is a regular one: it is not waited for (EAGAIN).
    throw new OciSeccompError('ERR_IO', `the bundle's ${name} cannot be read: ${ioWords(cause)}`, { cause });
  } finally {
    closeSync(fd);
  }
}
