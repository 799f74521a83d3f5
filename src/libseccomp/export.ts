/**
 * Programs and pseudo filter code out of libseccomp: as bytes, to a descriptor, to a file.
 * @module
 */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { describe } from '../abi/check-values.ts';
import { OciSeccompError } from '../errors.ts';
import type { Library } from './library.ts';
import { captureOutput } from './memory-file.ts';
import { checkResult } from './result.ts';

/** A descriptor open for writing, or a path. */
export type ExportTarget = number | string;

/**
 * Writes an export to a descriptor or a file. libseccomp's own export makes one write(2) and takes a short one for success, and
 * for pseudo filter code it does not look at errors at all. So all is written here.
 *
 * @throws OciSeccompError `ERR_USAGE` for a target that is neither descriptor nor path; `ERR_IO` if it cannot be written
 */
export function writeTo(target: ExportTarget, bytes: () => Uint8Array): void {
  if (typeof target === 'number' && Number.isInteger(target) && target >= 0 && target <= 0x7fffffff) {
    const content = bytes();
    try {
      writeAll(target, content);
    } catch (cause) {
      throw cannotWrite(`to descriptor ${target}`, cause);
    }
  } else if (typeof target === 'string' && target !== '' && !target.includes('\0'))
    writeFile(target, bytes());
  else
    throw new OciSeccompError(
      'ERR_USAGE',
      `an export goes to a descriptor or a path, not ${describe(target)}`,
    );
}

/** The program as bytes. libseccomp 2.6.0 and newer write to memory; older ones need a descriptor. */
export function exportBpfBytes(library: Library, context: bigint): Uint8Array {
  const toMemory = library.find('seccomp_export_bpf_mem');
  if (toMemory === undefined) return capture(library, context, 'seccomp_export_bpf');
  const size = new BigUint64Array(1);
  checkResult(toMemory(context, null, size) as number, 'seccomp_export_bpf_mem');
  const bytes = new Uint8Array(Number(size[0]));
  checkResult(toMemory(context, bytes, size) as number, 'seccomp_export_bpf_mem');
  return bytes;
}

/** The filter as pseudo filter code, UTF-8. */
export function exportPfcBytes(library: Library, context: bigint): Uint8Array {
  return capture(library, context, 'seccomp_export_pfc');
}

/** The filter as pseudo filter code. */
export function exportPfcText(library: Library, context: bigint): string {
  return new TextDecoder().decode(exportPfcBytes(library, context));
}

function capture(
  library: Library,
  context: bigint,
  call: 'seccomp_export_bpf' | 'seccomp_export_pfc',
): Uint8Array {
  return captureOutput((fd) => checkResult(library.call(call)(context, fd) as number, call, fd));
}

/** Writes a temporary file in the same folder and renames it, so that no file is half written. */
function writeFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex')}.tmp`;
  let fd: number | undefined;
  try {
    fd = openSync(temporary, 'wx', 0o644);
    try {
      writeAll(fd, bytes);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (cause) {
    if (fd !== undefined) removeQuietly(temporary);
    throw cannotWrite(path, cause);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function cannotWrite(where: string, cause: unknown): OciSeccompError {
  const { code } = cause as NodeJS.ErrnoException;
  return new OciSeccompError('ERR_IO', `cannot write ${where}: ${code ?? 'unknown reason'}`, { cause });
}

/** An error here would hide the error that is reported. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}
