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
  /** It makes the call and goes on after any error, ENOSYS included: only being ended by it counts. Absent: it stops. */
  readonly copesWith?: 'errors';
  /** ERRNO 0 stops it too; otherwise it believes that the call was made, see errno-zero. */
  readonly noticesFake?: true;
  /** The versions that need it; of runc, whose versions are told apart. */
  readonly from?: RuntimeVersion;
  readonly before?: RuntimeVersion;
  /**
   * `measured`: with runc 1.1.5, 1.1.15 and 1.3.6 or crun 1.8.1, 1.21 and 1.28 of Debian, and with runc 1.2.7, 1.2.8, 1.2.9,
   * 1.3.2, 1.3.3, 1.3.4, 1.4.0, 1.4.3, 1.5.0 and 1.5.1 built from their tags, on x86_64, Linux 6.18. Where a version between two
   * of these was the first is taken from the one before.
   */
  readonly source: string;
}

const measured = 'measured';

interface Range {
  readonly from?: RuntimeVersion;
  readonly before?: RuntimeVersion;
}

/** The versions that look at /proc in the safe way that 1.2.8 and 1.3.3 brought. */
const safeProcfs: readonly Range[] = [{ from: [1, 2, 8], before: [1, 3, 0] }, { from: [1, 3, 3] }];
/** The first of these, which know no other way. */
const onlyOpenat2: readonly Range[] = [
  { from: [1, 2, 8], before: [1, 2, 9] },
  { from: [1, 3, 3], before: [1, 3, 4] },
];
const eitherOpen: readonly Range[] = [{ from: [1, 2, 9], before: [1, 3, 0] }, { from: [1, 3, 4] }];
/** Those before. */
const epollWaits: readonly Range[] = [{ before: [1, 2, 8] }, { from: [1, 3, 0], before: [1, 3, 3] }];

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
    before: [1, 3, 0],
    source: `${measured}: up to 1.2.9 it calls them whether or not the container has capability sets`,
  },
  {
    runtime: 'runc',
    calls: 'capget capset',
    withPrivileges: true,
    withCapabilities: true,
    from: [1, 3, 0],
    source: `${measured}: 1.3.6`,
  },
  ...safeProcfs.map((range) => ({
    runtime: 'runc' as const,
    calls: 'fstat statx',
    noticesFake: true as const,
    ...range,
    source: `${measured}: 1.2.8, 1.2.9 and from 1.3.3 on; not 1.2.7 and 1.3.2`,
  })),
  ...onlyOpenat2.map((range) => ({
    runtime: 'runc' as const,
    calls: 'openat2',
    noticesFake: true as const,
    ...range,
    source: `${measured}: 1.2.8 and 1.3.3 stop after every error, ENOSYS too`,
  })),
  ...eitherOpen.map((range) => ({
    runtime: 'runc' as const,
    calls: 'openat2',
    copesWith: 'errors' as const,
    noticesFake: true as const,
    ...range,
    source: `${measured}: 1.2.9 and from 1.3.4 on go on after any error, but not after ERRNO 0`,
  })),
  ...epollWaits.map((range) => ({
    runtime: 'runc' as const,
    calls: 'epoll_ctl',
    copesWith: 'errors' as const,
    ...range,
    source: `${measured}: 1.1.5 to 1.2.7 and 1.3.2`,
  })),
  {
    runtime: 'runc',
    calls: 'getpid',
    copesWith: 'errors',
    before: [1, 3, 0],
    source: `${measured}: 1.1.5 to 1.2.9`,
  },
  {
    runtime: 'runc',
    calls: 'fcntl',
    copesWith: 'errors',
    from: [1, 1, 15],
    source: `${measured}: from 1.1.15 on`,
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
    from: [1, 2, 0],
    source: `${measured}: from 1.2.7 on, not 1.1.15`,
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
