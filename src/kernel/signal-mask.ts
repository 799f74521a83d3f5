/**
 * The signals that a stopped tracee holds back.
 *
 * Source: ptrace(2) PTRACE_GETSIGMASK.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { OciSeccompError } from '../errors.ts';
import { ptrace } from './ptrace.ts';

/** sizeof(sigset_t) in the kernel: 64 signals. */
const SIGSET_SIZE = 8;
const ALL_SIGNALS = 0xffff_ffff_ffff_ffffn;

/**
 * Has a stopped tracee hold back all signals that can be: all but SIGKILL and SIGSTOP.
 *
 * @returns sets the mask that it had before
 * @throws OciSeccompError `ERR_KERNEL`, and so does what it returns
 */
export function holdSignals(tid: number): () => void {
  const before = new Uint8Array(SIGSET_SIZE);
  transfer('PTRACE_GETSIGMASK', tid, before);
  transfer('PTRACE_SETSIGMASK', tid, new Uint8Array(BigUint64Array.of(ALL_SIGNALS).buffer));
  return () => transfer('PTRACE_SETSIGMASK', tid, before);
}

function transfer(request: 'PTRACE_GETSIGMASK' | 'PTRACE_SETSIGMASK', tid: number, mask: Uint8Array): void {
  const { result, errno } = ptrace(request, tid, SIGSET_SIZE, mask);
  if (result !== -1) return;
  throw new OciSeccompError('ERR_KERNEL', `ptrace(${request}) of process ${tid}: ${formatErrno(errno)}`, {
    details: { pid: tid, call: 'ptrace', request, errno },
  });
}
