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

interface Case {
  readonly name: string;
  readonly command: readonly string[];
  readonly options?: RunOptions;
}

const cases: readonly Case[] = [
  { name: 'help', command: ['--help'] },
  { name: 'help-compile', command: ['compile', '--help'] },
  { name: 'help-resolve', command: ['help', 'resolve'] },
  { name: 'help-validate', command: ['validate', '--help'] },
  { name: 'help-syscalls', command: ['syscalls', '--help'] },
  { name: 'help-doctor', command: ['doctor', '--help'] },
  { name: 'no-command', command: [] },
  { name: 'unknown-command', command: ['compil'] },
  { name: 'unknown-option', command: ['compile', plain, '--runtme', 'crun'] },
  { name: 'missing-operand', command: ['compile'] },
  { name: 'unknown-choice', command: ['compile', plain, '--format', 'elf'] },
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
  { name: 'validate-no-match', command: ['validate', 'fixtures/cli/*.toml'] },
  { name: 'syscalls-name', command: ['syscalls', 'openat'] },
  { name: 'syscalls-arch', command: ['syscalls', 'read', 'socket', 'arch_prctl', '231', '--arch', 's390x'] },
  { name: 'syscalls-json', command: ['syscalls', 'clone3', '--arch', 'arm64', '--json'] },
  { name: 'syscalls-typo', command: ['syscalls', 'opneat', 'execvp', '99999'] },
  { name: 'help-hook', command: ['hook', '--help'] },
  { name: 'help-hook-createRuntime', command: ['help', 'hook', 'createRuntime'] },
  { name: 'help-hook-config', command: ['hook', 'config', '-h'] },
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
    command: ['hook', 'config', '--profile', '{folder}/profiles/miscompiled.json'],
  },
  {
    name: 'hook-config-podman-only',
    command: ['hook', 'config', '--for', 'oci', '--stage', 'precreate', '--profile', 'docker-default'],
  },
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
    .replace(/^warning: this program is not to be trusted.*\n/gm, '')
    .replace(/in \d+ ms/g, 'in # ms')
    .replace(/time in ms: .*/g, 'time in ms: #')
    .replace(/libseccomp \d+\.\d+\.\d+/g, 'libseccomp #')
    .replace(/is \d+\.\d+\.\d+$/gm, 'is #');
}
