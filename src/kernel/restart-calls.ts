/**
 * Calls that a signal interrupts while they wait for a recorder.
 *
 * Until the recorder has received a notification, any signal that has a handler ends the wait, and the kernel treats
 * the call as one that sleeps: without SA_RESTART it fails with EINTR. So fork(2), close(2) or getpid(2), which know no
 * EINTR, fail in a program that does nothing wrong, and shells say "Cannot fork". A tracer sees the signal before the
 * kernel decides: it can have the call made again, after the handler.
 *
 * Sources: Linux 6.18 kernel/seccomp.c (seccomp_do_user_notification: -ERESTARTSYS), arch/x86/kernel/signal.c
 * (handle_signal), include/linux/errno.h; signal(7), "Interruption of system calls and library functions by signal
 * handlers". On arm64 the kernel decides before the tracer sees the signal (arch/arm64/kernel/signal.c).
 * @module
 */
import { type ArchName, allArchitectures } from '../abi/architectures.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import { readRegisterSet, writeRegisters } from './registers.ts';
import { readSyscallArch } from './syscall-stop.ts';
import { machineArch } from './this-machine.ts';

/** Made again unless the handler has no SA_RESTART. */
const ERESTARTSYS = 512;
/** Made again in any case. */
const ERESTARTNOINTR = 513;

/** Calls that sleep for others, and so may fail with EINTR: what is interrupted is theirs to say. */
const SLEEPING =
  `accept accept4 clock_nanosleep clock_nanosleep_time64 connect epoll_pwait epoll_pwait2 epoll_wait fcntl
fcntl64 flock futex futex_time64 futex_wait futex_waitv getrandom io_getevents io_pgetevents io_uring_enter ioctl ipc
mq_timedreceive mq_timedsend msgrcv msgsnd nanosleep pause poll ppoll ppoll_time64 pread64 preadv preadv2 pselect6
pselect6_time64 pwrite64 pwritev pwritev2 read readv recvfrom recvmmsg recvmmsg_time64 recvmsg restart_syscall
rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 select _newselect semop semtimedop sendfile sendfile64 sendmmsg
sendmsg sendto sigsuspend socketcall splice tee vmsplice wait4 waitid waitpid write writev`.split(/\s+/);

/** Offsets in the register sets of 64-bit and 32-bit programs, by the length of the set. */
const places: ReadonlyMap<
  number,
  { readonly result: number; readonly original: number; readonly bits: 32 | 64 }
> = new Map([
  [216, { result: 80, original: 120, bits: 64 }], // struct user_regs_struct: rax, orig_rax
  [68, { result: 24, original: 44, bits: 32 }], // struct user_regs_struct32: eax, orig_eax
]);

const sleeping = new Map<number, ReadonlySet<number>>();

function sleepingOn(auditArch: number): ReadonlySet<number> {
  const known = sleeping.get(auditArch);
  if (known !== undefined) return known;
  const archs: readonly ArchName[] = allArchitectures
    .filter((row) => row.auditArch === auditArch)
    .map(({ name }) => name);
  const found = new Set(
    archs.flatMap((arch) => SLEEPING.flatMap((name) => directSyscallNumber(name, arch) ?? [])),
  );
  sleeping.set(auditArch, found);
  return found;
}

/** Whether a tracer can have interrupted calls made again on this machine. */
export function canRestartCalls(): boolean {
  return machineArch() === 'x86_64';
}

/**
 * Has an interrupted call made again if it is one that no signal interrupts.
 *
 * @param tid - a tracee that is stopped because a signal is about to be delivered
 * @throws OciSeccompError `ERR_KERNEL` if it has been killed meanwhile
 */
export function restartInterrupted(tid: number): void {
  if (!canRestartCalls()) return;
  const registers = readRegisterSet(tid);
  const place = places.get(registers.length);
  if (place === undefined) return;
  const view = new DataView(registers.buffer, registers.byteOffset, registers.length);
  const word = (at: number): number =>
    place.bits === 64 ? Number(view.getBigInt64(at, true)) : view.getInt32(at, true);
  const nr = word(place.original);
  if (nr < 0 || word(place.result) !== -ERESTARTSYS || sleepingOn(readSyscallArch(tid)).has(nr)) return;
  if (place.bits === 64) view.setBigInt64(place.result, BigInt(-ERESTARTNOINTR), true);
  else view.setInt32(place.result, -ERESTARTNOINTR, true);
  writeRegisters(tid, registers);
}
