/** Commands that compare meanings: `diff`, `subset`, `verify`. */
import { ambiguous, type Case, host, killing, kubernetes, meaning, plain, unknownAction } from './case.ts';

export const compareCases: readonly Case[] = [
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
  {
    name: 'subset-objects',
    command: [
      'subset',
      ...[`${kubernetes}/good/several.yaml`, `${kubernetes}/good/several.yaml`, ...host],
      ...['--object', 'runtime', '--other-object', 'server'],
    ],
  },
  { name: 'diff-nothing', command: ['diff', plain] },
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
];
