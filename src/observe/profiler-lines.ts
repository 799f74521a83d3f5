/**
 * Lines in which profilers and sysdig show system calls, besides those that look like strace's.
 *
 * Sources: what perf 6.1 prints on Linux 6.18 (`perf trace -s`, `perf script` of raw_syscalls:sys_enter and
 * syscalls:sys_enter_*, `perf stat -e 'syscalls:sys_enter_*'`); sysdig's default format, `%evt.num %evt.outputtime
 * %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info`.
 * @module
 */

/** `frame`: it belongs to such output, and shows no call. */
type ProfilerLine =
  | { readonly name: string; readonly args: readonly string[] | undefined; readonly count: number }
  | 'frame';

/** `   brk    5    0    0.057    0.010    0.011    0.013    4.77%`, a row of `perf trace -s`. */
const SUMMARY = /^ {1,8}([a-z_][a-z0-9_]*) +(\d+) +\d+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+%$/;
const SUMMARY_FRAME =
  /^ (?:Summary of events:|.{1,200} \(\d+\), \d+ events, [\d.]+%| +syscall +calls +errors .{1,80}| +\(msec\) .{1,80}|[ -]{20,120})$/;
/** `busybox  6431 [001] 65439.503719: raw_syscalls:sys_enter: NR 12 (0, c, 29, ffffffffffffffff, 2, 800)` */
const RAW = / raw_syscalls:sys_enter: NR (-?\d+) \(([0-9a-f, ]{1,120})\)$/;
const NAMED = / syscalls:sys_enter_([a-z_][a-z0-9_]*): /;
const OTHER_HALF = / (?:raw_syscalls:sys_exit|syscalls:sys_exit_[a-z0-9_]+): /;
/** `   1      syscalls:sys_enter_prctl`, a row of `perf stat`. */
const COUNTED = /^ *([\d,.]+) +syscalls:sys_enter_([a-z_][a-z0-9_]*) *$/;
const COUNT_FRAME =
  /^ (?:Performance counter stats for .{1,400}:| +[\d.]+ seconds (?:time elapsed|user|sys))$/;
/** `12 10:11:12.123456789 0 cat (4218) > openat dirfd=-100(AT_FDCWD)`; the second half of a call has `<`. */
const SYSDIG = /^\d+ \d\d:\d\d:\d\d\.\d+ \d+ \S.{0,64} \(-?\d+(?::-?\d+)?\) ([<>]) ([a-z_][a-z0-9_]*)(?: |$)/;

/** @returns `undefined` if neither perf nor sysdig writes such a line */
export function readProfilerLine(row: string): ProfilerLine | undefined {
  const raw = RAW.exec(row);
  if (raw !== null) {
    const [, name = '', values = ''] = raw;
    // A process that is about to end can show -1, which is no call.
    if (name.startsWith('-')) return 'frame';
    return { name, args: values.split(', ').map((value) => `0x${value.trim()}`), count: 1 };
  }
  const summary = SUMMARY.exec(row);
  if (summary !== null) return counting(summary[1] ?? '', Number(summary[2]));
  const counted = COUNTED.exec(row);
  if (counted !== null) {
    const count = Number((counted[1] ?? '').replace(/[,.]/g, ''));
    return count === 0 ? 'frame' : counting(kernelName(counted[2] ?? ''), count);
  }
  const named = NAMED.exec(row);
  if (named !== null) return { name: kernelName(named[1] ?? ''), args: undefined, count: 1 };
  const sysdig = SYSDIG.exec(row);
  if (sysdig !== null) {
    const [, direction, name = ''] = sysdig;
    // Events that are no calls: the scheduler's, the recorder's own.
    if (direction === '<' || ['switch', 'procexit', 'signaldeliver', 'page_fault'].includes(name))
      return 'frame';
    return { name: sysdigNames[name] ?? name, args: undefined, count: 1 };
  }
  const isFrame = SUMMARY_FRAME.test(row) || OTHER_HALF.test(row) || COUNT_FRAME.test(row);
  return isFrame ? 'frame' : undefined;
}

/** No program makes more calls than a number holds exactly, and a recording with such a count could not be read again. */
function counting(name: string, count: number): ProfilerLine | undefined {
  return Number.isSafeInteger(count) ? { name, args: undefined, count } : undefined;
}

/** Where the kernel's own name of a call differs from that of its number. */
const kernelNames: Readonly<Record<string, string>> = {
  newfstat: 'fstat',
  newfstatat: 'newfstatat',
  newlstat: 'lstat',
  newstat: 'stat',
  newuname: 'uname',
  sendfile64: 'sendfile',
  umount: 'umount2',
};

/** The same for sysdig's events (its driver/syscall_table.c and event_table.c). */
const sysdigNames: Readonly<Record<string, string>> = {
  pread: 'pread64',
  prlimit: 'prlimit64',
  pwrite: 'pwrite64',
};

function kernelName(name: string): string {
  return kernelNames[name] ?? name;
}
