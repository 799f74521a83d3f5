/**
 * explain, verify, diff and subset on containers that run: what they say of a live filter is what the kernel does.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { describeWith } from './support/require.ts';
import { withContainer } from './support/runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-meaning-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The runtime that is installed, as `--runtime` takes it. */
function spelling(name: 'runc' | 'crun'): string {
  if (name === 'crun') return name;
  const { stdout } = spawnSync('runc', ['--version'], { encoding: 'utf8' });
  return `runc@${/runc version (\d+\.\d+\.\d+)/.exec(stdout)?.[1]}`;
}

const profile = ociSeccomp(['resolve', 'docker-default', '-q']).stdout;
const file = join(folder, 'profile.json');
writeFileSync(file, profile);

for (const name of ['runc', 'crun'] as const) {
  describeWith(
    ['root', 'x86_64', name, 'busybox', 'ptrace', 'built'],
    `a running container of ${name}`,
    () => {
      it('is explained, verified and compared', () => {
        withContainer({ name, path: name }, profile, (pid) => {
          const runtime = ['--runtime', spelling(name)];
          const explained = ociSeccomp(['explain', '--pid', `${pid}`, 'socket', 'AF_VSOCK', '--trace']);
          expect(explained).toMatchObject({ status: 0, stderr: '' });
          expect(explained.stdout).toMatch(
            /^x86_64 socket\(AF_VSOCK \(40\), type, protocol\): ERRNO EPERM \(1\)\n/,
          );
          expect(explained.stdout).toMatch(/trace .* instructions, to ERRNO EPERM \(1\):\n/);

          const verified = ociSeccomp(['verify', file, '--pid', `${pid}`, ...runtime]);
          // Where this machine's libseccomp knows fewer names than the profile, "equal" and what that costs.
          expect(verified.stdout).toMatch(/^(?:proven|equal): process \d+ .*, for every call\n/);
          expect(verified.stdout).toMatch(/^rests on:\n/m);
          expect(verified.status).toBe(0);
          expect(ociSeccomp(['diff', file, `pid:${pid}`, ...runtime]).status).toBe(0);
          expect(ociSeccomp(['subset', `pid:${pid}`, file, ...runtime]).status).toBe(0);

          // Read for another runtime it is not the profile, and which runtime it is for is found.
          const other = ociSeccomp([
            'verify',
            file,
            `pid:${pid}`,
            '--runtime',
            name === 'runc' ? 'crun' : 'runc',
          ]);
          expect(other.stdout).toMatch(/^not equal: /);
          expect(other.stdout).toContain(`for ${name}`);
          expect(other.status).toBe(1);
        });
      });
    },
  );
}
