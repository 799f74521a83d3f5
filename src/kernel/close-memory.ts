/**
 * Closes the memory of a process to everyone without CAP_SYS_PTRACE, until it becomes another program.
 *
 * A runtime's process that waits to become a container's program has dropped the capabilities that the container lacks.
 * From then on processes of the same user may write its memory (seen with runc 1.1.5, user 0 and a new pid namespace; not
 * with crun, which closes it): a container that sees into that namespace can make it run anything, unfiltered, before there
 * is a filter.
 * prctl(PR_SET_DUMPABLE, 0) prevents that, and only the process itself can call it.
 *
 * A thread that waits in a system call stands at an instruction that makes calls. The call is made with that one, so
 * no byte of the process changes, and the other threads run on.
 *
 * From a stop of this kind the kernel makes the interrupted call anew. x86 arranges that in the registers on the way out,
 * arm64 and riscv64 before the stop, but for calls with a time limit: for those they put restart_syscall(2) in place of
 * whatever call is made next.
 *
 * Sources: ptrace(2) "Ptrace access mode checking", prctl(2) PR_SET_DUMPABLE; Linux 6.18 arch/x86/kernel/signal.c
 * (arch_do_signal_or_restart), arch/arm64/kernel/signal.c (do_signal), arch/riscv/kernel/signal.c
 * (arch_do_signal_or_restart).
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { ESRCH } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { FROZEN, isFrozen } from './frozen-process.ts';
import { openMemory } from './process-memory.ts';
import { listThreads, nameProcess } from './process-status.ts';
import {
  PTRACE_EVENT_CLONE,
  PTRACE_EVENT_STOP,
  type PtraceRequest,
  ptrace,
  SIGTRAP,
  type TraceeReport,
  waitForTracee,
} from './ptrace.ts';
import {
  addressIn,
  callResult,
  expectedEntry,
  type RegisterLayout,
  readRegisters,
  registersForCall,
  setRegister,
  setSystemCall,
  writeRegisters,
} from './registers.ts';
import { holdSignals } from './signal-mask.ts';
import { sleep } from './sleep.ts';
import { setOptions, suspendFilters } from './suspend-filters.ts';
import { differenceOf, readSyscallStop, type SyscallEntry, type SyscallStop } from './syscall-stop.ts';

const PR_SET_DUMPABLE = 4;
const TIMEOUT_MS = 5000;
const STEP_MS = 1;

/**
 * Makes a process whose threads the caller traces, and which run or are stopped by a signal, call
 * prctl(PR_SET_DUMPABLE, 0). One that is stopped makes it once it is woken.
 *
 * @param options - PTRACE_O_* bits that its threads have
 * @throws OciSeccompError `ERR_KERNEL` if that is not possible; the process may be stopped then
 */
export function closeMemory(pid: number, layout: RegisterLayout, options: number): void {
  const deadline = performance.now() + TIMEOUT_MS;
  do {
    for (const tid of listThreads(pid)) {
      if (tryThread(pid, tid, layout, options, deadline)) return;
    }
    sleep(STEP_MS);
  } while (performance.now() < deadline);
  throw failed(pid, 'none of its threads waits in a system call');
}

/** @returns whether the thread stood where it could make the call */
function tryThread(
  pid: number,
  tid: number,
  layout: RegisterLayout,
  options: number,
  deadline: number,
): boolean {
  if (!interrupted(pid, tid) || !waitForStop(pid, tid, deadline)) return false;
  const registers = readRegisters(tid, layout);
  const ip = addressIn(layout, registers, 'instructionPointer');
  // arm64 and riscv64 have stepped back to it if the call is made anew.
  const at = [ip, ip - layout.instruction.length].find((place) => holds(pid, place, layout.instruction));
  if (at === undefined) {
    request('PTRACE_CONT', tid);
    return false;
  }
  const release = holdSignals(tid);
  suspendFilters(tid, options);
  const call = { name: 'prctl', args: [PR_SET_DUMPABLE, 0], at } as const;
  writeRegisters(tid, registersForCall(layout, registers, call));
  const entry = sideOf(pid, tid, deadline);
  if (
    entry?.at !== 'entry' ||
    differenceOf(takeBackRestart(tid, layout, entry, registers), expectedEntry(layout, registers, call)) !==
      undefined
  )
    throw failed(pid, 'it is doing something else');
  if (sideOf(pid, tid, deadline)?.at !== 'exit') throw failed(pid, 'it is doing something else');
  const result = callResult(layout, readRegisters(tid, layout));
  if (result !== 0) throw failed(pid, `prctl(PR_SET_DUMPABLE): ${formatErrno(-result)}`);
  request('PTRACE_INTERRUPT', tid);
  request('PTRACE_CONT', tid);
  if (!waitForStop(pid, tid, deadline)) throw failed(pid, 'it is doing something else');
  writeRegisters(tid, registers);
  setOptions(tid, options);
  release();
  request('PTRACE_CONT', tid);
  return true;
}

/** At which side of which call it stops next. */
function sideOf(pid: number, tid: number, deadline: number): SyscallStop | undefined {
  return nextSyscallStop(pid, tid, deadline)?.syscall === true ? readSyscallStop(tid) : undefined;
}

/**
 * If the kernel has put restart_syscall(2) in place of our call, puts ours back. The saved registers keep the restart, for
 * when they are set again.
 */
function takeBackRestart(
  tid: number,
  layout: RegisterLayout,
  entry: SyscallEntry,
  saved: Uint8Array,
): SyscallEntry {
  if (layout.restartCall === undefined || entry.nr !== BigInt(layout.restartCall)) return entry;
  setSystemCall(tid, layout, layout.calls.prctl);
  setRegister(saved, layout.number, layout.restartCall);
  return { ...entry, nr: BigInt(layout.calls.prctl) };
}

/** @returns whether it is still there */
function interrupted(pid: number, tid: number): boolean {
  const { result, errno } = ptrace('PTRACE_INTERRUPT', tid);
  if (result !== -1) return true;
  if (errno === ESRCH && tid !== pid) return false;
  throw failed(pid, `ptrace(PTRACE_INTERRUPT): ${formatErrno(errno)}`, errno);
}

function holds(pid: number, at: number, instruction: Uint8Array): boolean {
  const memory = openMemory(pid);
  try {
    return Buffer.compare(memory.read(at, instruction.length), instruction) === 0;
  } finally {
    memory.close();
  }
}

/** A thread that stopped at its birth stops once more for PTRACE_INTERRUPT. */
function nextSyscallStop(pid: number, tid: number, deadline: number): Stop | undefined {
  for (;;) {
    request('PTRACE_SYSCALL', tid);
    const report = nextStop(pid, tid, deadline);
    if (report === undefined || !isInterruption(report)) return report;
  }
}

function isInterruption({ event, signal, syscall }: Stop): boolean {
  return !syscall && event === PTRACE_EVENT_STOP && signal === SIGTRAP;
}

/**
 * Waits until a thread stops as it was told to. Signals that come first are delivered. If it has just started a thread,
 * both go on.
 *
 * @returns whether it is still there
 */
function waitForStop(pid: number, tid: number, deadline: number): boolean {
  let late = NOT_STOPPING;
  for (;;) {
    const report = nextStop(pid, tid, deadline, late);
    if (report === undefined) return false;
    if (isInterruption(report)) return true;
    if (report.event === PTRACE_EVENT_STOP) {
      // By SIGSTOP or the like: it stays stopped until it is woken, which is told as an interruption.
      request('PTRACE_LISTEN', tid);
      late = 'a signal has stopped it, and nothing wakes it (SIGCONT)';
      continue;
    }
    if (report.event !== 0 && report.event !== PTRACE_EVENT_CLONE)
      throw failed(pid, 'it is doing something else');
    // Any stop takes a pending interruption away (Linux 6.18 kernel/signal.c, ptrace_stop): it is asked for again.
    request('PTRACE_INTERRUPT', tid);
    request('PTRACE_CONT', tid, report.event === 0 ? report.signal : 0);
  }
}

const NOT_STOPPING = 'it does not stop';

type Stop = Extract<TraceeReport, { kind: 'stopped' }>;

/** @returns `undefined`: the thread has ended */
function nextStop(pid: number, tid: number, deadline: number, why = NOT_STOPPING): Stop | undefined {
  for (;;) {
    const report = waitForTracee(tid, { block: false });
    const late = performance.now() >= deadline;
    // Stops count too: a thread that faults for ever stops for ever.
    if (report.kind === 'stopped' && !late) return report;
    const over = report.kind === 'ended' || report.kind === 'failed';
    if (over && tid !== pid) return undefined;
    if (over) throw failed(pid, 'it has ended');
    if (late) throw failed(pid, isFrozen(tid) ? FROZEN : why);
    sleep(STEP_MS);
  }
}

function request(name: PtraceRequest, tid: number, signal = 0): void {
  const { result, errno } = ptrace(name, tid, 0, signal);
  if (result === -1) throw failed(tid, `ptrace(${name}): ${formatErrno(errno)}`, errno);
}

function failed(pid: number, why: string, errno?: number): OciSeccompError {
  return new OciSeccompError(
    'ERR_KERNEL',
    `the memory of process ${nameProcess(pid)} cannot be closed to others while it waits: ${why}`,
    { details: { pid, ...(errno === undefined ? {} : { errno }) } },
  );
}
