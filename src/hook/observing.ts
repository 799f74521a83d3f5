/**
 * What else is to be said of a container on which a profile is tried.
 * @module
 */
import { recordsLog } from '../kernel/actions-logged.ts';

/**
 * Looks at the kernel, and at the container's own configuration.
 *
 * A kernel that records nothing does not keep a container from starting: a trial should not stop what works.
 *
 * @param hasSeccomp - whether the runtime installs a filter of its own
 * @returns clauses, in the order of their weight
 * @throws OciSeccompError `ERR_KERNEL` if the kernel does not have LOG
 */
export function notesOnTrial(hasSeccomp: boolean): readonly string[] {
  return [
    ...(recordsLog()
      ? []
      : [
          'WARNING: the kernel logs nothing of this trial, because log is not in /proc/sys/kernel/seccomp/actions_logged',
        ]),
    ...(hasSeccomp
      ? [
          'the config.json has a seccomp profile too: what that denies stays denied, and the trial sees nothing of it',
        ]
      : []),
  ];
}
