/**
 * Starts worker threads that export a large filter again and again, terminates them, and prints how many descriptors the process has
 * more after that, and `done`.
 *
 * Arguments: LIBRARY, of a release that exports to a descriptor only
 * @module
 */
import { once } from 'node:events';
import { readdirSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { allow, errno, Filter } from '../../../src/libseccomp/index.ts';

const STDOUT = 1;
const WORKERS = 4;
/** libseccomp then takes a thousand times as long as what is done before and after it. */
const RULES = 300;

const [library = ''] = process.argv.slice(2);

async function terminateOne(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { argv: [library] });
  await once(worker, 'message');
  // It has begun the next export by then.
  await setTimeout(30);
  await worker.terminate();
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

if (isMainThread) {
  // What Node itself opens for its first worker stays.
  await terminateOne();
  const before = openFiles();
  for (let i = 0; i < WORKERS; i++) await terminateOne();
  writeSync(STDOUT, `${openFiles() - before}\ndone\n`);
} else {
  const filter = new Filter(allow(), { library });
  for (let nr = 0; nr < RULES; nr++) filter.addRule(errno(1), nr, [{ index: 0, op: '==', value: nr }]);
  filter.exportBpf();
  parentPort?.postMessage('exporting');
  for (;;) filter.exportBpf();
}
