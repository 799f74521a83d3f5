/**
 * Processes in a frozen control group, which the kernel shows as if they waited for something else.
 */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { isFrozen } from '../../src/kernel/frozen-process.ts';
import { lateError } from '../../src/kernel/inject-errors.ts';
import { withStoppedThread } from '../../src/kernel/stop-thread.ts';
import { describeWith } from '../oracle/support/require.ts';
import { buildTracer, removeTracer, startTracer } from './support/inject.ts';
import { endTargets, pause, startTarget } from './support/target.ts';

interface Freezer {
  readonly version: string;
  readonly mount: string;
  readonly file: string;
  readonly freeze: string;
  readonly thaw: string;
  /** A file that says when all have stopped. */
  readonly state: string;
  readonly done: RegExp;
}

/** As mount(8) shows them: the second field is the mount point, and the third the type. */
const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
const freezers: readonly Freezer[] = mounts.flatMap((line): readonly Freezer[] => {
  const [, mount = '', type, options = ''] = line.split(' ');
  if (type === 'cgroup' && options.split(',').includes('freezer')) {
    const file = 'freezer.state';
    return [{ version: 'v1', mount, file, freeze: 'FROZEN', thaw: 'THAWED', state: file, done: /^FROZEN/ }];
  }
  if (type !== 'cgroup2') return [];
  const written = { file: 'cgroup.freeze', freeze: '1', thaw: '0' };
  return [{ version: 'v2', mount, ...written, state: 'cgroup.events', done: /^frozen 1$/m }];
});

const thaws: (() => void)[] = [];
const groups: string[] = [];
afterEach(async () => {
  for (const thaw of thaws.splice(0)) thaw();
  endTargets();
  for (const group of groups.splice(0)) await removeGroup(group);
});

/** Busy until the kernel has done away with what was in it. */
async function removeGroup(group: string): Promise<void> {
  for (;;) {
    try {
      rmdirSync(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      await pause(1);
    }
  }
}

/** Freezes a group and not the process's own: what is above a process counts too. */
async function freeze({ mount, file, freeze, thaw, state, done }: Freezer, pid: number): Promise<void> {
  const outer = `${mount}/oci-seccomp-test-${pid}`;
  const inner = `${outer}/inner`;
  mkdirSync(inner, { recursive: true });
  groups.push(inner, outer);
  thaws.push(() => writeFileSync(`${outer}/${file}`, thaw));
  writeFileSync(`${inner}/cgroup.procs`, String(pid));
  expect(isFrozen(pid)).toBe(false);
  writeFileSync(`${outer}/${file}`, freeze);
  while (!done.test(readFileSync(`${inner}/${state}`, 'utf8'))) await pause(1);
}

describeWith(['root', 'ptrace', 'cc', 'x86_64'], 'a process in a frozen control group', () => {
  it.each(freezers)('is known as frozen ($version)', async (freezer) => {
    const { pid } = await startTarget(['count']);
    expect(isFrozen(pid)).toBe(false);
    expect(lateError(pid, 'returning').hint).toMatch('listener');
    await freeze(freezer, pid);
    expect(isFrozen(pid)).toBe(true);
    expect(lateError(pid, 'returning').hint).toMatch('its control group is frozen');
    expect(isFrozen(process.pid)).toBe(false);
  });

  it.each(freezers.filter(({ version }) => version === 'v1'))(
    'does not stop, and the message says why',
    async (freezer) => {
      const { pid } = await startTarget(['count']);
      await freeze(freezer, pid);
      const look = () => withStoppedThread(pid, performance.now() + 100, () => 'stopped');
      expect(look).toThrow(/did not stop in time: its control group is frozen/);
    },
  );

  it.each(freezers.filter(({ version }) => version === 'v1'))(
    'is not put under a filter, and the message says why',
    async (freezer) => {
      await buildTracer();
      try {
        const { pid } = await startTarget(['count']);
        await freeze(freezer, pid);
        const { result } = await startTracer({ pid, program: '' });
        expect((await result)?.message).toMatch(/cannot be closed .*: its control group is frozen/);
      } finally {
        removeTracer();
      }
    },
  );

  it.each(freezers.filter(({ version }) => version === 'v2'))(
    'stops for a tracer ($version)',
    async (freezer) => {
      const { pid } = await startTarget(['count']);
      await freeze(freezer, pid);
      expect(withStoppedThread(pid, performance.now() + 10_000, () => 'stopped')).toBe('stopped');
    },
  );
});

it('that is not there is not frozen', () => {
  expect(isFrozen(2 ** 30)).toBe(false);
});
