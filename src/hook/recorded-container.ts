/**
 * The filter of a container that is recorded: every call tells the recorder, which has the kernel make it.
 *
 * It comes on top of the filters that the container has. The kernel takes the strictest answer, and every denial is
 * stricter than a notification. So what the profile in force denies is denied, and the recorder does not hear of it.
 * @module
 */
import { actions } from '../abi/actions.ts';
import { architectures } from '../abi/architectures.ts';
import { filterFlags } from '../abi/flags.ts';
import { BPF_RET_K, encodeProgram } from '../bpf/program.ts';
import { OciSeccompError } from '../errors.ts';
import { machineArch, machineKernelRelease } from '../kernel/this-machine.ts';
import { parseKernelVersion } from '../oci/host.ts';
import type { ChoiceOptions } from './choose-profile.ts';
import type { ReadyFilter } from './prepare-filter.ts';

/** In the place of a profile's name in logs. */
export const RECORDER_NAME = 'oci-seccomp record';

/** Older kernels lack SECCOMP_USER_NOTIF_FLAG_CONTINUE (5.5) or pidfd_getfd(2) (5.6). */
const CONTINUES_FROM = { kernel: 5, major: 6 };
/** SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: a signal does not take back a call that the recorder knows of. */
const KILLABLE_FROM = { kernel: 5, major: 19 };

function isAtLeast(wanted: { readonly kernel: number; readonly major: number }): boolean {
  const version = parseKernelVersion(machineKernelRelease());
  if (version === undefined) return false;
  return (
    version.kernel > wanted.kernel || (version.kernel === wanted.kernel && version.major >= wanted.major)
  );
}

/** @throws OciSeccompError `ERR_KERNEL` before Linux 5.6 */
export function recordingFilter(): ReadyFilter {
  if (!isAtLeast(CONTINUES_FROM)) {
    throw new OciSeccompError('ERR_KERNEL', 'this kernel cannot record a container: it needs Linux 5.6', {
      hint: 'record the command itself, without --container: that works with ptrace',
    });
  }
  const { endian } = architectures[machineArch()];
  const program = encodeProgram([{ code: BPF_RET_K, jt: 0, jf: 0, k: actions.notify.word }], endian);
  const killable = isAtLeast(KILLABLE_FROM) ? filterFlags.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV.bit : 0;
  return {
    program,
    flags: filterFlags.SECCOMP_FILTER_FLAG_SPEC_ALLOW.bit | killable,
    listener: undefined,
    boundingSet: undefined,
    claim: undefined,
  };
}

/** @throws OciSeccompError `ERR_USAGE` if a profile is named as well, or the socket by no absolute path */
export function requireRecorderAlone(
  recorder: string,
  { profile, profilesDir, defaultProfile, choices }: ChoiceOptions,
): void {
  if ((profile ?? profilesDir ?? defaultProfile ?? choices) !== undefined) {
    throw new OciSeccompError('ERR_USAGE', '--recorder and a profile exclude each other', {
      hint: 'the recorder decides nothing: what the container is denied, its runtime denies',
    });
  }
  if (!recorder.startsWith('/')) {
    throw new OciSeccompError('ERR_USAGE', `--recorder takes an absolute path, not '${recorder}'`);
  }
}
