/**
 * Where audit records are: a file, standard input, the journal, the kernel's log. In pieces: memory does not grow with them.
 * @module
 */
import { closeSync, createReadStream, existsSync, openSync, readSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { readKernelLog } from '../../kernel/kernel-log.ts';
import { ioReason } from '../../pipeline/files.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { isPipe, textPieces } from './text-pieces.ts';

/** A log to read. */
export interface AuditLog {
  readonly name: string;
  /** Whether it is of the machine that runs this. */
  readonly isOfMachine: boolean;
  /** In bytes, where that is known. */
  readonly size: number | undefined;
  readonly pieces: () => AsyncIterable<string> | Iterable<string>;
}

interface AuditLogOptions {
  readonly journal?: true;
  readonly dmesg?: true;
}

/** Where auditd writes (auditd.conf(5), log_file). */
const AUDIT_LOG = '/var/log/audit/audit.log';
const CHUNK = 1 << 20;
const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * The log that is asked for; without a wish the one that this machine writes.
 *
 * @throws OciSeccompError `ERR_USAGE` for two wishes
 */
export function auditLog(operand: string | undefined, { journal, dmesg }: AuditLogOptions): AuditLog {
  const wishes = [operand, journal, dmesg].filter((each) => each !== undefined);
  if (wishes.length > 1) {
    throw new OciSeccompError('ERR_USAGE', 'audit reads one log: a file, --journal or --dmesg', {
      hint: 'read one after the other',
    });
  }
  if (journal === true) return journalLog();
  if (dmesg === true) return kernelLog();
  if (operand !== undefined) return fileLog(operand, operand === AUDIT_LOG);
  return existsSync(AUDIT_LOG) ? fileLog(AUDIT_LOG, true) : kernelLog();
}

function kernelLog(): AuditLog {
  const pieces = (): Iterable<string> => [readKernelLog()];
  return { name: "the kernel's log", isOfMachine: true, size: undefined, pieces };
}

function fileLog(path: string, isOfMachine: boolean): AuditLog {
  return { name: displayName(path), isOfMachine, size: undefined, pieces: () => piecesOfFile(path) };
}

async function* piecesOfFile(path: string): AsyncGenerator<string> {
  try {
    // A pipe has no beginning to go back to.
    const packed = path !== '-' && !isPipe(path) && isCompressed(path);
    if (!packed) yield* textPieces(path, CHUNK);
    else {
      const stream = await unpacked(createReadStream(path, { highWaterMark: CHUNK }));
      for await (const piece of stream.setEncoding('utf8')) yield String(piece);
    }
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    const isPacked = String((cause as NodeJS.ErrnoException).code).startsWith('Z_');
    const reason = isPacked ? 'its compression is damaged' : ioReason(cause);
    throw new OciSeccompError('ERR_IO', `cannot read ${displayName(path)}: ${reason}`, { cause });
  }
}

/** Logs that were rotated are compressed. */
function isCompressed(path: string): boolean {
  const start = new Uint8Array(GZIP_MAGIC.length);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, start, 0, start.length, 0);
  } catch {
    // Nor has a terminal.
    return false;
  } finally {
    closeSync(fd);
  }
  return GZIP_MAGIC.every((byte, i) => start[i] === byte);
}

async function unpacked(source: NodeJS.ReadableStream): Promise<NodeJS.ReadableStream> {
  const { createGunzip } = await import('node:zlib');
  const gunzip = createGunzip({ chunkSize: CHUNK });
  source.on('error', (error) => gunzip.destroy(error as Error));
  return source.pipe(gunzip);
}

function journalLog(): AuditLog {
  return { name: 'the journal', isOfMachine: true, size: undefined, pieces: piecesOfJournal };
}

async function* piecesOfJournal(): AsyncGenerator<string> {
  const { spawn } = await import('node:child_process');
  const words = [
    '--quiet',
    '--no-pager',
    '-o',
    'json',
    '--output-fields=MESSAGE',
    '_TRANSPORT=kernel',
    '_TRANSPORT=audit',
  ];
  const child = spawn('journalctl', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, 1000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ended.catch(() => undefined);
  try {
    for await (const piece of child.stdout.setEncoding('utf8')) yield String(piece);
    const code = await ended;
    // journalctl ends with 1 where it has nothing to show.
    if (code !== 0 && complaint.trim() !== '') throw new Error(complaint.trim().split('\n')[0]);
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = isAbsent ? 'journalctl is not installed here' : (cause as Error).message;
    throw new OciSeccompError('ERR_IO', `the journal cannot be read: ${reason}`, {
      hint: isAbsent
        ? '--dmesg reads what the kernel still has'
        : 'run as root, or as a member of systemd-journal',
      cause,
    });
  } finally {
    child.kill();
  }
}
