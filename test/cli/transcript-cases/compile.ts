/** `compile`. */
import { type Case, host, modern, plain, typo } from './case.ts';

export const compileCases: readonly Case[] = [
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
  { name: 'compile-syntax-plain', command: ['compile', '-', '-r', 'plain'], options: { input: '[' } },
  {
    name: 'compile-bundle',
    command: ['compile', 'fixtures/profiles/good/bundle-config.json', ...host, '-o', '/dev/null'],
  },
  { name: 'compile-runsc', command: ['compile', plain, '--runtime', 'runsc'] },
];
