/** Commands that write profiles: `intersect`, `union`, `simplify`, `allow`, `deny`, `rebase`, `decompile`, `convert`. */
import { baseline, type Case, copy, host, plain, web } from './case.ts';

export const composeCases: readonly Case[] = [
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
  {
    name: 'union-contradicted',
    command: [
      ...['union', 'fixtures/cli/ambiguous.json', 'fixtures/cli/contradiction.json'],
      ...['--for', 'x86_64', '-o', '{folder}/both.json'],
    ],
  },
  { name: 'simplify', command: ['simplify', web] },
  {
    name: 'simplify-contradicted',
    command: ['simplify', 'fixtures/cli/contradiction.json', '--report', '-', '-o', '{folder}/simple.json'],
  },
  { name: 'simplify-diff', command: ['simplify', web, '--diff'] },
  { name: 'simplify-diff-unchanged', command: ['simplify', 'fixtures/cli/socket.json', '--diff'] },
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
  { name: 'decompile', command: ['decompile', 'fixtures/programs/vsftpd.b64'] },
  {
    name: 'decompile-kubernetes',
    command: ['decompile', 'fixtures/programs/lxc.b64', '--to', 'kubernetes', '--name', 'lxc'],
  },
  { name: 'decompile-inexpressible', command: ['decompile', 'fixtures/programs/crun.b64'] },
  { name: 'decompile-stricter', command: ['decompile', 'fixtures/programs/firejail-1.b64', '--stricter'] },
  { name: 'decompile-profile', command: ['decompile', 'docker-default'] },
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
];
