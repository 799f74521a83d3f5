/**
 * Supervisors that wait for containers, so that no container waits for one to start.
 *
 * Each supervisor is a process, because a tracer sleeps in the kernel while its container waits. When it has done its
 * work it comes back. So a pool has as many as containers were ever `created` at the same time, up to what is kept.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import type { Supervisor } from '../supervisor/start-supervisor.ts';
import type {
  SuperviseRequest,
  SupervisionEnd,
  SupervisorAnswer,
} from '../supervisor/supervisor-protocol.ts';
import type { Worker } from './worker.ts';
import { createQueue, type WorkerQueue } from './worker-queue.ts';

export interface PoolOptions {
  /** How many wait, at least. */
  readonly spare: number;
  /** The most supervisors at the same time. */
  readonly maximum: number;
  /** Starts a supervisor and makes it ready. */
  readonly start: () => Promise<Worker>;
  /** Told of what became of each container. */
  readonly onEnd: (outcome: SupervisionEnd['outcome'], containerId: string) => void;
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

/** What a pool has to do at the moment. */
interface Load {
  /** Supervisors with a container. */
  busy: number;
  /** Containers that wait until a supervisor has taken hold of them. */
  serving: number;
  isClosed: boolean;
}

export function createPool(options: PoolOptions): WorkerPool {
  const { spare, maximum, onEnd } = options;
  const load: Load = { busy: 0, serving: 0, isClosed: false };
  const queue = createQueue(() => (load.isClosed ? 0 : KEPT * spare));
  const { startOne, refill, starting } = createStarter(options, queue, load);
  const holders = createHolders(load, (worker, end, containerId) => {
    if (load.isClosed) return;
    onEnd(end?.outcome ?? 'killed', containerId);
    if (end?.isFree === true) queue.add(worker);
    else worker.dismiss();
    refill();
  });

  return {
    take: () => holders.take(() => acquire({ queue, load, maximum, refill }), refill),
    counts: () => ({
      waiting: queue.waiting().filter((worker) => worker.isAlive()).length,
      busy: load.busy,
      starting: starting(),
    }),
    fill: async () => {
      await startOne();
      refill();
    },
    renew: () => {
      queue.dismissAll();
      refill();
    },
    close: () => {
      load.isClosed = true;
      queue.dismissAll();
      holders.release();
      refill();
    },
  };
}

interface Acquiring extends Pick<Starter, 'refill'>, Pick<PoolOptions, 'maximum'> {
  readonly queue: WorkerQueue;
  readonly load: Readonly<Load>;
}

/** Takes a supervisor that waits, or waits for one that is started. */
async function acquire({ queue, load, maximum, refill }: Acquiring): Promise<Worker> {
  for (;;) {
    let worker = queue.take();
    if (worker === undefined) {
      if (load.busy + queue.wanted() >= maximum) throw full(maximum);
      const given = queue.next();
      refill();
      worker = await given;
      if (worker === undefined) throw load.isClosed ? closing() : noSupervisor();
    }
    // It may have ended meanwhile.
    if (worker.isAlive()) return worker;
  }
}

interface Holders {
  /** A supervisor for a container. @param served - called when the container has got it, or cannot */
  readonly take: (acquire: () => Promise<Worker>, served: () => void) => ReturnType<WorkerPool['take']>;
  /** Lets those that hold a container end when they have done their work. */
  readonly release: () => void;
}

/** @param onEnd - told of each supervisor whose container has its filter; `undefined`: the supervisor has ended */
function createHolders(
  load: Load,
  onEnd: (worker: Worker, end: SupervisionEnd | undefined, containerId: string) => void,
): Holders {
  const holding: Holding = { load, workers: new Set() };

  const take: Holders['take'] = (acquire, served) => {
    let held: Worker | undefined;
    return {
      attach: async (request) => {
        load.serving += 1;
        try {
          const worker = await acquire();
          held = worker;
          const answer = await hold(holding, worker, request);
          // From then on it may hold another container.
          void follow(holding, worker).then((end) => {
            held = undefined;
            onEnd(worker, end, request.containerId);
          });
          return answer;
        } finally {
          load.serving -= 1;
          served();
        }
      },
      abandon: async () => held?.kill(),
    };
  };

  return {
    take,
    release: () => {
      for (const worker of holding.workers) worker.release();
    },
  };
}

interface Holding {
  readonly load: Load;
  readonly workers: Set<Worker>;
}

/** Hands a container over; resolves when its process executes nothing without its filter. */
async function hold(
  { load, workers }: Holding,
  worker: Worker,
  request: SuperviseRequest,
): Promise<SupervisorAnswer> {
  load.busy += 1;
  try {
    const answer = await worker.attach(request);
    workers.add(worker);
    return answer;
  } catch (error) {
    load.busy -= 1;
    await worker.kill();
    throw error;
  }
}

/** Waits in the background until the container has its filter; `undefined`: the supervisor has ended. */
async function follow({ load, workers }: Holding, worker: Worker): Promise<SupervisionEnd | undefined> {
  // A supervisor that answers with anything else than its end cannot be relied on.
  const end = await worker.done().catch(() => worker.kill().then(() => undefined));
  workers.delete(worker);
  load.busy -= 1;
  return end;
}

interface Starter {
  /** Starts one for the queue. @throws what keeps it from starting */
  readonly startOne: () => Promise<void>;
  readonly refill: () => void;
  /** How many starts are under way. */
  readonly starting: () => number;
}

function createStarter(
  { spare, maximum, start, onFailure }: PoolOptions,
  queue: WorkerQueue,
  load: Readonly<Load>,
): Starter {
  let starting = 0;

  const startOne = async (): Promise<void> => {
    starting += 1;
    try {
      const worker = await start();
      // Otherwise a container would wait for it for ever.
      if (!worker.isAlive()) throw new OciSeccompError('ERR_HOOK', 'a supervisor ended before it had work');
      queue.add(worker);
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
    if (load.isClosed) {
      // Those that wait get what is being started. After that nothing comes any more.
      if (starting === 0) queue.giveUp();
      return;
    }
    const waiting = queue.waiting().length;
    const needed = queue.wanted() - starting;
    const isSpareDue = starting === 0 && load.serving === 0 && waiting < spare;
    const room = maximum - waiting - load.busy - starting;
    const count = Math.min(needed > 0 ? needed : Number(isSpareDue), room);
    for (let i = 0; i < count; i += 1) {
      startOne().then(refill, (error: unknown) => {
        onFailure(error);
        // No other start is under way that could serve these.
        if (starting === 0) queue.giveUp();
      });
    }
  };

  return { startOne, refill, starting: () => starting };
}

function noSupervisor(): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', 'the agent cannot start a supervisor for the container', {
    hint: 'the log of the agent says why',
  });
}

function closing(): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', 'the agent ends, and has no supervisor left for the container', {
    hint: 'start the container again when the agent runs',
  });
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
