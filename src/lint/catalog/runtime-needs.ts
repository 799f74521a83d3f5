/**
 * What runtimes call between loading the filter and the container's program, so that the filter has to let it through.
 *
 * Measured with a container of one static program and shrinking lists of allowed calls, noNewPrivileges set. Without it the
 * filter is loaded earlier, and more is needed.
 * @module
 */
export interface RuntimeNeeds {
  readonly runtime: 'runc' | 'crun';
  /** The version that was measured. */
  readonly version: string;
  /** Besides execve. */
  readonly syscalls: readonly string[];
  readonly source: string;
}

export const runtimeNeeds: readonly RuntimeNeeds[] = [
  {
    runtime: 'runc',
    version: '1.1.5',
    syscalls: [
      'close',
      'epoll_create1',
      'epoll_ctl',
      'exit_group',
      'fstatfs',
      'futex',
      'getdents64',
      'getpid',
      'openat',
      'write',
    ],
    source: 'measured: runc 1.1.5 (Debian 12), libcontainer/standard_init_linux.go',
  },
  { runtime: 'crun', version: '1.8.1', syscalls: [], source: 'measured: crun 1.8.1 (Debian 12)' },
];
