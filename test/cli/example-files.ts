/** The files that examples of the help and of the pages name, and a shell that runs the examples among them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HANGS_AFTER } from '../support/patience.ts';
import { ociSeccomp, program, root } from './run.ts';

/** They write below /etc or into the home folder, or need the reader's own program, image, agent or registry; other tests run the same commands. */
export const NEEDS_MORE: RegExp =
  /hook (?:config|check|explain|wrapper)|npm test|completion (?:zsh|fish)|registry\.example|record --container|\/run\/oci-seccomp/;

export function writeExampleFiles(folder: string): void {
  const path = (name: string): string => join(folder, name);
  const profile = JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: ['read', 'write', 'clone3', 'ioctl'], action: 'SCMP_ACT_ALLOW' }],
  });
  for (const name of ['old.json', 'my-profile.json', 'baseline.json']) writeFileSync(path(name), profile);
  writeFileSync(path('new.json'), profile.replace('"clone3"', '"clone3", "mount"'));
  ociSeccomp(['resolve', 'docker-default', '-q', '-o', path('profile.json')]);
  mkdirSync(path('profiles'));
  mkdirSync(path('bundle'));
  ociSeccomp(['resolve', 'podman-default', '-q', '-o', path('profiles/web.json')]);
  writeFileSync(
    path('bundle/config.json'),
    readFileSync(join(root, 'fixtures/profiles/good/bundle-config.json')),
  );
  writeFileSync(path('audit.log'), readFileSync(join(root, 'fixtures/audit/audit.log')));
  writeFileSync(path('calls.txt'), 'x86_64 read ALLOW\n');
  ociSeccomp(['compile', path('profile.json'), '--runtime', 'crun', '-q', '-o', path('filter.bpf')]);
  ociSeccomp(['disasm', path('filter.bpf'), '-o', path('filter.asm')]);
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs a line as bash does. */
export function shell(folder: string, line: string): Ended {
  const script = `oci-seccomp() { '${process.execPath}' '${program}' "$@"; }
dot() { cat >/dev/null; }
set -o pipefail
${line}`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    timeout: HANGS_AFTER,
  });
  return { stdout, stderr, status };
}
