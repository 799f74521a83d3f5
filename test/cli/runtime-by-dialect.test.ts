/**
 * Who is taken to install a filter when nobody says so: a runtime for profiles of containers, libseccomp alone for what
 * systemd and LXC read themselves. runc answers ENOSYS to calls that are newer than the profile; they do not.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeWith } from '../oracle/support/require.ts';
import { ociSeccomp } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-runtime-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const unit = write(
  'web.service',
  '[Service]\nSystemCallFilter=read write execve exit_group\nSystemCallArchitectures=native\n',
);
const policy = write('lxc.conf', '2\nallowlist errno 13\n[all]\nread\nwrite\nexecve\nexit_group\n');
const profile = write(
  'profile.json',
  '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}\n',
);

describeWith(['libseccomp 2.5.4'], 'the runtime of a profile', () => {
  it.each([
    ['a unit', unit],
    ['a policy of LXC', policy],
  ])('%s is compiled as libseccomp alone builds it', (_, file) => {
    const compile = (...more: string[]) =>
      ociSeccomp(['compile', file, '--arch', 'x86_64', '-f', 'base64', ...more]).stdout;
    expect(compile().length).toBeGreaterThan(50);
    expect(compile()).toBe(compile('--runtime', 'plain'));
    expect(compile()).not.toBe(compile('--runtime', 'runc'));
    expect(ociSeccomp(['explain', file, 'read']).stdout).toContain('as libseccomp alone builds it');
    expect(ociSeccomp(['lint', file, '-f', 'compact']).stdout).not.toContain('runc');
  });

  it('a profile of containers is compiled as runc does', () => {
    expect(ociSeccomp(['explain', profile, 'read']).stdout).toContain('as runc installs it');
  });
});

describe('the runtime of run', () => {
  it('is what the description says', () => {
    const { stderr } = ociSeccomp(['run', '--profile', policy, '--runtime', 'nope', '--', 'true']);
    expect(stderr).toContain("unknown runtime 'nope'");
  });
});
