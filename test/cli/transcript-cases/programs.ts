/** Commands for BPF programs: `asm`, `disasm`, `simulate`. */
import { type Case, caller, getppid, onOldKernel, plain } from './case.ts';

export const programsCases: readonly Case[] = [
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
  { name: 'disasm-sentence', command: ['disasm', '-'], options: { input: 'hello world\n' } },
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
    command: ['simulate', 'fixtures/cli/kill-getppid.json', '-', ...onOldKernel, '-r', 'plain'],
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
];
