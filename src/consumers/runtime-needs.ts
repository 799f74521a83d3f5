/**
 * The calls that runtimes make between loading the filter and the container's program: the filter must let them
 * through.
 *
 * How it was measured: a container of one static program, started once for each of 71 calls, with a profile that allows all
 * but that one, which gets EPERM, ENOSYS, KILL_PROCESS or errno 0; with noNewPrivileges, and without it with and without
 * capabilities of its own. test/oracle/lint-start.test.ts starts them again. Left out is what differs from start to start:
 * the Go runtime makes futex, tgkill and others when its threads happen to meet.
 * @module
 */

/** Major, minor, patch. */
export type RuntimeVersion = readonly [number, number, number];

export interface RuntimeNeeds {
  /** Separated by white space. */
  readonly calls: string;
  /** Only without noNewPrivileges: the filter is then loaded before the runtime gives up its privileges. */
  readonly withPrivileges?: true;
  /** Only if the container has capability sets, as every engine gives it. */
  readonly withCapabilities?: true;
  /** It continues after any error, ENOSYS included, so only an action that kills matters. Absent: an error stops it. */
  readonly copesWith?: 'errors';
  /** ERRNO 0 stops it too. Absent: it believes that the call was made (lint rule errno-zero). */
  readonly noticesFake?: true;
  /** The versions that need it, where they are told apart. */
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

/** What runc and crun call to keep capabilities. */
const keepsCapabilities: RuntimeNeeds = {
  calls: 'prctl',
  withPrivileges: true,
  withCapabilities: true,
  noticesFake: true,
  source: `${measured}: the capabilities that were not kept are missing afterwards`,
};

export const runcNeeds: readonly RuntimeNeeds[] = [
  { calls: 'close fstatfs openat write', noticesFake: true, source: measured },
  { calls: 'getdents64', source: measured },
  {
    calls: 'getcwd',
    withPrivileges: true,
    noticesFake: true,
    source: measured,
  },
  {
    calls: 'chdir fstat getppid newfstatat prctl read setgid setgroups setuid',
    withPrivileges: true,
    source: measured,
  },
  {
    calls: 'capget capset',
    withPrivileges: true,
    before: [1, 3, 0],
    source: `${measured}: up to 1.2.9 it calls them whether or not the container has capability sets`,
  },
  {
    calls: 'capget capset',
    withPrivileges: true,
    withCapabilities: true,
    from: [1, 3, 0],
    source: `${measured}: 1.3.6`,
  },
  ...safeProcfs.map((range) => ({
    calls: 'fstat statx',
    noticesFake: true as const,
    ...range,
    source: `${measured}: 1.2.8, 1.2.9 and from 1.3.3 on; not 1.2.7 and 1.3.2`,
  })),
  ...onlyOpenat2.map((range) => ({
    calls: 'openat2',
    noticesFake: true as const,
    ...range,
    source: `${measured}: 1.2.8 and 1.3.3 stop after every error, ENOSYS too`,
  })),
  ...eitherOpen.map((range) => ({
    calls: 'openat2',
    copesWith: 'errors' as const,
    noticesFake: true as const,
    ...range,
    source: `${measured}: 1.2.9 and from 1.3.4 on go on after any error, but not after ERRNO 0`,
  })),
  ...epollWaits.map((range) => ({
    calls: 'epoll_ctl',
    copesWith: 'errors' as const,
    ...range,
    source: `${measured}: 1.1.5 to 1.2.7 and 1.3.2`,
  })),
  {
    calls: 'getpid',
    copesWith: 'errors',
    before: [1, 3, 0],
    source: `${measured}: 1.1.5 to 1.2.9`,
  },
  {
    calls: 'fcntl',
    copesWith: 'errors',
    from: [1, 1, 15],
    source: `${measured}: from 1.1.15 on`,
  },
  {
    calls: 'faccessat2 fcntl getpid',
    withPrivileges: true,
    copesWith: 'errors',
    source: measured,
  },
  {
    calls: 'close_range',
    withPrivileges: true,
    copesWith: 'errors',
    from: [1, 2, 0],
    source: `${measured}: from 1.2.7 on, not 1.1.15`,
  },
  keepsCapabilities,
];

export const crunNeeds: readonly RuntimeNeeds[] = [
  keepsCapabilities,
  {
    calls: 'write',
    withPrivileges: true,
    noticesFake: true,
    source: measured,
  },
  {
    calls: 'capset prctl rt_sigaction rt_sigprocmask setresgid setresuid',
    withPrivileges: true,
    source: measured,
  },
  { calls: 'close', copesWith: 'errors', source: measured },
  {
    calls: 'close_range',
    copesWith: 'errors',
    source: `${measured}: 1.21 and 1.28, not 1.8.1`,
  },
];
