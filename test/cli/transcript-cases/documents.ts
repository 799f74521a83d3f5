/** Commands that read documents: `resolve`, `validate`, `lint`, `rules`, `init`, and Kubernetes objects. */
import { type Case, host, killing, kubernetes, meaning, plain } from './case.ts';

export const documentsCases: readonly Case[] = [
  {
    name: 'resolve-runtime',
    command: ['resolve', 'fixtures/profiles/bad/mask-swapped.json', ...host, '--runtime', 'youki', '-v'],
  },
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
  {
    name: 'resolve-rejected-by-crun',
    command: ['resolve', '-', ...host],
    options: {
      input:
        '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_KILL","errnoRet":1}]}',
    },
  },
  { name: 'validate-runsc', command: ['validate', '--runtime', 'runsc', meaning, killing] },
  {
    name: 'validate-unit',
    command: ['validate', 'fixtures/cli/tight.service', 'fixtures/cli/container.seccomp'],
  },
  { name: 'lint-unit', command: ['lint', 'fixtures/cli/tight.service'] },
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
  {
    name: 'lint-update-baseline',
    command: ['lint', plain, '--baseline', '{folder}/baseline.json', '--update-baseline'],
  },
  { name: 'lint-no-baseline', command: ['lint', plain, '--baseline', '{folder}/none.json'] },
  { name: 'lint-fix-builtin', command: ['lint', 'docker-default', '--fix'] },
  { name: 'rules-one', command: ['rules', 'unused-suppression'] },
  { name: 'rules-unknown', command: ['rules', 'suppression'] },
];
