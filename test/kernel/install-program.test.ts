/**
 * Filters that processes put into themselves: the kernel says who got one, by its answers and by /proc.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EACCES, EINVAL, ESRCH } from '../../src/abi/errno-constants.ts';
import { installProgram } from '../../src/kernel/install-program.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { type Bundle, bundleProgram } from './support/bundle.ts';

interface Seen {
  readonly installed?: { readonly code: string; readonly message: string; readonly details: object };
  /** What mkdir got on the main thread, and on one of the pool. */
  readonly here: string;
  readonly pool: string;
  /** How many filters the threads have. */
  readonly threads: readonly number[];
}

let installer: Bundle;
beforeAll(async () => {
  installer = await bundleProgram('test/kernel/support/install-filter.ts');
});
afterAll(() => installer.remove());

function seenIn(name: string, wrapper: readonly string[] = []): Seen {
  const [command = '', ...args] = [...wrapper, process.execPath, installer.file, name];
  const options = { encoding: 'utf8', timeout: HANGS_AFTER, killSignal: 'SIGKILL' } as const;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(command, args, { ...options, env });
  if (stdout === '') throw new Error(`${command}: ${stderr}`);
  return JSON.parse(stdout) as Seen;
}

describeWith(['x86_64', 'root'], 'installProgram in a process', () => {
  it('filters every thread, also those that were there', () => {
    const { threads, ...seen } = seenIn('all');
    expect(seen).toEqual({ here: 'EPERM', pool: 'EPERM' });
    expect(threads.length).toBeGreaterThan(4);
    expect(new Set(threads)).toEqual(new Set([1]));
  });

  it('filters the calling thread alone if that is asked', () => {
    const { threads, ...seen } = seenIn('current');
    expect(seen).toEqual({ here: 'EPERM', pool: 'ENOENT' });
    expect(threads.filter((count) => count === 1)).toHaveLength(1);
  });

  it('filters no thread if one has a filter that the others lack, and names it', () => {
    const { installed, here, pool, threads } = seenIn('diverged');
    expect(installed).toMatchObject({
      code: 'ERR_KERNEL',
      details: { errno: ESRCH, thread: expect.any(Number) },
    });
    expect({ here, pool }).toEqual({ here: 'ENOENT', pool: 'ENOENT' });
    expect(threads.filter((count) => count === 1)).toHaveLength(1);
  });

  it('says what the kernel has against flags', () => {
    const { installed, here } = seenIn('killable');
    expect(installed).toMatchObject({ code: 'ERR_KERNEL', details: { errno: EINVAL } });
    expect(here).toBe('ENOENT');
  });

  it('needs no_new_privs or CAP_SYS_ADMIN', () => {
    expect(seenIn('privileges')).toMatchObject({ here: 'EPERM', pool: 'EPERM' });
    const without = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
    const { installed, here } = seenIn('privileges', without);
    expect(installed).toMatchObject({ code: 'ERR_KERNEL', details: { errno: EACCES } });
    expect(here).toBe('ENOENT');
    expect(seenIn('all', without)).toMatchObject({ here: 'EPERM', pool: 'EPERM' });
  });
});

describe('installProgram', () => {
  const filters = (): string | undefined =>
    /^Seccomp_filters:.*$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[0];

  it('refuses what it would be wrong to install, and installs nothing', () => {
    const before = filters();
    expect(() => installProgram([])).toThrow(/no kernel takes this program/);
    expect(() => installProgram([{ code: 6, jt: 0, jf: 0, k: 0x7fc00000 }])).toThrow(/says NOTIFY/);
    expect(() =>
      installProgram([{ code: 6, jt: 0, jf: 0, k: 0x7fff0000 }], { flags: ['LOG' as never] }),
    ).toThrow(/flags/);
    expect(filters()).toBe(before);
  });
});
