/**
 * What a kernel does with an action or a flag that is newer than it.
 *
 * libseccomp asks the kernel about KILL_PROCESS, LOG and NOTIFY, and refuses a rule with one that it lacks (src/system.c,
 * `sys_chk_seccomp_action`). So a runtime starts no container there.
 *
 * The kernel takes a program that is loaded without libseccomp. Kernels before 4.14 compare the bits 0x7fff0000 alone, so
 * KILL_PROCESS is KILL_THREAD to them (commit 0466bdb99e87), and an unknown word kills the thread. From Linux 5.10 on it kills the
 * process ("seccomp: kill process instead of thread for unknown actions", in the pull request for 5.10-rc1). That change was
 * offered for the stable series 4.14 to 5.9 too; seccomp(2) of man-pages 6.03 says "process" for 4.14 and later.
 *
 * For a flag that the kernel lacks, runc and youki ask libseccomp, which refuses it. crun 1.8 to 1.28 loads the filter once
 * more without any flag, unless it has a listener (src/libcrun/seccomp.c, `libcrun_apply_seccomp`).
 * @module
 */
import { type ActionInfo, actions, parseReturnWord, type ReturnWord } from '../abi/actions.ts';
import type { InternalFlag, OciFlag } from '../abi/flags.ts';
import { actionsSince, FILTERS_SINCE, flagsSince } from '../abi/kernel-history.ts';
import { formatKernel, isOlderKernel, type KernelVersion } from '../abi/kernel-version.ts';

/** Why a kernel can load no filter at all; `undefined`: it can. */
export function withoutFilters(kernel: KernelVersion): string | undefined {
  if (!isOlderKernel(kernel, FILTERS_SINCE)) return undefined;
  return `kernel ${formatKernel(kernel)} has no seccomp filters: they exist since Linux ${formatKernel(FILTERS_SINCE)}`;
}

/** Says that a kernel lacks an action, as a main clause; `undefined` if it has the action. */
export function lacksAction(kernel: KernelVersion, { kind, ociAction }: ActionInfo): string | undefined {
  return lacks(kernel, ociAction, actionsSince[kind]);
}

/** The same for a flag. */
export function lacksFlag(kernel: KernelVersion, flag: OciFlag | InternalFlag): string | undefined {
  return lacks(kernel, flag, flagsSince[flag]);
}

/**
 * What a word does on a kernel, as a word that newer kernels know: `KILL_THREAD` for an action that the kernel lacks. A stable
 * update of 4.14 to 4.20 may kill the whole process for NOTIFY.
 */
export function wordOnKernel(word: ReturnWord, kernel: KernelVersion): ReturnWord {
  const { action } = parseReturnWord(word);
  if (action === undefined || lacksAction(kernel, action) === undefined) return word;
  return actions.killThread.word;
}

function lacks(kernel: KernelVersion, name: string, since: KernelVersion): string | undefined {
  if (!isOlderKernel(kernel, since)) return undefined;
  return `kernel ${formatKernel(kernel)} does not know ${name}, which exists since Linux ${formatKernel(since)}`;
}
