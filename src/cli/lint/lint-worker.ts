/**
 * A thread that lints files for another one: what cli/start/lint-thread.ts loads, which lint-threads.ts starts.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { encodeError } from '../../libseccomp/notify-protocol.ts';
import { libseccompCompiler } from './compiler.ts';
import { answerTask } from './lint-files.ts';
import type { ThreadReport, ThreadSetup, ThreadTask } from './thread-messages.ts';

const { choices, library } = workerData as ThreadSetup;
const compilers = library === false ? Promise.resolve([]) : libseccompCompiler(library).then((one) => [one]);
let last: Promise<void> = compilers.then(() => send('ready'));

function send(report: ThreadReport): void {
  parentPort?.postMessage(report);
}

async function lint({ at, ...task }: ThreadTask): Promise<void> {
  try {
    const { report, isOther } = await answerTask(
      { ...task, rules: [] },
      { choices, compilers: await compilers },
    );
    send({ at, answer: { report, isOther } });
  } catch (error) {
    send({ at, error: encodeError(error) });
  }
}

parentPort?.on('message', (task: ThreadTask) => {
  last = last.then(() => lint(task));
});
