// The audit record of a filtered call, and which call its `syscall=` means.
//
// With LOG (and with CTL_LOG for every other action but ALLOW) the kernel writes a record of type 1326, SECCOMP:
//   audit: type=1326 audit(1700000000.123:42): … pid=4711 comm="node" … sig=0 arch=c000003e syscall=83 … code=0x7ffc0000
// The number alone says nothing: 83 is mkdir on x86_64 and symlink on x86. `arch=` is the kernel's AUDIT_ARCH_* in
// hexadecimal; x32 has x86_64's and sets bit 30 of the number. `code=` is the return word. Records are in the kernel
// log, or with auditd in its own; /proc/sys/kernel/seccomp/actions_logged must name the action.
//
// `node audit.mjs -` reads records from standard input. Without arguments it makes one: a process of its own logs
// mkdir, which happens all the same, and the record is looked up in the kernel log. Prints for instance:
//   pid 4711 node: mkdir (83) on x86_64, LOG
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  actionFromNative,
  allow,
  architectures,
  Filter,
  formatAction,
  log,
  resolveSyscall,
} from 'oci-seccomp/libseccomp';

const X32_BIT = 0x40000000;

const mode = process.argv[2];
if (mode === '-') printRecords(readFileSync(0, 'utf8').split('\n'));
else if (mode === 'make a record') makeRecord();
else await runLive();

function printRecords(lines) {
  for (const line of lines) {
    if (/type=(?:1326|SECCOMP)\b/.test(line)) console.log(explain(line));
  }
}

function explain(line) {
  const field = (name) => new RegExp(`\\b${name}=("[^"]*"|\\S+)`).exec(line)?.[1]?.replaceAll('"', '');
  const nr = Number(field('syscall'));
  const audit = Number.parseInt(field('arch') ?? '', 16);
  const isX32 = audit === architectures.x32.auditArch && (nr & X32_BIT) !== 0;
  const row = isX32
    ? architectures.x32
    : Object.values(architectures).find(({ auditArch }) => auditArch === audit);
  const name = row === undefined ? undefined : resolveSyscall(nr, row.name);
  const action = formatAction(actionFromNative(Number(field('code'))));
  const where = row?.name ?? `unknown architecture ${field('arch')}`;
  return `pid ${field('pid')} ${field('comm')}: ${name ?? 'unknown call'} (${nr}) on ${where}, ${action}`;
}

function makeRecord() {
  const filter = new Filter(allow());
  for (const call of ['mkdir', 'mkdirat']) filter.addRule(log(), call);
  filter.load();
  filter.release();
  rmSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-audit-')), { recursive: true });
}

async function runLive() {
  const { pid, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'make a record']);
  if (status !== 0) throw new Error(`the filtered process ended with ${status}`);
  await setTimeout(200); // the kernel's audit thread prints it
  const records = kernelLog().filter((line) => line.includes(` pid=${pid} `));
  if (records.length === 0)
    console.log(`no record of process ${pid} in the kernel log: see auditd, if it runs`);
  printRecords(records);
}

/** The lines the kernel still holds; none where they may not be read. */
function kernelLog() {
  let fd;
  try {
    fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return [];
  }
  const lines = [];
  const buffer = Buffer.alloc(8192); // one read, one line
  for (;;) {
    try {
      lines.push(buffer.toString('utf8', 0, readSync(fd, buffer)));
    } catch ({ code }) {
      if (code === 'EPIPE') continue; // overwritten while reading
      closeSync(fd);
      return lines;
    }
  }
}
