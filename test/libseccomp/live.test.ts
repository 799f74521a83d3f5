/**
 * Filters in the living kernel: each scenario of support/live.mjs filters a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../tools/debian-cache.ts';
import { installedLibraries } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';

interface Ending {
  readonly lines: readonly unknown[];
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

const script = `${projectRoot()}/test/libseccomp/support/live.mjs`;

function live(scenario: string, library: string, wrapper: readonly string[] = []): Ending {
  const [command = '', ...rest] = [...wrapper, process.execPath, script, scenario];
  const { stdout, stderr, status, signal, error } = spawnSync(command, rest, {
    encoding: 'utf8',
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
    env: { ...process.env, OCI_SECCOMP_LIBRARY: library },
  });
  if (error !== undefined) throw error;
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { lines: lines.map((line) => JSON.parse(line) as unknown), status, signal, stderr };
}

/** One copy of each version. */
const libraries = [...new Map(installedLibraries().map((each) => [each.version, each])).values()];

const EPERM = 1;
const ESRCH = 3;
const EACCES = 13;
const EBUSY = 16;
const EOPNOTSUPP = 95;

interface Row {
  readonly scenario: string;
  readonly why: string;
  readonly lines: readonly unknown[];
  /** Exit status or signal; default 0. */
  readonly end?: number | NodeJS.Signals;
  /** Program the process is started by. */
  readonly wrapper?: readonly string[];
}

/** Errnos are negative, as the system call returns them; `true` is the call's real value. */
const rows: readonly Row[] = [
  {
    scenario: 'errno',
    why: 'by name, by number, and where no rule matches',
    lines: [[-EACCES, -77, true]],
  },
  { scenario: 'allow', why: 'all that no rule allows fails', lines: [[true, -EPERM]], end: 7 },
  {
    scenario: 'killProcess',
    why: 'the process dies of SIGSYS in the call',
    lines: ['filtered'],
    end: 'SIGSYS',
  },
  {
    scenario: 'killThread',
    why: 'the thread is gone, the process lives',
    lines: [['alive', true]],
    end: 'SIGTERM',
  },
  { scenario: 'trap', why: 'SIGSYS kills who has no handler', lines: ['filtered'], end: 'SIGSYS' },
  { scenario: 'trapHandled', why: 'the call is not made, the handler runs', lines: [[false, 'SIGSYS']] },
  {
    scenario: 'allThreads',
    why: 'main thread, workers from before, every other thread, a worker from after',
    lines: [[true, -EACCES, -EACCES, -EACCES, -EACCES], [2], -EACCES],
  },
  {
    scenario: 'currentThread',
    why: 'one thread of many and what it starts; the others are free',
    lines: [[-EACCES, true], [1, true], -EACCES],
  },
  {
    scenario: 'workerLoadsForAll',
    why: 'a worker binds the main thread and its siblings too',
    lines: [[-EACCES, -EACCES, -EACCES, 2]],
  },
  {
    scenario: 'workerLoadsForItself',
    why: 'a worker confines itself only',
    lines: [[-EACCES, true, true, 0]],
  },
  {
    scenario: 'diverged',
    why: 'TSYNC names the thread that has a filter of its own, and loads nothing; this thread alone can be filtered',
    lines: [
      ['ERR_KERNEL', ESRCH, true, true, 0],
      ['loaded', -EPERM],
    ],
  },
  {
    scenario: 'privileged',
    why: 'CAP_SYS_ADMIN needs no no_new_privs',
    lines: [['loaded', -EPERM, 0]],
  },
  {
    scenario: 'unprivileged',
    why: 'without either it is EACCES and nothing is filtered; with no_new_privs it loads',
    lines: [{ code: 'ERR_KERNEL', details: { errno: EACCES } }, [true, 0, 0], ['loaded', -EPERM, 1]],
    wrapper: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all'],
  },
  {
    scenario: 'stacked',
    why: 'ERRNO before LOG; of two ERRNO the later; KILL_PROCESS before all',
    lines: [[-EACCES, -EPERM, -EPERM, 4]],
    end: 'SIGSYS',
  },
  {
    scenario: 'notify',
    why: 'a worker is answered by the main thread: value, error by name and number, continue; its sibling is free',
    lines: [
      [
        ['getppid', 1, 5],
        ['getppid', 2, -EACCES],
        ['getppid', 3, -EPERM],
        ['getppid', 4, 'ppid'],
      ],
      true,
    ],
  },
  {
    scenario: 'notifyAllThreads',
    why: 'one filter for all threads, whose supervisor is one of them and ends by its signal',
    lines: [[[100, 101, 102, 103], 'AbortError']],
  },
  {
    scenario: 'secondListener',
    why: 'libseccomp asks for one listener a process: a second filter would have its calls fail with ENOSYS',
    lines: [['ERR_LIBSECCOMP', true, 'ERR_USAGE', true, 'loaded']],
  },
  {
    scenario: 'apiLevels',
    why: 'a level that is set first of all hides no call of the kernel, and at level 1 prctl(2) loads for this thread',
    lines: [[-EACCES, -EPERM, EOPNOTSUPP]],
  },
  {
    scenario: 'withoutListener',
    why: 'NOTIFY that would get no listener is refused; the kernel’s own error is told; a reset asks the kernel again',
    lines: [['ERR_USAGE', 'ERR_USAGE', { code: 'ERR_KERNEL', details: { errno: EBUSY } }, false]],
  },
  {
    scenario: 'throwWhileWaiting',
    why: 'an uncaught error does not wait for a request',
    lines: ['throw'],
    end: 1,
  },
  {
    scenario: 'terminateWhileWaiting',
    why: 'nor does terminating the worker that waits',
    lines: ['terminated'],
  },
  { scenario: 'stillResolves', why: 'Node lives on under a filter', lines: ['127.0.0.1'] },
];

describeWith(['root', 'x86_64', 'built'], 'a filter in the kernel', () => {
  describe.each(libraries)('libseccomp $version ($origin)', ({ path }) => {
    it.each(rows)('$scenario: $why', ({ scenario, lines, end = 0, wrapper }) => {
      const ending = live(scenario, path, wrapper);
      if (end !== 1) expect(ending.stderr).toBe('');
      expect(ending.lines).toEqual(lines);
      expect(typeof end === 'number' ? ending.status : ending.signal).toBe(end);
    });
  });
});

describeWith(['root', 'x86_64', 'built'], 'process.exit()', () => {
  it('does not wait for a request', () => {
    // No request ever comes: with a wait the process would be killed.
    const { status, signal } = live('exitWhileWaiting', '');
    expect({ status, signal }).toEqual({ status: 3, signal: null });
  });
});

/** The kernel's records, if it writes them to its own log: an audit daemon would take them away. */
function records(): readonly string[] {
  const { stdout } = spawnSync('dmesg', { encoding: 'utf8', maxBuffer: 1 << 26 });
  return stdout.split('\n').filter((line) => line.includes('type=1326'));
}

/** The kernel drops records when there are many: asks again until there is one. */
async function recordsOf(scenario: string): Promise<readonly string[]> {
  for (let i = 0; i < 5; i++) {
    // A process that has gone may have had the same number.
    const before = new Set(records());
    const { lines } = live(scenario, '');
    const found = records().filter((line) => !before.has(line) && line.includes(` pid=${lines.at(-1)} `));
    if (found.length > 0) return found;
    await sleep(2000);
  }
  return [];
}

describeWith(['root', 'x86_64', 'built', 'kernel log'], 'what the kernel logs', () => {
  it('a call that LOG allows', async () => {
    expect(live('log', '').lines[0]).toEqual([true, 2]);
    expect(await recordsOf('log')).toEqual([expect.stringMatching(/ syscall=110 .* code=0x7ffc0000/)]);
  });

  it('one that ERRNO denies, with CTL_LOG only', async () => {
    expect(live('logAttribute', '').lines[0]).toEqual([-EACCES]);
    expect(await recordsOf('logAttribute')).toEqual([expect.stringMatching(/ syscall=110 .* code=0x50000/)]);
  });
});
