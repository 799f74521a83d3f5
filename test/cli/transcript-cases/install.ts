/** Commands that install filters: `run`, `hook`, `agent`. */
import { type Case, host, plain, typo } from './case.ts';

export const installCases: readonly Case[] = [
  { name: 'run-strict', command: ['run', '--profile', '-', '--strict', '--', 'true'], options: typo },
  { name: 'run-warns', command: ['run', '--profile', '-', '--', 'true'], options: typo },
  {
    name: 'run-strict-program',
    command: ['run', '--profile', 'fixtures/cli/socket.hex', '--strict', '--', 'true'],
  },
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
  { name: 'run-dry-run-no-calls', command: ['run', '--dry-run', plain] },
];
