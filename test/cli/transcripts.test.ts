/**
 * What people see: each command with its output, messages and exit code, kept as a transcript in transcripts/.
 * After an intended change: npx vitest run test/cli -u, and read the difference.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Outcome, ociSeccomp, type RunOptions, root } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Hooks read only files that others cannot write, and a checkout's may be. */
mkdirSync(join(folder, 'profiles'), { mode: 0o700 });
const miscompiled = readFileSync(join(root, 'fixtures/cli/miscompiled.json'));
writeFileSync(join(folder, 'profiles/miscompiled.json'), miscompiled, { mode: 0o600 });

const host = ['--arch', 'x86_64', '--kernel', '6.1'];
const plain = 'fixtures/cli/socket.json';
const kubernetes = 'fixtures/kubernetes';
const web = 'fixtures/compose/web.json';
const baseline = 'fixtures/compose/baseline.json';
const meaning = 'fixtures/cli/conditions.json';
/** Equal alone, not beside a filter that answers LOG. */
const killing = 'fixtures/cli/kill-getppid.json';
const unknownAction = 'fixtures/cli/unknown-action.asm';
/** The architecture of the call, and a machine for it. */
const caller = [...host, '--host-arch', 'x86_64'];

const getppid =
  'ld [arch]\njeq #AUDIT_ARCH_X86_64, 2, 5\nld [nr]\njeq #110, 4, 5\nret ERRNO(EPERM)\nret ALLOW\n';

/** A rule that nobody enforces: no call has the name. */
const typo = {
  input: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["ptrase"],"action":"SCMP_ACT_ERRNO"}]}',
};
/** Calls of i386's socketcall. */
const sockets = {
  input:
    '{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86"],"syscalls":[{"names":["bind","connect","socket"],"action":"SCMP_ACT_ALLOW"}]}',
};
/** Left to a tracer. */
const traced = {
  input: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_TRACE"}]}',
};
/** Actions that came with Linux 4.14 and 5.0. */
const modern = {
  input:
    '{"defaultAction":"SCMP_ACT_LOG","syscalls":[{"names":["getpid"],"action":"SCMP_ACT_KILL_PROCESS"},{"names":["getuid"],"action":"SCMP_ACT_NOTIFY"}]}',
};
const ambiguous = ociSeccomp([
  ...['compile', 'fixtures/cli/ambiguous.json', ...host, '-r', 'crun', '-q', '-f', 'base64'],
]).stdout;

/** A copy of a default, as its author changed it: {folder}/copy.json. */
const copied = JSON.parse(
  ociSeccomp(['rebase', 'docker-default@20.10.7', '--onto', 'docker-default@20.10.7']).stdout,
) as {
  syscalls: { names: string[]; action?: string }[];
};
for (const rule of copied.syscalls)
  rule.names = rule.names.filter((name) => !['acct', 'ptrace'].includes(name));
copied.syscalls.push({ names: ['clone3', 'add_key'], action: 'SCMP_ACT_ALLOW' });
writeFileSync(join(folder, 'copy.json'), JSON.stringify(copied));
const copy = '{folder}/copy.json';

interface Case {
  readonly name: string;
  readonly command: readonly string[];
  readonly options?: RunOptions;
}

const cases: readonly Case[] = [
  { name: 'help', command: ['--help'] },
  { name: 'help-compile', command: ['compile', '--help'] },
  { name: 'help-report', command: ['report', '--help'] },
  { name: 'help-resolve', command: ['help', 'resolve'] },
  { name: 'help-validate', command: ['validate', '--help'] },
  { name: 'help-syscalls', command: ['syscalls', '--help'] },
  { name: 'help-doctor', command: ['doctor', '--help'] },
  { name: 'explain-filter', command: ['explain', 'docker-default', ...host] },
  { name: 'explain-filter-none', command: ['explain'] },
  {
    name: 'explain-pasted',
    command: ['explain', plain, 'arch=40000003', 'syscall=102', 'compat=1', 'code=0x0', '--kernel', '6.1'],
  },
  { name: 'syscalls-sigsys', command: ['syscalls', 'si_syscall=__NR_mount', 'si_arch=AUDIT_ARCH_AARCH64'] },
  { name: 'help-audit', command: ['audit', '--help'] },
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
  { name: 'no-command', command: [] },
  { name: 'unknown-command', command: ['compil'] },
  { name: 'unknown-option', command: ['compile', plain, '--runtme', 'crun'] },
  { name: 'missing-operand', command: ['compile'] },
  { name: 'unknown-choice', command: ['compile', plain, '--format', 'elf'] },
  {
    name: 'syscalls-since',
    command: ['syscalls', '--since', 'docker-default@20.10.9', 'mseal', 'futex_waitv', 'pkey_alloc'],
  },
  { name: 'help-pull', command: ['pull', '--help'] },
  { name: 'help-push', command: ['push', '--help'] },
  { name: 'help-rebase', command: ['rebase', '--help'] },
  { name: 'help-record', command: ['record', '--help'] },
  {
    name: 'rebase',
    command: ['rebase', copy, '--onto', 'docker-default@28.0', '-o', '{folder}/rebased.json'],
  },
  {
    name: 'rebase-current',
    command: ['rebase', '{folder}/rebased.json', '--onto', 'docker-default@28.0', '--check'],
  },
  {
    name: 'rebase-check',
    command: ['rebase', copy, '--onto', 'docker-default@28.0', '--check', '--verbose'],
  },
  {
    name: 'rebase-json',
    command: ['rebase', copy, '--onto', 'docker-default@20.10.10', '--check', '--json'],
  },
  {
    name: 'rebase-conflict',
    command: [
      'rebase',
      copy,
      '--onto',
      'docker-default@28.0',
      '--on-conflict',
      'fail',
      '-o',
      '{folder}/none.json',
    ],
  },
  { name: 'rebase-no-copy', command: ['rebase', plain] },
  { name: 'explain-dated', command: ['explain', 'docker-default@20.10.9', 'io_uring_setup', ...host] },
  { name: 'explain-dated-unknown', command: ['explain', 'docker-default@20.11', 'clone3', ...host] },
  { name: 'compile-asm', command: ['compile', plain, ...host, '--format', 'asm'] },
  { name: 'compile-json', command: ['compile', plain, ...host, '--runtime', 'plain', '--format', 'json'] },
  { name: 'compile-c', command: ['compile', plain, ...host, '--runtime', 'crun', '--format', 'c'] },
  { name: 'compile-pfc', command: ['compile', plain, ...host, '--format', 'pfc', '-q'] },
  {
    name: 'compile-base64',
    command: ['compile', plain, ...host, '--runtime', 'crun', '--format', 'base64', '-q'],
  },
  { name: 'compile-to-file', command: ['compile', plain, ...host, '-o', '{folder}/socket.bpf'] },
  {
    name: 'compile-verbose',
    command: ['compile', 'fixtures/cli/conditions.json', ...host, '-v', '-o', '/dev/null'],
  },
  {
    name: 'compile-stdin',
    command: ['compile', '-', ...host, '-o', '/dev/null'],
    options: {
      input:
        '{"defaultAction":"SCMP_ACT_KILL_PROCESS","syscalls":[{"names":["read","wriet"],"action":"SCMP_ACT_ALLOW"}]}',
    },
  },
  { name: 'compile-unproven', command: ['compile', 'fixtures/cli/miscompiled.json', ...host, '-r', 'crun'] },
  {
    name: 'compile-allow-unproven',
    command: ['compile', 'fixtures/cli/miscompiled.json', ...host, '--allow-unproven', '-o', '/dev/null'],
  },
  {
    name: 'compile-ambiguous',
    command: ['compile', 'fixtures/cli/ambiguous.json', ...host, '-o', '/dev/null'],
  },
  { name: 'compile-nothing-left', command: ['compile', '-', ...host, '-o', '/dev/null'], options: typo },
  { name: 'compile-strict', command: ['compile', '-', ...host, '--strict'], options: typo },
  {
    name: 'compile-strict-contradiction',
    command: ['compile', 'fixtures/cli/ambiguous.json', ...host, '--strict', '-o', '{folder}/none.bpf'],
  },
  {
    name: 'compile-old-kernel',
    command: ['compile', '-', '-a', 'x86_64', '-k', '3.10', '-r', 'crun'],
    options: modern,
  },
  {
    name: 'compile-old-kernel-plain',
    command: ['compile', '-', '-a', 'x86_64', '-k', '3.10', '-r', 'plain', '-o', '/dev/null'],
    options: modern,
  },
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
  {
    name: 'report',
    command: ['report', plain, ...host, '--table', '2.6.1', '-o', '{folder}/report.html'],
  },
  { name: 'report-program', command: ['report', '-', ...host], options: { input: getppid } },
  {
    name: 'report-program-other',
    command: ['report', plain, ...host, '--against', '-', '-o', '{folder}/none.html'],
    options: { input: getppid },
  },
  { name: 'report-process', command: ['report', 'pid:1', ...host, '-o', '{folder}/none.html'] },
  {
    name: 'report-process-other',
    command: ['report', plain, ...host, '--against', 'pid:1', '-o', '{folder}/none.html'],
  },
  { name: 'report-missing', command: ['report', 'docker-defualt', ...host] },
  {
    name: 'report-missing-other',
    command: ['report', plain, ...host, '--against', 'none.json', '-o', '{folder}/none.html'],
  },
  { name: 'report-unwritable', command: ['report', plain, ...host, '-o', '{folder}/none/report.html'] },
  {
    name: 'diff-old-kernel-plain',
    command: [
      'diff',
      'fixtures/cli/kill-getppid.json',
      ...['-a', 'x86_64', '-k', '3.10', '-r', 'plain', '--other-kernel', '4.19'],
    ],
  },
  {
    name: 'verify-strict',
    command: ['verify', 'fixtures/cli/ambiguous.json', '-', ...host, '-r', 'crun', '--strict'],
    options: { input: ambiguous },
  },
  { name: 'run-strict', command: ['run', '--profile', '-', '--strict', '--', 'true'], options: typo },
  { name: 'run-warns', command: ['run', '--profile', '-', '--', 'true'], options: typo },
  {
    name: 'run-strict-program',
    command: ['run', '--profile', 'fixtures/cli/socket.hex', '--strict', '--', 'true'],
  },
  { name: 'compile-missing-file', command: ['compile', 'docker-defualt'] },
  { name: 'compile-directory', command: ['compile', 'fixtures'] },
  { name: 'compile-unwritable', command: ['compile', plain, '-o', '{folder}/none/x.bpf'] },
  {
    name: 'compile-syntax',
    command: ['compile', '-'],
    options: { input: '{\n  "defaultAction": "SCMP_ACT_ALLOW", // all\n  "syscalls": [],\n}\n' },
  },
  {
    name: 'compile-rejected-by-crun',
    command: ['compile', '-', '--runtime', 'crun'],
    options: {
      input:
        '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_KILL","errnoRet":1}]}',
    },
  },
  { name: 'compile-refused-by-libseccomp', command: ['compile', 'fixtures/cli/contradiction.json', ...host] },
  { name: 'compile-seccomp-off', command: ['compile', '-'], options: { input: '{}' } },
  {
    name: 'compile-no-library',
    command: ['compile', plain],
    options: { env: { OCI_SECCOMP_LIBRARY: '/nonexistent/libseccomp.so.2' } },
  },
  { name: 'compile-wrong-library', command: ['compile', plain, '--library', 'libc.so.6'] },
  { name: 'compile-unknown-arch', command: ['compile', plain, '--arch', 'x86_46'] },
  { name: 'compile-unknown-capability', command: ['compile', plain, '--cap', 'sysadmin'] },
  { name: 'compile-unknown-runtime', command: ['compile', plain, '--runtime', 'runc@1.0'] },
  { name: 'compile-bad-kernel', command: ['compile', plain, '--kernel', 'six'] },
  { name: 'compile-bad-timeout', command: ['compile', plain, '--timeout', '0'] },
  { name: 'compile-timeout', command: ['compile', 'fixtures/cli/endless.json', ...host, '--timeout', '0.5'] },
  { name: 'resolve', command: ['resolve', 'fixtures/cli/conditions.json', ...host] },
  {
    name: 'resolve-verbose',
    command: ['resolve', 'fixtures/cli/conditions.json', ...host, '--cap', 'sys_admin', '-v'],
  },
  {
    name: 'resolve-containerd',
    command: ['resolve', 'fixtures/cli/conditions.json', ...host, '--engine', 'containerd'],
  },
  { name: 'resolve-seccomp-off', command: ['resolve', '-', ...host], options: { input: '{}' } },
  {
    name: 'validate',
    command: ['validate', 'fixtures/cli/socket.json', 'fixtures/cli/mistakes.json', 'fixtures/cli/none.json'],
  },
  { name: 'validate-json', command: ['validate', 'fixtures/cli/mistakes.json', '--format', 'json'] },
  { name: 'validate-good', command: ['validate', 'fixtures/cli/socket.json', 'docker-default'] },
  {
    name: 'validate-many',
    command: [
      'validate',
      'fixtures/cli/*.toml',
      'fixtures/profiles/good',
      'fixtures/cli/s*.json',
      'podman-default',
    ],
  },
  {
    name: 'validate-json-unreadable',
    command: ['validate', 'fixtures/cli/socket.json/x', '--format', 'json'],
  },
  { name: 'compile-syntax-plain', command: ['compile', '-', '-r', 'plain'], options: { input: '[' } },
  {
    name: 'resolve-rejected-by-crun',
    command: ['resolve', '-', ...host],
    options: {
      input:
        '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_KILL","errnoRet":1}]}',
    },
  },
  {
    name: 'compile-bundle',
    command: ['compile', 'fixtures/profiles/good/bundle-config.json', ...host, '-o', '/dev/null'],
  },
  { name: 'help-explain', command: ['explain', '--help'] },
  { name: 'help-diff', command: ['diff', '--help'] },
  { name: 'help-subset', command: ['subset', '--help'] },
  { name: 'help-verify', command: ['verify', '--help'] },
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
  { name: 'diff', command: ['diff', plain, meaning, ...host] },
  { name: 'diff-equal', command: ['diff', plain, plain, ...host] },
  { name: 'diff-runtimes', command: ['diff', meaning, ...host, '--other-runtime', 'crun'] },
  {
    name: 'diff-fail-on',
    command: ['diff', meaning, ...host, '--other-caps', 'all', '--fail-on', 'stricter'],
  },
  {
    name: 'diff-markdown',
    command: ['diff', meaning, ...host, '--other-caps', 'all', '--format', 'markdown'],
  },
  { name: 'diff-json', command: ['diff', meaning, ...host, '--other-caps', 'all', '--format', 'json'] },
  {
    name: 'diff-other-architectures',
    command: ['diff', 'fixtures/programs/vsftpd.b64', 'fixtures/programs/openssh-preauth.b64'],
  },
  {
    name: 'diff-arch-unchecked',
    command: ['diff', '-', 'fixtures/programs/vsftpd.b64'],
    options: { input: 'ld [nr]\njeq #0, allow, deny\nallow: ret ALLOW\ndeny: ret ERRNO(EPERM)\n' },
  },
  { name: 'diff-nothing', command: ['diff', plain] },
  { name: 'intersect', command: ['intersect', web, baseline] },
  { name: 'intersect-oci', command: ['intersect', web, baseline, '--to', 'oci', ...host, '--caps', 'all'] },
  {
    name: 'intersect-kubernetes',
    command: ['intersect', web, baseline, '--to', 'kubernetes', '--name', 'web', ...host],
  },
  { name: 'intersect-check', command: ['intersect', web, baseline, '--check', web] },
  { name: 'intersect-check-same', command: ['intersect', web, web, '--check', web] },
  { name: 'intersect-host', command: ['intersect', web, baseline, '--caps', 'all'] },
  { name: 'intersect-inexpressible', command: ['intersect', 'podman-default', 'docker-default'] },
  { name: 'union', command: ['union', web, baseline] },
  { name: 'union-inexpressible', command: ['union', web, 'fixtures/cli/socket.json'] },
  { name: 'simplify', command: ['simplify', web] },
  { name: 'simplify-diff', command: ['simplify', web, '--diff'] },
  { name: 'simplify-diff-unchanged', command: ['simplify', 'fixtures/cli/socket.json', '--diff'] },
  { name: 'help-intersect', command: ['intersect', '--help'] },
  { name: 'help-union', command: ['union', '--help'] },
  { name: 'help-simplify', command: ['simplify', '--help'] },
  { name: 'allow', command: ['allow', 'fixtures/cli/socket.json', 'getpid', '--diff', '--arch', 'x86_64'] },
  {
    name: 'allow-argument',
    command: ['allow', 'fixtures/cli/socket.json', 'socket', 'AF_INET', '--arch', 'x86_64'],
  },
  { name: 'allow-dangerous', command: ['allow', 'fixtures/cli/socket.json', 'ptrace', '--arch', 'x86_64'] },
  { name: 'deny', command: ['deny', 'fixtures/cli/socket.json', 'write', '--diff', '--arch', 'x86_64'] },
  {
    name: 'deny-argument',
    command: ['deny', 'fixtures/cli/socket.json', 'read', '3', '--diff', '--arch', 'x86_64'],
  },
  { name: 'help-allow', command: ['allow', '--help'] },
  { name: 'help-deny', command: ['deny', '--help'] },
  { name: 'decompile', command: ['decompile', 'fixtures/programs/vsftpd.b64'] },
  {
    name: 'decompile-kubernetes',
    command: ['decompile', 'fixtures/programs/lxc.b64', '--to', 'kubernetes', '--name', 'lxc'],
  },
  { name: 'decompile-inexpressible', command: ['decompile', 'fixtures/programs/crun.b64'] },
  { name: 'decompile-stricter', command: ['decompile', 'fixtures/programs/firejail-1.b64', '--stricter'] },
  { name: 'decompile-profile', command: ['decompile', 'docker-default'] },
  { name: 'help-decompile', command: ['decompile', '--help'] },
  { name: 'help-convert', command: ['convert', '--help'] },
  ...(['systemd', 'lxc', 'minijail', 'bwrap'] as const).map((form) => ({
    name: `convert-${form}`,
    // LXC kills single threads only.
    command: [
      'convert',
      `fixtures/cli/deny-${form === 'lxc' ? 'thread' : 'some'}.json`,
      '--to',
      form,
      '--stricter',
      ...host,
    ],
  })),
  { name: 'convert-refused', command: ['convert', 'fixtures/cli/deny-some.json', '--to', 'lxc', ...host] },
  { name: 'convert-nothing', command: ['convert', 'docker-default'] },
  {
    name: 'convert-lxc-json',
    command: ['convert', 'fixtures/cli/container.seccomp', '--to', 'lxc', '--json', ...host],
  },
  { name: 'validate-runsc', command: ['validate', '--runtime', 'runsc', meaning, killing] },
  { name: 'compile-runsc', command: ['compile', plain, '--runtime', 'runsc'] },
  {
    name: 'validate-unit',
    command: ['validate', 'fixtures/cli/tight.service', 'fixtures/cli/container.seccomp'],
  },
  { name: 'explain-unit', command: ['explain', 'fixtures/cli/tight.service', 'setns', ...caller] },
  { name: 'lint-unit', command: ['lint', 'fixtures/cli/tight.service'] },
  { name: 'subset', command: ['subset', meaning, ...host, '--other-caps', 'all'] },
  { name: 'subset-not', command: ['subset', meaning, ...host, '--caps', 'all', '--other-caps', 'docker'] },
  { name: 'subset-json', command: ['subset', meaning, ...host, '--other-caps', 'all', '--json'] },
  { name: 'verify', command: ['verify', plain, 'fixtures/cli/socket.hex', ...host] },
  {
    name: 'verify-other-runtime',
    command: ['verify', plain, 'fixtures/cli/socket.hex', ...host, '-r', 'crun'],
  },
  {
    name: 'verify-other-capabilities',
    command: ['verify', meaning, 'fixtures/cli/conditions-all.hex', ...host],
  },
  { name: 'verify-json', command: ['verify', meaning, 'fixtures/cli/conditions-all.hex', ...host, '--json'] },
  { name: 'verify-unknown-action', command: ['verify', killing, unknownAction, ...host, '-r', 'plain'] },
  {
    name: 'verify-unknown-action-strict',
    command: ['verify', killing, unknownAction, ...host, '-r', 'plain', '--strict'],
  },
  { name: 'diff-unknown-action', command: ['diff', killing, unknownAction, ...host, '-r', 'plain'] },
  {
    name: 'diff-unknown-action-json',
    command: ['diff', killing, unknownAction, ...host, '-r', 'plain', '--format', 'json'],
  },
  { name: 'subset-unknown-action', command: ['subset', unknownAction, killing, ...host, '-r', 'plain'] },
  { name: 'verify-two-profiles', command: ['verify', plain, meaning] },
  { name: 'verify-nothing', command: ['verify', plain] },
  {
    name: 'kubernetes-validate',
    command: [
      'validate',
      `${kubernetes}/good`,
      `${kubernetes}/bad/mistakes.yaml`,
      `${kubernetes}/bad/workloads.yaml`,
    ],
  },
  { name: 'kubernetes-validate-json', command: ['validate', `${kubernetes}/good/list.json`, '-f', 'json'] },
  { name: 'kubernetes-several', command: ['resolve', `${kubernetes}/good/several.yaml`, ...host] },
  {
    name: 'kubernetes-no-such-object',
    command: ['resolve', `${kubernetes}/good/several.yaml`, ...host, '--object', 'web'],
  },
  {
    name: 'kubernetes-compile',
    command: ['compile', `${kubernetes}/good/several.yaml`, ...host, '--object', 'server', '-o', '/dev/null'],
  },
  {
    name: 'kubernetes-to-kubernetes',
    command: [
      ...['resolve', `${kubernetes}/uses-base.yaml`, ...host],
      ...['--base-dir', `${kubernetes}/bases`, '--to', 'kubernetes', '--name', 'whole'],
    ],
  },
  {
    name: 'kubernetes-to-json',
    command: ['resolve', plain, ...host, '--to', 'kubernetes', '--format', 'json', '-q'],
  },
  { name: 'kubernetes-no-base', command: ['resolve', `${kubernetes}/uses-base.yaml`, ...host] },
  {
    name: 'kubernetes-circle',
    command: ['resolve', `${kubernetes}/bases/circles.yaml`, ...host, '--object', 'circle'],
  },
  { name: 'kubernetes-registry', command: ['resolve', `${kubernetes}/remote-base.yaml`, ...host] },
  {
    name: 'kubernetes-unsayable',
    command: [
      'resolve',
      'docker-default',
      ...host,
      '--to',
      'kubernetes',
      '--format',
      'json',
      '--name',
      'A_b',
    ],
  },
  {
    name: 'kubernetes-format-of-docker',
    command: ['resolve', plain, ...host, '--to', 'docker', '--name', 'a'],
  },
  {
    name: 'kubernetes-stdin',
    command: ['explain', '-', 'chmod', ...host, '--object', 'a.json'],
    options: {
      input:
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.json: |\n    {"defaultAction": "SCMP_ACT_ALLOW",\n     "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_ERRNO"}]}\n',
    },
  },
  { name: 'validate-no-match', command: ['validate', 'fixtures/cli/*.toml'] },
  { name: 'help-disasm', command: ['disasm', '--help'] },
  { name: 'help-asm', command: ['asm', '--help'] },
  { name: 'help-simulate', command: ['simulate', '--help'] },
  {
    name: 'disasm',
    command: ['disasm', '-'],
    options: { input: '2000000004000000 150000013e0000c0 0600000000000000 0600000000000500' },
  },
  { name: 'disasm-json', command: ['disasm', '-', '--format', 'json'], options: { input: getppid } },
  { name: 'disasm-dot', command: ['disasm', '-', '--format', 'dot'], options: { input: getppid } },
  { name: 'disasm-nothing', command: ['disasm'] },
  { name: 'disasm-profile', command: ['disasm', plain] },
  { name: 'disasm-no-program', command: ['disasm', '-'], options: { input: 'AAAAAAAAAAAAAAAAAAAAAA==' } },
  { name: 'disasm-missing', command: ['disasm', 'filter.bpf'] },
  { name: 'asm-hex', command: ['asm', '-', '--format', 'hex'], options: { input: getppid } },
  { name: 'asm-c', command: ['asm', '-', '--format', 'c'], options: { input: getppid } },
  {
    name: 'asm-mistakes',
    command: ['asm', '-'],
    options: { input: 'ld [nr]\njqe #110, no\nld [args[6].lo]\nret ERRNO\njeq 5, no\nret ALOW\n' },
  },
  { name: 'asm-refused', command: ['asm', '-'], options: { input: 'ld [2]\n\nst M[16]\ndiv #0\n' } },
  {
    name: 'asm-force',
    command: ['asm', '-', '--force', '--format', 'base64'],
    options: { input: 'ld [nr]\n' },
  },
  { name: 'simulate', command: ['simulate', 'fixtures/cli/getppid.asm', 'fixtures/cli/getppid.calls'] },
  {
    name: 'simulate-json',
    command: ['simulate', 'fixtures/cli/getppid.asm', '-', '--json', '--arch', 'x86_64'],
    options: {
      input:
        '{"syscall":"getppid","args":[1,"0xffffffffffffffff"],"expected":"ALLOW"}\n{"arch":"arm64","nr":-1}\n',
    },
  },
  {
    name: 'simulate-mistakes',
    command: ['simulate', 'fixtures/cli/getppid.asm'],
    options: {
      input:
        'x86_64\nx86_46 read\nx86_64 raed\nx86 socket 1 2\nx86_64 read 1 2 3 4 5 6 7\nx86_64 read 0-0xffffffff\nx86_64 read ERRNO\ns390x read\n{"syscall":"read","args":[18446744073709551615]}\n{"sycall":1}\n{\n',
    },
  },
  {
    name: 'simulate-profile',
    command: ['simulate', 'fixtures/cli/kill-getppid.json', '-', ...caller, '-k', '3.10', '-r', 'plain'],
    options: { input: 'x86_64 getppid KILL_THREAD\nx86_64 read ALLOW\n' },
  },
  {
    name: 'simulate-builtin',
    command: ['simulate', 'docker-default', '-', ...caller],
    options: { input: 'x86_64 mount\n' },
  },
  { name: 'simulate-no-calls', command: ['simulate', 'fixtures/cli/getppid.asm', '-'] },
  {
    name: 'simulate-quiet',
    command: ['simulate', 'fixtures/cli/getppid.asm', 'fixtures/cli/getppid.calls', '-q'],
  },
  { name: 'syscalls-name', command: ['syscalls', 'openat'] },
  { name: 'syscalls-arch', command: ['syscalls', 'read', 'socket', 'arch_prctl', '231', '--arch', 's390x'] },
  { name: 'syscalls-json', command: ['syscalls', 'clone3', '--arch', 'arm64', '--json'] },
  { name: 'syscalls-typo', command: ['syscalls', 'opneat', 'execvp', '99999'] },
  { name: 'help-hook', command: ['hook', '--help'] },
  { name: 'help-hook-createRuntime', command: ['help', 'hook', 'createRuntime'] },
  { name: 'help-hook-config', command: ['hook', 'config', '-h'] },
  { name: 'help-agent', command: ['agent', '--help'] },
  { name: 'agent-spare', command: ['agent', '--spare', '0'] },
  { name: 'agent-relative', command: ['agent', '--socket', 'agent.sock'] },
  { name: 'hook-no-stage', command: ['hook'] },
  { name: 'hook-late-stage', command: ['hook', 'startContainer', '--profile', 'docker-default'] },
  { name: 'hook-unknown-option', command: ['hook', 'createRuntime', '--profil', 'docker-default'] },
  { name: 'hook-no-profile', command: ['hook', 'createRuntime'], options: { input: '{}' } },
  {
    name: 'hook-no-state',
    command: ['hook', 'createRuntime', '--profile', 'docker-default'],
    options: { input: '{"ociVersion":"1.0.2","id":"web","status":"running"}' },
  },
  {
    name: 'hook-foreign-process',
    command: ['hook', 'createRuntime', '--profile', 'docker-default'],
    options: {
      input: '{"ociVersion":"1.0.2","id":"web","status":"creating","pid":4194304,"bundle":"/run/web"}',
    },
  },
  {
    name: 'hook-precreate-hostile',
    command: ['hook', 'precreate', '--profiles-dir', '{folder}/profiles'],
    options: { input: '{"annotations":{"dev.oci-seccomp.profile":"../../etc/passwd"}}' },
  },
  { name: 'hook-config', command: ['hook', 'config', '--profile', 'docker-default', '--log', 'syslog'] },
  {
    name: 'hook-config-oci',
    command: ['hook', 'config', '--for', 'oci', '--profiles-dir', '{folder}/profiles', '--default', 'none'],
  },
  {
    name: 'hook-config-unproven',
    command: ['hook', 'config', '--profile', '{folder}/profiles/miscompiled.json', '--backend', 'libseccomp'],
  },
  {
    name: 'hook-config-podman-only',
    command: ['hook', 'config', '--for', 'oci', '--stage', 'precreate', '--profile', 'docker-default'],
  },
  { name: 'help-run', command: ['run', '--help'] },
  {
    name: 'run',
    command: ['run', '--', 'sh', '-c', 'echo "$0: $(grep Seccomp: /proc/self/status)"; exit 7', 'sh'],
  },
  { name: 'run-without-dashes', command: ['run', '-v', ...host, 'printf', '%s-%s\n', '-p', '--help'] },
  { name: 'run-no-command', command: ['run', '-p', plain] },
  { name: 'run-not-found', command: ['run', '--', 'no-such-command'] },
  { name: 'run-not-executable', command: ['run', '--', './package.json'] },
  {
    name: 'run-start-denied',
    command: ['run', '-p', '-', '--', 'echo', 'never'],
    options: {
      input:
        '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read","write"],"action":"SCMP_ACT_ALLOW"}]}',
    },
  },
  {
    name: 'run-notify',
    command: ['run', '-p', '-', '--', 'echo', 'never'],
    options: {
      input: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}',
    },
  },
  { name: 'run-other-arch', command: ['run', '--arch', 's390x', '--', 'echo', 'never'] },
  { name: 'run-seccomp-off', command: ['run', '-p', '-', '--', 'echo', 'never'], options: { input: '{}' } },
  {
    name: 'run-unproven',
    command: [
      'run',
      '-p',
      'fixtures/cli/miscompiled.json',
      '--backend',
      'libseccomp',
      '-r',
      'crun',
      '--',
      'echo',
      'never',
    ],
  },
  {
    name: 'run-allow-unproven',
    command: [
      'run',
      '-p',
      'fixtures/cli/miscompiled.json',
      '--backend',
      'libseccomp',
      ...host,
      '--allow-unproven',
      '--dry-run',
      '-',
    ],
    options: { input: 'personality(255)\npersonality(256)\n' },
  },
  { name: 'run-dry-run', command: ['run', ...host, '--dry-run', 'fixtures/cli/trace.txt'] },
  {
    name: 'run-dry-run-list',
    command: ['run', '-p', plain, ...host, '--dry-run', '-'],
    options: { input: 'read\nclose(3)\nsocket(AF_UNIX)\nopneat\n' },
  },
  { name: 'run-dry-run-allowed', command: ['run', ...host, '--dry-run', '-'], options: { input: 'read\n' } },
  { name: 'help-lint', command: ['lint', '--help'] },
  { name: 'help-rules', command: ['rules', '--help'] },
  { name: 'help-init', command: ['init', '--help'] },
  { name: 'init-unknown-place', command: ['init', '--ci', 'jenkins'] },
  { name: 'init-nowhere', command: ['init', 'nowhere'] },
  { name: 'lint', command: ['lint', 'fixtures/cli/mistakes.json', 'fixtures/cli/none.json'] },
  {
    name: 'lint-syntax',
    command: ['lint', '-'],
    options: { input: '{\n  "defaultAction": "SCMP_ACT_ALLOW",\n}\n' },
  },
  {
    name: 'lint-rule-off',
    command: ['lint', 'fixtures/cli/socket.json', '--rule', 'int-argument-high-bits=off'],
  },
  { name: 'lint-github', command: ['lint', 'fixtures/cli/mistakes.json', '--format', 'github'] },
  { name: 'lint-unknown-rule', command: ['lint', plain, '--rule', 'shadow-rule=off'] },
  { name: 'lint-no-level', command: ['lint', plain, '--rule', 'shadowed-rule'] },
  { name: 'lint-bad-config', command: ['lint', 'fixtures/cli/lint-config/profile.json'] },
  { name: 'lint-no-baseline', command: ['lint', plain, '--baseline', '{folder}/none.json'] },
  { name: 'lint-fix-builtin', command: ['lint', 'docker-default', '--fix'] },
  { name: 'rules-one', command: ['rules', 'unused-suppression'] },
  { name: 'rules-unknown', command: ['rules', 'suppression'] },
  { name: 'run-dry-run-no-calls', command: ['run', '--dry-run', plain] },
];

describe('oci-seccomp prints', () => {
  it.each(cases)('$name', async ({ name, command, options }) => {
    const words = command.map((word) => word.replace('{folder}', folder));
    await expect(transcript(command, ociSeccomp(words, options), options)).toMatchFileSnapshot(
      `transcripts/${name}.txt`,
    );
  });
});

/** The whole exchange; what differs between machines and runs is replaced by `#`. */
function transcript(
  command: readonly string[],
  { stdout, stderr, status }: Outcome,
  options: RunOptions = {},
): string {
  const environment = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value} `);
  const input = options.input === undefined ? '' : `<<< ${String(options.input)}\n`;
  const line = `$ ${environment.join('')}oci-seccomp ${command.join(' ')}\n${input}`;
  return `${line}--- stdout\n${stable(stdout)}--- stderr\n${stable(stderr)}--- exit ${status}\n`;
}

function stable(text: string): string {
  return text
    .replaceAll(folder, '{folder}')
    .replaceAll(process.execPath, '{node}')
    .replaceAll(root, '{root}')
    .replace(/^warning: this program cannot be trusted.*\n/gm, '')
    .replace(/in \d+ ms/g, 'in # ms')
    .replace(/time in ms: .*/g, 'time in ms: #')
    .replace(/\d+ calls per second/g, '# calls per second')
    .replace(/libseccomp \d+\.\d+\.\d+/g, 'libseccomp #')
    .replace(/is \d+\.\d+\.\d+$/gm, 'is #');
}
