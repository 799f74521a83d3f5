/** Questions about calls: `explain`, `syscalls`, `audit`. */
import { type Case, caller, host, meaning, modern, plain, sockets, traced } from './case.ts';

export const explainCases: readonly Case[] = [
  { name: 'explain-filter', command: ['explain', 'docker-default', ...host] },
  { name: 'explain-filter-none', command: ['explain'] },
  {
    name: 'explain-pasted',
    command: ['explain', plain, 'arch=40000003', 'syscall=102', 'compat=1', 'code=0x0', '--kernel', '6.1'],
  },
  { name: 'syscalls-sigsys', command: ['syscalls', 'si_syscall=__NR_mount', 'si_arch=AUDIT_ARCH_AARCH64'] },
  { name: 'audit', command: ['audit', 'fixtures/audit/audit.log'] },
  {
    name: 'audit-profile',
    command: ['audit', 'fixtures/audit/audit.log', '--profile', 'docker-default', ...host],
  },
  { name: 'audit-file', command: ['audit', 'fixtures/audit/audit.log', '--profile', plain, ...host] },
  { name: 'audit-hostile', command: ['audit', 'fixtures/audit/hostile.log'] },
  { name: 'audit-nothing', command: ['audit', '-'], options: { input: 'nothing here\n' } },
  { name: 'audit-two-logs', command: ['audit', 'fixtures/audit/audit.log', '--journal'] },
  { name: 'audit-missing', command: ['audit', 'no-such.log'] },
  {
    name: 'syscalls-since',
    command: ['syscalls', '--since', 'docker-default@20.10.9', 'mseal', 'futex_waitv', 'pkey_alloc'],
  },
  { name: 'syscalls-since-kernel', command: ['syscalls', '--since', '6.6.12-1-amd64', '--arch', 'x86_64'] },
  { name: 'explain-dated', command: ['explain', 'docker-default@20.10.9', 'io_uring_setup', ...host] },
  { name: 'explain-dated-unknown', command: ['explain', 'docker-default@20.11', 'clone3', ...host] },
  {
    name: 'explain-old-kernel',
    command: ['explain', '-', 'getpid', ...caller, '-k', '3.10', '-r', 'crun'],
    options: modern,
  },
  {
    name: 'explain-old-kernel-plain',
    command: ['explain', '-', 'getpid', ...caller, '-k', '3.10', '-r', 'plain'],
    options: modern,
  },
  { name: 'explain-allowed', command: ['explain', meaning, 'personality', '8', ...caller] },
  { name: 'explain-denied', command: ['explain', meaning, 'personality', '5', ...caller] },
  { name: 'explain-open', command: ['explain', meaning, 'personality', ...caller] },
  { name: 'explain-dropped', command: ['explain', meaning, 'mount', ...caller] },
  { name: 'explain-default-action', command: ['explain', meaning, 'reboot', ...caller] },
  { name: 'explain-stub', command: ['explain', meaning, '999', ...caller] },
  { name: 'explain-bad-arch', command: ['explain', meaning, 'read', '--arch', 'x32', '--kernel', '6.1'] },
  {
    name: 'explain-multiplexed',
    command: ['explain', plain, 'socket', 'AF_INET', '--arch', 'x86', '--kernel', '6.1'],
  },
  {
    name: 'explain-folded',
    command: ['explain', '-', 'socketcall', '--arch', 'x86', '--kernel', '6.1', '-r', 'crun'],
    options: sockets,
  },
  { name: 'explain-traced', command: ['explain', '-', 'mkdir', ...caller], options: traced },
  {
    name: 'explain-contradiction',
    command: ['explain', 'fixtures/cli/ambiguous.json', 'personality', '255', ...caller],
  },
  {
    name: 'explain-program',
    command: ['explain', 'fixtures/programs/flatpak.b64', 'ioctl', '_', 'TIOCSTI', '--arch', 'x86_64'],
  },
  {
    name: 'explain-browser',
    command: ['explain', 'fixtures/programs/chromium-renderer.b64', 'clone', '--arch', 'x86_64'],
  },
  {
    name: 'explain-trace',
    command: ['explain', 'fixtures/programs/vsftpd.b64', 'open', '--arch', 'x86_64', '--trace'],
  },
  { name: 'explain-json', command: ['explain', plain, 'socket', 'AF_UNIX', ...caller, '--json'] },
  {
    name: 'explain-undecided',
    command: ['explain', '-', 'read', '--arch', 'x86_64'],
    options: { input: 'ld [16]\nldx #3\nmul x\njeq #6, yes, no\nyes: ret ALLOW\nno: ret ERRNO(EPERM)\n' },
  },
  { name: 'explain-typo', command: ['explain', plain, 'opneat', ...caller] },
  { name: 'explain-not-here', command: ['explain', plain, 'socketcall', '--arch', 'x86_64'] },
  { name: 'explain-bad-argument', command: ['explain', plain, 'socket', 'AF_INTE', ...caller] },
  { name: 'explain-no-process', command: ['explain', '--pid', '4194304', 'read'] },
  { name: 'explain-unit', command: ['explain', 'fixtures/cli/tight.service', 'setns', ...caller] },
  { name: 'syscalls-name', command: ['syscalls', 'openat'] },
  { name: 'syscalls-arch', command: ['syscalls', 'read', 'socket', 'arch_prctl', '231', '--arch', 's390x'] },
  { name: 'syscalls-json', command: ['syscalls', 'clone3', '--arch', 'arm64', '--json'] },
  { name: 'syscalls-typo', command: ['syscalls', 'opneat', 'execvp', '99999'] },
];
