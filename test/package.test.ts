/**
 * The package as npm delivers it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ociSeccomp, root } from './cli/run.ts';
import { installPacked } from './support/npm.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

describe('the package', () => {
  it('tells its version', () => {
    expect(ociSeccomp(['--version']).stdout).toBe(`${manifest.version}\n`);
  });

  it.each(['package-lock.json', 'tools/api-docs/package-lock.json'])('has no addresses in %s', (file) => {
    expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/"resolved"|https?:\/\/registry/);
  });
});

describe('the package, packed and installed into an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-package-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(() => installPacked(root, folder, { type: 'module' }));

  it('compiles a profile', () => {
    const bin = join(folder, 'node_modules/.bin/oci-seccomp');
    const { stdout, stderr, status } = spawnSync(bin, ['compile', 'docker-default', '-q'], { cwd: folder });
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
    expect(stdout.equals(ociSeccomp(['compile', 'docker-default', '-q']).bytes)).toBe(true);
  });

  it('has the runtime wrapper', () => {
    const bin = join(folder, 'node_modules/.bin/oci-seccomp-runtime');
    const env = { PATH: process.env.PATH ?? '', OCI_SECCOMP_CONFIG: join(folder, 'absent.json') };
    const { stderr, status } = spawnSync(bin, ['run', 'ID'], { cwd: folder, encoding: 'utf8', env });
    expect(stderr).toMatch(/^oci-seccomp-runtime: error: the configuration .*absent.json cannot be read/);
    expect(status).toBe(1);
  });

  it('is imported, types included', () => {
    writeFileSync(
      join(folder, 'use.ts'),
      `import { builtinProfiles, type Profile } from 'oci-seccomp';
       import { parseRuntime } from 'oci-seccomp/policy';
       const profile: Profile = builtinProfiles['docker-default']();
       // @ts-expect-error a runtime is named by a string
       parseRuntime(1);
       export const count: number = profile.rules.length;`,
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const check = spawnSync(
      process.execPath,
      [tsc, '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', 'use.ts'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(check.stdout).toBe('');
    const script =
      "import('oci-seccomp').then((m) => console.log(Object.keys(m.builtinProfiles).length > 1))";
    expect(execFileSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' })).toBe('true\n');
  });

  it('carries the schemas', () => {
    const script = "console.log(import.meta.resolve('oci-seccomp/schemas/docker.schema.json'))";
    const url = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(JSON.parse(readFileSync(new URL(url.trim()), 'utf8'))).toHaveProperty('title');
  });
});
