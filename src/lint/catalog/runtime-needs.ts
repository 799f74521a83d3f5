/**
 * What runtimes call between loading the filter and the container's program, so that the filter has to let it through.
 *
 * How it was measured: a container of one static program, started once for each of 65 calls with a profile that allows all
 * but that one, which gets EPERM. Listed are the calls without which no version that was tried starts it; what the program
 * itself needs is left out.
 * @module
 */
export interface RuntimeNeeds {
  readonly runtime: string;
  /** The versions that were measured. */
  readonly versions: string;
  /** Besides execve; with noNewPrivileges, when the filter is loaded last. */
  readonly syscalls: readonly string[];
  /** What comes in addition without noNewPrivileges: the filter is loaded before privileges are dropped. */
  readonly withPrivileges: readonly string[];
  readonly source: string;
}

export const runtimeNeeds: readonly RuntimeNeeds[] = [
  {
    runtime: 'runc',
    versions: '1.1.5 to 1.3.6',
    syscalls: ['close', 'fstatfs', 'getdents64', 'openat', 'write'],
    withPrivileges: [
      'capget',
      'capset',
      'chdir',
      'fstat',
      'getcwd',
      'getppid',
      'newfstatat',
      'prctl',
      'read',
      'setgid',
      'setgroups',
      'setuid',
    ],
    source: 'measured on x86_64: runc 1.1.5, 1.1.15 and 1.3.6 of Debian, Linux 6.18',
  },
];

/** What all measured versions of a runtime need, however it is configured; `undefined`: nothing is known to be needed. */
export function needsOf(runtime: string): RuntimeNeeds | undefined {
  return runtimeNeeds.find((each) => each.runtime === runtime);
}
