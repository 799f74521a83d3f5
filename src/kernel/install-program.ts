/**
 * A program as a filter of this process.
 *
 * Sources: seccomp(2), prctl(2); Linux 6.18 kernel/seccomp.c (seccomp_can_sync_threads, seccomp_sync_threads).
 * @module
 */
import { actions } from '../abi/actions.ts';
import { ESRCH } from '../abi/errno-constants.ts';
import { filterFlags, type OciFlag } from '../abi/flags.ts';
import { hostEndian } from '../abi/host-endian.ts';
import { flag, listOf, type OptionKinds, oneOf, takeOptions } from '../abi/take-options.ts';
import { takerFor } from '../abi/value-shape.ts';
import { encodeProgram, type Program } from '../bpf/program.ts';
import { findProgramProblems } from '../bpf/program-problems.ts';
import { program as shapeOfProgram } from '../bpf/program-shape.ts';
import { OciSeccompError } from '../errors.ts';
import { setNoNewPrivs } from './prctl.ts';
import { loadError, loadOnAllThreads, prepareFilterLoad } from './seccomp.ts';

/** How a program is installed. */
export interface InstallOptions {
  /** Which threads of this process get the filter: `all` (default), or the `current` one and those it starts. */
  readonly threads?: 'all' | 'current' | undefined;
  /**
   * Flags of seccomp(2), as `seccomp.flags` of a compiled profile has them; default: none. `SECCOMP_FILTER_FLAG_TSYNC` is what
   * `threads` says, and is passed over here.
   */
  readonly flags?: readonly OciFlag[] | undefined;
  /** Whether to set no_new_privs first (default). Without it, only a process with CAP_SYS_ADMIN may install a filter. */
  readonly noNewPrivs?: boolean | undefined;
}

const kinds: OptionKinds<InstallOptions> = {
  threads: oneOf(['all', 'current']),
  flags: listOf('a list of flags of seccomp(2)', isFlag),
  noNewPrivs: flag,
};

function isFlag(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(filterFlags, value);
}

/**
 * Installs a program as a filter of this process, for good: filters are inherited, only added to, and cannot be removed. Node goes
 * on under it, with what it calls itself: memory, signals, its event loop and other threads. What the filter denies of that ends
 * the process or hangs it, as a filter for another architecture does.
 *
 * @param program - the instructions, as {@link compileProfile} of `oci-seccomp` returns them (`program`)
 * @throws OciSeccompError and nothing is installed: `ERR_BPF_INVALID` for a program that no kernel takes; `ERR_KERNEL`,
 *   `details.errno`: EACCES (13) neither no_new_privs nor CAP_SYS_ADMIN, EINVAL (22) flags that this kernel does not take, ENOMEM
 *   (12) filters too long in total, ESRCH (3) another thread has filters that this one lacks, `details.thread` is its id;
 *   `ERR_USAGE` for a program with NOTIFY, which needs a listener, and for a value that the types refuse (`details.key`: where it
 *   is); `ERR_FFI` if koffi cannot be loaded
 */
export function installProgram(program: Program, options: InstallOptions = {}): void {
  const taken = takerFor('installProgram')('program', shapeOfProgram, program);
  const { threads = 'all', flags = [], noNewPrivs = true } = takeOptions('installProgram', options, kinds);
  requireInstallable(taken);
  const bytes = encodeProgram(taken, hostEndian());
  const others = flags.filter((each) => each !== 'SECCOMP_FILTER_FLAG_TSYNC');
  if (noNewPrivs) setNoNewPrivs();
  const result = threads === 'all' ? loadOnAllThreads(bytes, others) : -prepareFilterLoad(bytes, others)();
  if (result > 0) throw divergedThread(result);
  if (result < 0) throw loadError(-result);
}

const BPF_RET_K = 0x06;
const ACTION_BITS = 0xffff_0000;

/** @throws OciSeccompError */
function requireInstallable(program: Program): void {
  const [problem] = findProgramProblems(program);
  if (problem !== undefined) {
    const { index, message } = problem;
    const where = index === undefined ? '' : `instruction ${index}: `;
    throw new OciSeccompError('ERR_BPF_INVALID', `no kernel takes this program: ${where}${message}`, {
      hint: 'install a program of compileProfile(), or see all problems with findProgramProblems()',
    });
  }
  const notify = program.findIndex(
    ({ code, k }) => code === BPF_RET_K && (k & ACTION_BITS) >>> 0 === actions.notify.word,
  );
  if (notify < 0) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    `the program says NOTIFY (instruction ${notify}), and nobody would be notified: these calls would fail with ENOSYS`,
    {
      hint: 'for a filter with a listener, use Filter of oci-seccomp/libseccomp',
      details: { key: 'program' },
    },
  );
}

function divergedThread(thread: number): OciSeccompError {
  return new OciSeccompError(
    'ERR_KERNEL',
    `the filter was not installed: thread ${thread} has filters that this thread lacks`,
    {
      hint: "install filters for all threads before any thread gets one of its own, or use threads: 'current'",
      details: { errno: ESRCH, thread },
    },
  );
}
