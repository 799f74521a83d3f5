/**
 * Supervisors that wait for containers, so that no container waits for one to start.
 *
 * Each supervisor is a process, because a tracer sleeps in the kernel while its container waits. When it has done its
 * work it comes back. So a pool has as many as containers were ever `created` at the same time, up to what is kept.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import type { Supervisor } from '../supervisor/start-supervisor.ts';
import type { Answer, SuperviseRequest, SupervisionEnd } from '../supervisor/supervisor-protocol.ts';
import type { Worker } from './worker.ts';

export interface PoolOptions {
  /** How many wait, at least. */
  readonly spare: number;
  /** The most supervisors at the same time. */
  readonly maximum: number;
  /** Starts a supervisor and makes it ready. */
  readonly start: () => Promise<Worker>;
  /** Told of what became of each container. */
  readonly onEnd: (outcome: SupervisionEnd['outcome']) => void;
  /** Told of a supervisor that could not be started, beside the request that fails. */
  readonly onFailure: (error: unknown) => void;
}

export interface WorkerPool {
  /** One for a container: it is taken from those that wait, or started. */
  readonly take: () => Pick<Supervisor, 'attach' | 'abandon'>;
  readonly counts: () => { readonly waiting: number; readonly busy: number; readonly starting: number };
  /** Starts as many as have to wait, one after another; resolves with the first. @throws what keeps the first from starting */
  readonly fill: () => Promise<void>;
  /** Ends those that wait and starts others. */
  readonly renew: () => void;
  /** Ends those that wait; those that hold a container end when they have done their work. */
  readonly close: () => void;
}

/** After a wave of starts, at most this many times `spare` supervisors are kept. */
const KEPT = 4;

export function createPool({ spare, maximum, start, onEnd, onFailure }: PoolOptions): WorkerPool {
  const waiting: Worker[] = [];
  /** Those that hold a container. */
  const holding = new Set<Worker>();
  const wanted: ((worker: Worker | undefined) => void)[] = [];
  /** `serving`: containers that wait until a supervisor has taken hold of them. `busy`: supervisors with a container. */
  let [busy, serving, starting, isClosed] = [0, 0, 0, false];

  const add = (worker: Worker): void => {
    if (!worker.isAlive()) return;
    const next = wanted.shift();
    if (next !== undefined) next(worker);
    else if (isClosed || waiting.length >= KEPT * spare) worker.dismiss();
    else waiting.push(worker);
  };

  const startOne = async (): Promise<void> => {
    starting += 1;
    try {
      const worker = await start();
      // Otherwise a container would wait for it for ever.
      if (!worker.isAlive()) throw new OciSeccompError('ERR_HOOK', 'a supervisor ended before it had work');
      add(worker);
    } finally {
      starting -= 1;
    }
  };

  /**
   * Starts one for each container that waits. If none waits, it starts one spare, and the next when that one is ready. So
   * on a slow machine they take the processor neither from each other nor from a container that is being attached.
   *
   * A start that fails is tried again only when somebody needs it. Otherwise a broken machine would start without end.
   */
  const refill = (): void => {
    const needed = wanted.length - starting;
    const isSpareDue = starting === 0 && serving === 0 && waiting.length < spare;
    const room = maximum - waiting.length - busy - starting;
    const count = Math.min(needed > 0 ? needed : Number(isSpareDue), room);
    for (let i = 0; i < count && !isClosed; i += 1) {
      startOne().then(refill, (error: unknown) => {
        onFailure(error);
        // No other start is under way that could serve these.
        if (starting === 0) for (const give of wanted.splice(0)) give(undefined);
      });
    }
  };

  const acquire = async (): Promise<Worker> => {
    for (;;) {
      let worker = waiting.pop();
      if (worker === undefined) {
        if (busy + wanted.length >= maximum) throw full(maximum);
        const given = new Promise<Worker | undefined>((resolve) => wanted.push(resolve));
        refill();
        worker = await given;
        if (worker === undefined) {
          throw new OciSeccompError('ERR_HOOK', 'the agent cannot start a supervisor for the container', {
            hint: 'the log of the agent says why',
          });
        }
      }
      // It may have ended meanwhile.
      if (worker.isAlive()) return worker;
    }
  };

  /** Waits in the background until a container has its filter. */
  const follow = async (worker: Worker): Promise<void> => {
    // A supervisor that answers with anything else than its end cannot be relied on.
    const end = await worker.done().catch(() => worker.kill().then(() => undefined));
    holding.delete(worker);
    busy -= 1;
    if (isClosed) return;
    onEnd(end?.outcome ?? 'killed');
    if (end?.isFree === true) add(worker);
    else worker.dismiss();
    refill();
  };

  const take = (): Pick<Supervisor, 'attach' | 'abandon'> => {
    let held: Worker | undefined;
    const attachNext = async (request: SuperviseRequest): Promise<Answer> => {
      const worker = await acquire();
      held = worker;
      busy += 1;
      try {
        const answer = await worker.attach(request);
        holding.add(worker);
        // From then on it may hold another container.
        void follow(worker).finally(() => {
          held = undefined;
        });
        return answer;
      } catch (error) {
        busy -= 1;
        await worker.kill();
        throw error;
      }
    };
    return {
      attach: async (request) => {
        serving += 1;
        try {
          return await attachNext(request);
        } finally {
          serving -= 1;
          refill();
        }
      },
      abandon: async () => held?.kill(),
    };
  };

  const dismissAll = (): void => {
    for (const worker of waiting.splice(0)) worker.dismiss();
  };

  return {
    take,
    counts: () => ({ waiting: waiting.filter((worker) => worker.isAlive()).length, busy, starting }),
    fill: async () => {
      await startOne();
      refill();
    },
    renew: () => {
      dismissAll();
      refill();
    },
    close: () => {
      isClosed = true;
      dismissAll();
      for (const worker of holding) worker.release();
    },
  };
}

function full(maximum: number): OciSeccompError {
  return new OciSeccompError(
    'ERR_HOOK',
    `the agent holds ${maximum} containers that are created and not started`,
    {
      hint: 'start or delete them, or give the agent a larger --containers',
    },
  );
}
