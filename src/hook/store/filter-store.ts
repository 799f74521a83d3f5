/**
 * A store of compiled programs in a folder, for `--store`.
 * @module
 */
import type { ProgramStore } from '../../compile/kept-program.ts';
import { OciSeccompError } from '../../errors.ts';
import { ioReason } from '../../pipeline/files.ts';
import { decodeEntry, encodeEntry, sha256Hex } from './store-entry.ts';
import { openFolder, readEntry, writeEntry } from './store-folder.ts';

/** Which store. */
export interface StoreChoice {
  /** Absolute; a folder that is not there is made when there is something to keep. */
  readonly path: string;
  /** The version of oci-seccomp: what another one kept is not looked at. */
  readonly version: string;
}

/** What became of the program of one start. */
interface StoreReport {
  /**
   * `used`: the program was found and proven; `kept`: it was built and written; `not kept`: it was built, and could not be
   * written; `passed over`: a file was found that is not used, and the profile is one whose program is not kept.
   */
  readonly result: 'used' | 'kept' | 'not kept' | 'passed over';
  /** Why a file was passed over, or the new one not kept; clauses without full stop. */
  readonly reasons: readonly string[];
}

export interface FilterStore extends ProgramStore {
  readonly folder: string;
  /** `undefined`: nothing was looked for, because nothing had to be compiled. */
  readonly report: () => StoreReport | undefined;
  /** The same in one line: `used`, `kept`, `not kept (no space left on the device)`. */
  readonly describe: () => string | undefined;
}

/**
 * Opens a store. If its folder cannot be looked at (its parent is gone, the disk is broken), nothing is found, and what was to
 * be kept is not kept: no start fails for that.
 *
 * @throws OciSeccompError `ERR_STORE` for a folder that is not to be trusted
 */
export function openStore({ path, version }: StoreChoice): FilterStore {
  const opened = openIfReachable(path);
  let result: StoreReport['result'] | undefined;
  const reasons: string[] = [];
  const nameOf = (key: string): string => sha256Hex(`${version}\n${key}`);
  const passOver = (key: string, why: string): void => {
    result = 'passed over';
    reasons.push(`${fileName(nameOf(key))}: ${why}`);
  };
  return {
    folder: opened ?? path,
    report: () => (result === undefined ? undefined : { result, reasons }),
    describe: () => (reasons.length === 0 ? result : `${result} (${reasons.join('; ')})`),
    passOver,
    find: (key) => {
      const name = nameOf(key);
      const read = opened === undefined ? undefined : readEntry(opened, fileName(name));
      const found = read instanceof Uint8Array ? decodeEntry(name, read) : read;
      if (found instanceof Uint8Array) result = 'used';
      else if (found !== undefined) passOver(key, found);
      return found instanceof Uint8Array ? found : undefined;
    },
    keep: (key, program) => {
      const name = nameOf(key);
      try {
        // Where there was no folder to look at, the reason is said here.
        writeEntry(opened ?? openFolder(path), fileName(name), encodeEntry(name, program));
        result = 'kept';
      } catch (error) {
        result = 'not kept';
        reasons.push(error instanceof OciSeccompError ? error.message : ioReason(error));
      }
    },
  };
}

/** @returns `undefined` for a folder that cannot be looked at */
function openIfReachable(path: string): string | undefined {
  try {
    return openFolder(path);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_IO') return undefined;
    throw error;
  }
}

function fileName(name: string): string {
  return `${name}.program`;
}
