/**
 * Many containers with the hook, one after another and at once: each is filtered, none hangs, nothing stays behind.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { samples } from '../support/samples.ts';
import { eventually, type HookedRuntime, leftBehind, makeHooked, ociSeccomp } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-hook-many-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ONE_AFTER_ANOTHER = Number(process.env.OCI_SECCOMP_STARTS ?? samples(20));
const AT_ONCE = samples(20);
const program = join(folder, 'docker.bpf');
const runtimes: readonly HookedRuntime[] = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
];
const args = ['/bin/busybox', 'grep', 'Seccomp_filters:', '/proc/self/status'];
const FILTERED = 'Seccomp_filters:\t1\n';

describeWith(['root', 'runc', 'crun', 'busybox', 'cc', 'built'], 'many containers with the hook', () => {
  it.each(runtimes)(`$name: ${ONE_AFTER_ANOTHER} one after another`, (runtime) => {
    expect(ociSeccomp('compile', 'docker-default', '-q', '-o', program).stderr).toBe('');
    const bundle = makeHooked(runtime, { hook: ['--profile', program], capabilities: [], args });
    try {
      for (let i = 0; i < ONE_AFTER_ANOTHER; i++)
        expect(bundle.call('run', 'ID').output, `start ${i}`).toBe(FILTERED);
      expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]);
      const lines = bundle.logText().trimEnd().split('\n');
      expect(lines.filter((line) => line.includes(' attached: '))).toHaveLength(ONE_AFTER_ANOTHER);
      expect(lines.filter((line) => line.includes('has its filter'))).toHaveLength(ONE_AFTER_ANOTHER);
      expect(lines).toHaveLength(2 * ONE_AFTER_ANOTHER);
    } finally {
      bundle.remove();
    }
    expect(existsSync(bundle.folder)).toBe(false);
  });

  it.each(runtimes)(`$name: ${AT_ONCE} at once`, async (runtime) => {
    expect(ociSeccomp('compile', 'docker-default', '-q', '-o', program).stderr).toBe('');
    const bundles = Array.from({ length: AT_ONCE }, () =>
      makeHooked(runtime, { hook: ['--profile', program], capabilities: [], args }),
    );
    try {
      const outputs = await Promise.all(bundles.map(({ start }) => start()));
      expect(outputs).toEqual(bundles.map(() => FILTERED));
      expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]);
      for (const bundle of bundles) expect(bundle.logText()).toMatch(/ attached: .*\n.*has its filter/);
    } finally {
      for (const bundle of bundles) bundle.remove();
    }
    expect(bundles.filter((bundle) => existsSync(bundle.folder))).toEqual([]);
  });
});
