/**
 * Programs and pseudo filter code out of libseccomp: as bytes, to a descriptor, to a file.
 * @module
 */
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { describe } from '../abi/check-values.ts';
import { OciSeccompError } from '../errors.ts';
import type { Library } from './library.ts';
import { captureOutput } from './memory-file.ts';
import { checkResult } from './result.ts';

/** A descriptor open for writing, or a path. */
export type ExportTarget = number | string;

type ExportCall = 'seccomp_export_bpf' | 'seccomp_export_pfc';

/**
 * Exports to a target, or without one returns the bytes.
 *
 * @throws OciSeccompError `ERR_USAGE` for a target that is neither descriptor nor path; `ERR_IO` if the file cannot be
 *   created or renamed; `ERR_LIBSECCOMP`: ECANCELED if writing fails
 */
export function exportTo(
  library: Library,
  context: bigint,
  call: ExportCall,
  target: ExportTarget | undefined,
): Uint8Array | undefined {
  const write = (fd: number): void => checkResult(library.call(call)(context, fd) as number, call, fd);
  if (target === undefined) return captureOutput(write);
  if (typeof target === 'number' && Number.isInteger(target) && target >= 0 && target <= 0x7fffffff)
    write(target);
  else if (typeof target === 'string' && target !== '' && !target.includes('\0')) writeFile(target, write);
  else
    throw new OciSeccompError(
      'ERR_USAGE',
      `an export goes to a descriptor or a path, not ${describe(target)}`,
    );
  return undefined;
}

/** The program as bytes. libseccomp 2.6.0 and newer write to memory; older ones need a descriptor. */
export function exportBpfBytes(library: Library, context: bigint): Uint8Array {
  const toMemory = library.find('seccomp_export_bpf_mem');
  if (toMemory === undefined) {
    return exportTo(library, context, 'seccomp_export_bpf', undefined) ?? new Uint8Array();
  }
  const size = new BigUint64Array(1);
  checkResult(toMemory(context, null, size) as number, 'seccomp_export_bpf_mem');
  const bytes = new Uint8Array(Number(size[0]));
  checkResult(toMemory(context, bytes, size) as number, 'seccomp_export_bpf_mem');
  return bytes;
}

/** The filter as pseudo filter code. */
export function exportPfcText(library: Library, context: bigint): string {
  return new TextDecoder().decode(exportTo(library, context, 'seccomp_export_pfc', undefined));
}

/** Writes a temporary file in the same folder and renames it, so that no file is half written. */
function writeFile(path: string, write: (fd: number) => void): void {
  const temporary = `${path}.${process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex')}.tmp`;
  let fd: number | undefined;
  try {
    fd = openSync(temporary, 'wx', 0o644);
    try {
      write(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (cause) {
    if (fd !== undefined) removeQuietly(temporary);
    if (cause instanceof OciSeccompError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new OciSeccompError('ERR_IO', `cannot write ${path}: ${code ?? 'unknown reason'}`, { cause });
  }
}

/** An error here would hide the error that is reported. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}
