/**
 * What runtimes call between loading the filter and the container's program, so that the filter has to let it through.
 *
 * How it was measured: a container of one static program, started once for each of 71 calls, with a profile that allows all
 * but that one, which gets EPERM, ENOSYS, KILL_PROCESS or errno 0; with noNewPrivileges, and without it with and without
 * capabilities of its own. test/oracle/lint-start.test.ts starts them again. Left out is what differs from start to start:
 * the Go runtime makes futex, tgkill and others when its threads happen to meet.
 * @module
 */
import {
  type Runtime,
  type RuntimeName,
  type RuntimeVersion,
  versionOfRuntime,
} from '../../policy/runtimes.ts';

export interface RuntimeNeeds {
  readonly runtime: RuntimeName;
  /** Separated by white space. */
  readonly calls: string;
  /** Only without noNewPrivileges: the filter is then loaded before the runtime gives up its privileges. */
  readonly withPrivileges?: true;
  /** Only if the container has capability sets, as every engine gives it. */
  readonly withCapabilities?: true;
  /**
   * What it goes on after. `ENOSYS`: it uses another call. `errors`: it makes the call, but only being ended by it counts.
   * Absent: nothing.
   */
  readonly copesWith?: 'ENOSYS' | 'errors';
  /** ERRNO 0 stops it too; otherwise it believes that the call was made, see errno-zero. */
  readonly noticesFake?: true;
  /** The versions that need it; of runc, whose versions are told apart. */
  readonly from?: RuntimeVersion;
  readonly before?: RuntimeVersion;
  /** `measured`: with runc 1.1.5, 1.1.15 and 1.3.6 or crun 1.8.1, 1.21 and 1.28 of Debian on x86_64, Linux 6.18. */
  readonly source: string;
}

const measured = 'measured';

export const runtimeNeeds: readonly RuntimeNeeds[] = [
  { runtime: 'runc', calls: 'close fstatfs openat write', noticesFake: true, source: measured },
  { runtime: 'runc', calls: 'getdents64', source: measured },
  {
    runtime: 'runc',
    calls: 'getcwd',
    withPrivileges: true,
    noticesFake: true,
    source: measured,
  },
  {
    runtime: 'runc',
    calls: 'chdir fstat getppid newfstatat prctl read setgid setgroups setuid',
    withPrivileges: true,
    source: measured,
  },
  {
    runtime: 'runc',
    calls: 'capget capset',
    withPrivileges: true,
    before: [1, 2, 0],
    source: `${measured}: 1.1.5 and 1.1.15 call them whether or not the container has capability sets`,
  },
  {
    runtime: 'runc',
    calls: 'capget capset',
    withPrivileges: true,
    withCapabilities: true,
    from: [1, 2, 0],
    source: `${measured}: 1.3.6`,
  },
  {
    runtime: 'runc',
    calls: 'fstat statx',
    noticesFake: true,
    from: [1, 3, 3],
    source: `${measured}: 1.3.6, also after ENOSYS; public reports: since the way it opens /proc changed with 1.3.3`,
  },
  {
    runtime: 'runc',
    calls: 'openat2',
    copesWith: 'ENOSYS',
    from: [1, 3, 3],
    before: [1, 3, 4],
    source:
      'read, not run: public reports (k3s issue 13293), release notes of filepath-securejoin 0.6.1; measured: 1.3.6 goes on after EPERM too',
  },
  {
    runtime: 'runc',
    calls: 'openat2',
    copesWith: 'ENOSYS',
    from: [1, 2, 8],
    before: [1, 2, 9],
    source: 'read, not run: 1.2.8 has the same change as 1.3.3',
  },
  { runtime: 'runc', calls: 'openat2', copesWith: 'errors', from: [1, 3, 3], source: `${measured}: 1.3.6` },
  {
    runtime: 'runc',
    calls: 'epoll_ctl getpid',
    copesWith: 'errors',
    before: [1, 2, 0],
    source: `${measured}: 1.1.5 and 1.1.15`,
  },
  {
    runtime: 'runc',
    calls: 'fcntl',
    copesWith: 'errors',
    from: [1, 1, 15],
    source: `${measured}: 1.1.15 and 1.3.6`,
  },
  {
    runtime: 'runc',
    calls: 'faccessat2 fcntl getpid',
    withPrivileges: true,
    copesWith: 'errors',
    source: measured,
  },
  {
    runtime: 'runc',
    calls: 'close_range',
    withPrivileges: true,
    copesWith: 'errors',
    from: [1, 3, 3],
    source: `${measured}: 1.3.6`,
  },
  ...(['runc', 'crun'] as const).map((runtime) => ({
    runtime,
    calls: 'prctl',
    withPrivileges: true as const,
    withCapabilities: true as const,
    noticesFake: true as const,
    source: `${measured}: the capabilities that were not kept are missing afterwards`,
  })),
  {
    runtime: 'crun',
    calls: 'write',
    withPrivileges: true,
    noticesFake: true,
    source: measured,
  },
  {
    runtime: 'crun',
    calls: 'capset prctl rt_sigaction rt_sigprocmask setresgid setresuid',
    withPrivileges: true,
    source: measured,
  },
  { runtime: 'crun', calls: 'close', copesWith: 'errors', source: measured },
  {
    runtime: 'crun',
    calls: 'close_range',
    copesWith: 'errors',
    source: `${measured}: 1.21 and 1.28, not 1.8.1`,
  },
];

export interface Container {
  readonly noNewPrivileges: boolean;
  /** Whether it has capability sets. */
  readonly capabilities: boolean;
}

/** What a runtime needs for a container besides execve; nothing for one that was not measured. */
export function needsOf(runtime: Runtime, container: Container): readonly RuntimeNeeds[] {
  const version = versionOfRuntime(runtime);
  return runtimeNeeds.filter(
    ({ runtime: name, withPrivileges, withCapabilities, from, before }) =>
      name === runtime.name &&
      !(withPrivileges === true && container.noNewPrivileges) &&
      !(withCapabilities === true && !container.capabilities) &&
      (from === undefined || !isBefore(version, from)) &&
      (before === undefined || isBefore(version, before)),
  );
}

function isBefore(version: RuntimeVersion, other: RuntimeVersion): boolean {
  const at = version.findIndex((part, index) => part !== other[index]);
  return at >= 0 && (version[at] ?? 0) < (other[at] ?? 0);
}
