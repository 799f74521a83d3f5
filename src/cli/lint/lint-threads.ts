/**
 * Lints files in several threads: this one, and workers. Whatever the number of threads, each file has the same answer.
 *
 * A worker gets few files at a time, so that all threads end at about the same time. If a worker ends early, the first file
 * that it had not answered has failed. Its other files go to the other threads.
 * @module
 */
import { Worker } from 'node:worker_threads';
import { OciSeccompError } from '../../errors.ts';
import { decodeError } from '../../libseccomp/notify-protocol.ts';
import { displayName } from '../../pipeline/read-input.ts';
import type { FileAnswer } from './lint-once.ts';
import type { ThreadReport, ThreadSetup, ThreadTask } from './thread-messages.ts';

export interface Threads {
  /** Lints files, here with `lint`; the answers come in any order. */
  readonly run: (
    tasks: readonly Omit<ThreadTask, 'at'>[],
    lint: (at: number) => Promise<FileAnswer>,
  ) => readonly Promise<FileAnswer>[];
  /** Ends the workers. */
  readonly end: () => Promise<void>;
}

interface Job {
  readonly task: ThreadTask;
  readonly lint: () => Promise<FileAnswer>;
  readonly resolve: (answer: FileAnswer | Promise<FileAnswer>) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it was sent and has not answered, in order. */
  readonly sent: Job[];
  isReady: boolean;
}

/** Files that a worker is sent ahead, so that it need not wait for this thread, which sends more between two files only. */
const MAX_AHEAD = 32;
const MIN_AHEAD = 2;

/** @param count - of all threads, this one included */
export function startThreads(count: number, setup: ThreadSetup): Threads {
  const queue: Job[] = [];
  const threads = new Set<Thread>();
  const feed = (): void => feedThreads(threads, queue, count);
  const lintHere = createOwnLinter(queue);
  const remove = (thread: Thread, reason: string): void => {
    if (!threads.delete(thread)) return;
    // A worker that never began was linting no file.
    const lost = thread.isReady ? thread.sent.shift() : undefined;
    lost?.reject(threadEnded(lost.task.file, reason));
    queue.unshift(...thread.sent);
    void lintHere();
  };
  for (let i = 1; i < count; i += 1) {
    const thread = startThread(setup, { feed, remove });
    if (thread !== undefined) threads.add(thread);
  }
  return {
    run: (tasks, lint) => {
      const answers = tasks.map((task, at) => {
        const answer = new Promise<FileAnswer>((resolve, reject) => {
          queue.push({ task: { ...task, at }, lint: () => lint(at), resolve, reject });
        });
        // Whoever waits for it gets the error, in the order of files.
        answer.catch(() => undefined);
        return answer;
      });
      feed();
      void lintHere();
      return answers;
    },
    end: async () => {
      const workers = [...threads].map(({ worker }) => worker);
      threads.clear();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Sends each worker files of the queue ahead. */
function feedThreads(threads: ReadonlySet<Thread>, queue: Job[], count: number): void {
  for (const { worker, sent } of threads) {
    const ahead = Math.min(MAX_AHEAD, Math.max(MIN_AHEAD, Math.ceil(queue.length / (4 * count))));
    while (sent.length < ahead) {
      const job = queue.shift();
      if (job === undefined) return;
      sent.push(job);
      worker.postMessage(job.task);
    }
  }
}

/** @returns a function that lints files of the queue in this thread until the queue is empty. A call during that time does nothing */
function createOwnLinter(queue: Job[]): () => Promise<void> {
  let isLinting = false;
  return async () => {
    if (isLinting) return;
    isLinting = true;
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const answer = job.lint();
      job.resolve(answer);
      await answer.catch(() => undefined);
      // Messages of workers arrive between two files only.
      await new Promise((done) => setImmediate(done));
    }
    isLinting = false;
  };
}

/** `undefined`: the machine gives no more threads. */
function startThread(
  setup: ThreadSetup,
  { feed, remove }: { readonly feed: () => void; readonly remove: (thread: Thread, reason: string) => void },
): Thread | undefined {
  let worker: Worker;
  try {
    worker = new Worker(new URL('./lint-thread.cjs', import.meta.url), { workerData: setup });
  } catch {
    return undefined;
  }
  const thread: Thread = { worker, sent: [], isReady: false };
  worker.on('message', (report: ThreadReport) => {
    if (report === 'ready') {
      thread.isReady = true;
      return;
    }
    const job = thread.sent.shift();
    if (report.error === undefined) job?.resolve(report.answer);
    else job?.reject(decodeError(report.error));
    feed();
  });
  worker.on('error', (error: Error) => remove(thread, error.message));
  worker.on('exit', (code) => remove(thread, `exit code ${code}`));
  return thread;
}

function threadEnded(file: string, reason: string): OciSeccompError {
  const name = displayName(file);
  return new OciSeccompError('ERR_IO', `cannot lint ${name}: the thread that linted it ended: ${reason}`, {
    hint: '--jobs 1 lints all files in one thread',
  });
}
