/**
 * Starts worker threads that wait for a descriptor for ever, terminates them, and prints what the process has open after
 * that that it had not before, and `done`.
 * @module
 */
import { once } from 'node:events';
import { readdirSync, readlinkSync, writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { untilReadable } from '../../../src/libseccomp/notify-wait.ts';

const STDOUT = 1;
const WORKERS = 5;

/** What descriptors refer to, without the numbers of pipes. */
function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return []; // that of the listing itself
      }
    })
    .toSorted();
}

async function terminateOne(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
  await once(worker, 'message');
  await worker.terminate();
}

if (isMainThread) {
  // What Node itself opens for its first worker stays.
  await terminateOne();
  const before = openFiles().length;
  for (let i = 0; i < WORKERS; i++) await terminateOne();
  writeSync(STDOUT, `${JSON.stringify(openFiles().slice(before).length)}\ndone\n`);
} else {
  // Standard input is a pipe to which nobody writes.
  void untilReadable(0, undefined);
  parentPort?.postMessage('waiting');
}
