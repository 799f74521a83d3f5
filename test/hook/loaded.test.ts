/**
 * What a hook loads: a container's start waits for it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { program } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-loaded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const bpf = join(folder, 'allow.bpf');
writeFileSync(bpf, Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]));

function loaded(...words: readonly string[]): readonly string[] {
  const state = { ociVersion: '1.0', id: 'x', status: 'created', pid: 4_194_303, bundle: '/' };
  const to = mkdtempSync(join(folder, 'coverage-'));
  spawnSync(process.execPath, [program, 'hook', ...words], {
    input: JSON.stringify(state),
    env: { NODE_V8_COVERAGE: to },
  });
  const [report = ''] = readdirSync(to);
  const { result } = JSON.parse(readFileSync(join(to, report), 'utf8')) as Coverage;
  const names = result.flatMap(({ url }) => (url.includes('/dist/bin/') ? [basename(url)] : []));
  return [...new Set(names)].sort();
}

/** V8's own account of the files that a process compiled. */
interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

describe.skipIf(!existsSync(program))('a hook with a program compiled before [needs npm run build]', () => {
  it('loads neither libseccomp, nor the readers of profiles, nor commander', () => {
    expect(loaded('createRuntime', '--profile', bpf, '--no-new-privs', 'always')).toEqual([
      'attach.cjs',
      'base.cjs',
      'bpf.cjs',
      'hook.cjs',
      'main.cjs',
      // It is refused here; these tell why.
      'poll-set.cjs',
      'run-program.cjs',
      'tell-reason.cjs',
      'tell-stderr.cjs',
    ]);
  });

  it('loads them for a profile, which shows that this list is true', () => {
    expect(loaded('precreate', '--profile', 'docker-default')).toEqual(
      expect.arrayContaining(['container.cjs', 'core.cjs', 'documents.cjs']),
    );
  });
});
