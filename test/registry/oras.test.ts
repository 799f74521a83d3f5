/**
 * ORAS, the client that people push artifacts with, and this program read what the other one wrote, in Debian's docker-registry.
 *
 * No package of Debian has `oras`. With Go 1.19 it can be built from its release 1.1.0, oras-go 2.3.0, oras-credentials-go
 * 0.2.0 and image-spec 1.1.0-rc4, all with Debian's packages of their other modules in GOPATH, once its one
 * strings.CutPrefix is spelled out, which Go 1.19 lacks.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ociSeccomp } from '../cli/run.ts';
import { describeWith } from '../oracle/support/require.ts';
import { type LocalRegistry, startRegistry } from './local-registry.ts';

const TYPE = 'application/vnd.cncf.seccomp-profile.config.v1+json';
const PROFILE =
  '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}\n';

describeWith(['docker-registry', 'oras', 'built'], 'ORAS', () => {
  let registry: LocalRegistry | undefined;
  let folder = '';
  const repository = (): string => `${registry?.host}/team/web`;
  const oras = (...words: readonly string[]): string =>
    execFileSync('oras', words, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-oras-'));
    writeFileSync(join(folder, 'web.json'), PROFILE);
    writeFileSync(join(folder, 'config.json'), '{}');
    registry = await startRegistry();
  });
  afterAll(async () => {
    await registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('pulls what push wrote, as a file', () => {
    const pushed = ociSeccomp(['push', join(folder, 'web.json'), `${repository()}:1`]);
    expect(pushed.status).toBe(0);
    mkdirSync(join(folder, 'pulled'));
    oras('pull', '--plain-http', pushed.stdout.trim(), '-o', 'pulled');
    expect(readFileSync(join(folder, 'pulled/profile.json'), 'utf8')).toBe(PROFILE);
  });

  it.each([
    [
      'with the type on config and artifactType',
      ['--config', `config.json:${TYPE}`, '--artifact-type', TYPE],
    ],
    ['with the type on the config alone', ['--config', `config.json:${TYPE}`]],
    ['with the type as artifactType alone', ['--artifact-type', TYPE]],
  ])('pushes what pull reads, %s', (_, words) => {
    const printed = oras(
      'push',
      '--plain-http',
      `${repository()}:oras`,
      ...words,
      'web.json:application/json',
    );
    const [digest = ''] = /sha256:[0-9a-f]{64}/.exec(printed) ?? [];
    const pulled = ociSeccomp(['pull', `${repository()}@${digest}`]);
    expect(pulled.status, pulled.stderr).toBe(0);
    expect(pulled.stdout).toBe(PROFILE);
  });

  it('pushes other artifacts, which pull refuses', () => {
    const printed = oras('push', '--plain-http', `${repository()}:other`, 'web.json:application/json');
    const [digest = ''] = /sha256:[0-9a-f]{64}/.exec(printed) ?? [];
    const pulled = ociSeccomp(['pull', `${repository()}@${digest}`]);
    expect(pulled).toMatchObject({ status: 2, stdout: '' });
    expect(pulled.stderr).toContain(TYPE);
  });
});
