/**
 * Keeps the filters of a tracee from judging the calls that are made for us in it.
 *
 * Source: ptrace(2) PTRACE_O_SUSPEND_SECCOMP; Linux 6.18 kernel/ptrace.c (check_ptrace_options).
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { EINVAL, EPERM } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { ptrace, ptraceOptions } from './ptrace.ts';

/**
 * Suspends the filters of one stopped thread, until its options are set again or its tracer has gone.
 *
 * @param options - PTRACE_O_* bits that it has or shall have
 * @returns whether that is permitted: only with CAP_SYS_ADMIN in the initial user namespace, for a tracer without a filter
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function suspendFilters(tid: number, options: number): boolean {
  const { result, errno } = ptrace(
    'PTRACE_SETOPTIONS',
    tid,
    0,
    options | ptraceOptions.PTRACE_O_SUSPEND_SECCOMP,
  );
  if (result !== -1) return true;
  if (errno !== EPERM && errno !== EINVAL) throw optionsError(tid, errno);
  setOptions(tid, options);
  return false;
}

/**
 * Sets the options of a stopped tracee; its filters judge its calls then.
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function setOptions(tid: number, options: number): void {
  const { result, errno } = ptrace('PTRACE_SETOPTIONS', tid, 0, options);
  if (result === -1) throw optionsError(tid, errno);
}

function optionsError(tid: number, errno: number): OciSeccompError {
  return new OciSeccompError(
    'ERR_KERNEL',
    `ptrace(PTRACE_SETOPTIONS) of process ${tid}: ${formatErrno(errno)}`,
    {
      details: { pid: tid, call: 'ptrace', request: 'PTRACE_SETOPTIONS', errno },
    },
  );
}
