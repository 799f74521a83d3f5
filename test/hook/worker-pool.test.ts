/**
 * The pool of an agent's supervisors when some cannot be started, or end: nobody waits for one that will not come, and the
 * agent goes on.
 */
import { describe, expect, it } from 'vitest';
import type { Worker } from '../../src/hook/agent/worker.ts';
import { createPool, type PoolOptions, type WorkerPool } from '../../src/hook/agent/worker-pool.ts';
import type { SupervisionEnd } from '../../src/hook/supervisor/supervisor-protocol.ts';
import { request } from './support/supervise-request.ts';

/** A supervisor whose container is created and never started. */
function worker(change: Partial<Worker> = {}): Worker {
  return {
    pid: 1,
    attach: () => Promise.resolve({ threads: 1 }),
    done: () => new Promise<SupervisionEnd | undefined>(() => {}),
    isAlive: () => true,
    dismiss: () => {},
    release: () => {},
    kill: () => Promise.resolve(),
    ...change,
  };
}

interface Starting {
  readonly succeed: (made?: Worker) => void;
  readonly fail: () => void;
}

/** A pool whose supervisors start when the test says so. */
function poolByHand(options: Partial<PoolOptions> = {}): { pool: WorkerPool; starting: Starting[] } {
  const starting: Starting[] = [];
  const start = (): Promise<Worker> =>
    new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error('no more processes'));
      starting.push({ succeed: (made = worker()) => resolve(made), fail });
    });
  const pool = createPool({ spare: 1, maximum: 8, start, onEnd: () => {}, onFailure: () => {}, ...options });
  return { pool, starting };
}

/** Lets everything happen that waits for nothing from outside. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What became of each: `undefined` while it waits. */
function ask(pool: WorkerPool, count: number): (string | undefined)[] {
  const results: (string | undefined)[] = Array.from({ length: count });
  for (const index of results.keys()) {
    pool
      .take()
      .attach(request)
      .then(
        () => {
          results[index] = 'attached';
        },
        (error: Error) => {
          results[index] = error.message;
        },
      );
  }
  return results;
}

const NONE = 'the agent cannot start a supervisor for the container';

describe('a pool of supervisors', () => {
  it('starts others for those that wait when some could not be started', async () => {
    const { pool, starting } = poolByHand();
    const results = ask(pool, 3);
    await settle();
    for (const each of starting.splice(0, 2)) each.fail();
    await settle();
    while (starting.length > 0) {
      for (const each of starting.splice(0)) each.succeed();
      await settle();
    }
    expect(results).toEqual(['attached', 'attached', 'attached']);
  });

  it('lets nobody wait for a supervisor that ended as soon as it was ready', async () => {
    const { pool, starting } = poolByHand();
    const results = ask(pool, 1);
    await settle();
    while (starting.length > 0) {
      for (const each of starting.splice(0)) each.succeed(worker({ isAlive: () => false }));
      await settle();
    }
    expect(results).toEqual([NONE]);
  });

  it('gives everybody an answer when none can be started', async () => {
    const { pool, starting } = poolByHand();
    const results = ask(pool, 3);
    await settle();
    for (const each of starting) each.fail();
    await settle();
    expect(results).toEqual([NONE, NONE, NONE]);
  });

  it('leaves nobody waiting when it closes', async () => {
    const { pool, starting } = poolByHand();
    const results = ask(pool, 3);
    await settle();
    pool.close();
    starting[0]?.succeed();
    starting[1]?.fail();
    starting[2]?.succeed(worker({ isAlive: () => false }));
    await settle();
    const late = ask(pool, 1);
    await settle();
    const ENDS = 'the agent ends, and has no supervisor left for the container';
    expect([...results.slice(0, 3), ...late]).toEqual(['attached', ENDS, ENDS, ENDS]);
    expect(starting).toHaveLength(3);
  });

  it('starts spare ones one after another', async () => {
    const { pool, starting } = poolByHand({ spare: 4 });
    void pool.fill();
    for (let ready = 1; ready <= 4; ready += 1) {
      await settle();
      expect(starting).toHaveLength(ready);
      starting.at(-1)?.succeed();
    }
    await settle();
    expect(starting).toHaveLength(4);
    expect(pool.counts()).toEqual({ waiting: 4, busy: 0, starting: 0 });
  });

  it('starts no spare one while a container is being attached, but those that containers wait for', async () => {
    const { pool, starting } = poolByHand({ spare: 4 });
    let answer = (): void => {};
    const slow = worker({
      attach: () =>
        new Promise((resolve) => {
          answer = () => resolve({ threads: 1 });
        }),
    });
    const first = ask(pool, 1);
    await settle();
    starting[0]?.succeed(slow);
    await settle();
    expect(starting).toHaveLength(1);
    const others = ask(pool, 2);
    await settle();
    expect(starting).toHaveLength(3);
    for (const each of starting.slice(1)) each.succeed();
    await settle();
    expect(others).toEqual(['attached', 'attached']);
    expect(starting).toHaveLength(3);
    answer();
    await settle();
    expect(first).toEqual(['attached']);
    expect(starting).toHaveLength(4);
  });

  it('takes a supervisor that says nonsense at its end for one that was killed', async () => {
    const ends: string[] = [];
    const failures: unknown[] = [];
    const note = (reason: unknown): void => void failures.push(reason);
    process.on('unhandledRejection', note);
    try {
      const { pool, starting } = poolByHand({ onEnd: (outcome, id) => ends.push(`${outcome} ${id}`) });
      const results = ask(pool, 1);
      await settle();
      let killed = 0;
      const kill = (): Promise<void> => {
        killed += 1;
        return Promise.resolve();
      };
      starting[0]?.succeed(worker({ kill, done: () => Promise.reject(new Error('not an end')) }));
      await settle();
      expect(results).toEqual(['attached']);
      expect(ends).toEqual(['killed x']);
      expect(killed).toBe(1);
      expect(pool.counts().busy).toBe(0);
      expect(failures).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});
