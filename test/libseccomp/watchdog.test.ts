/** The end of a process in which libseccomp may not return: by processor time, and far above it by the clock. */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { describeWith } from '../oracle/support/require.ts';
import { bundleModule } from '../support/bundle-module.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const watchdog = pathToFileURL(await bundleModule('libseccomp/watchdog.ts')).href;

/** @returns the signal that ended the process */
function endOf(
  limits: { readonly cpuMs: number; readonly wallSeconds: number },
  then: string,
): string | null {
  const script = `
    const { endProcessAfter } = await import(${JSON.stringify(watchdog)});
    endProcessAfter(${JSON.stringify(limits)});
    ${then}`;
  const parameters = ['--input-type=module', '-e', script];
  return spawnSync(process.execPath, parameters, { timeout: HANGS_AFTER }).signal;
}

describeWith(['built'], 'endProcessAfter', () => {
  it('ends a process that works', () => {
    expect(endOf({ cpuMs: 150, wallSeconds: 1000 }, 'for (;;);')).toBe('SIGPROF');
    expect(endOf({ cpuMs: 1010, wallSeconds: 1000 }, 'for (;;);')).toBe('SIGPROF');
  });

  it('ends a process that waits, after the time by the clock', () => {
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
    expect(endOf({ cpuMs: 100_000, wallSeconds: 1 }, wait)).toBe('SIGALRM');
  });

  it('leaves one alone that ends before', () => {
    expect(endOf({ cpuMs: 100_000, wallSeconds: 100 }, '')).toBe(null);
  });
});
