/**
 * What a hook loads: a container's start waits for it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { program } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-loaded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const lister = join(folder, 'list.cjs');
writeFileSync(
  lister,
  'process.on("exit", () => console.error("LOADED " + Object.keys(require.cache).join(" ")));',
);
const bpf = join(folder, 'allow.bpf');
writeFileSync(bpf, Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]));

function loaded(...words: readonly string[]): readonly string[] {
  const state = { ociVersion: '1.0', id: 'x', status: 'created', pid: 4_194_303, bundle: '/' };
  const { stderr } = spawnSync(process.execPath, ['--require', lister, program, 'hook', ...words], {
    encoding: 'utf8',
    input: JSON.stringify(state),
    env: {},
  });
  const files = /LOADED (.*)/.exec(stderr)?.[1]?.split(' ') ?? [];
  return files.map((file) => basename(file)).sort();
}

describe.skipIf(!existsSync(program))('a hook with a program compiled before [needs npm run build]', () => {
  it('loads neither libseccomp, nor the readers of profiles, nor commander', () => {
    expect(loaded('createRuntime', '--profile', bpf, '--no-new-privs', 'always')).toEqual(
      ['attach.cjs', 'base.cjs', 'hook.cjs', 'list.cjs', 'main.cjs', 'rolldown-runtime.cjs'].sort(),
    );
  });

  it('loads them for a profile, which shows that this list is true', () => {
    expect(loaded('precreate', '--profile', 'docker-default')).toEqual(
      expect.arrayContaining(['container.cjs', 'core.cjs', 'documents.cjs']),
    );
  });
});
