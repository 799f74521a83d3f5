/**
 * Supervisors that wait for a container, and containers that wait for a supervisor: never both at once.
 * @module
 */
import type { Worker } from './worker.ts';

export interface WorkerQueue {
  /** Gives the supervisor to the container that waits longest. If none waits, it is kept or, where there are enough, dismissed. */
  readonly add: (worker: Worker) => void;
  /** Takes a supervisor that waits. It may have ended meanwhile. */
  readonly take: () => Worker | undefined;
  /** Waits for a supervisor; `undefined`: none comes. */
  readonly next: () => Promise<Worker | undefined>;
  /** Tells all containers that wait that no supervisor comes. */
  readonly giveUp: () => void;
  /** Dismisses the supervisors that wait. */
  readonly dismissAll: () => void;
  /** Supervisors, also those that have ended. */
  readonly waiting: () => readonly Worker[];
  /** Containers. */
  readonly wanted: () => number;
}

/** @param kept - how many supervisors wait at most */
export function createQueue(kept: () => number): WorkerQueue {
  const waiting: Worker[] = [];
  const wanted: ((worker: Worker | undefined) => void)[] = [];
  return {
    add: (worker) => {
      if (!worker.isAlive()) return;
      const give = wanted.shift();
      if (give !== undefined) give(worker);
      else if (waiting.length >= kept()) worker.dismiss();
      else waiting.push(worker);
    },
    take: () => waiting.pop(),
    next: () => new Promise((resolve) => wanted.push(resolve)),
    giveUp: () => {
      for (const give of wanted.splice(0)) give(undefined);
    },
    dismissAll: () => {
      for (const worker of waiting.splice(0)) worker.dismiss();
    },
    waiting: () => waiting,
    wanted: () => wanted.length,
  };
}
