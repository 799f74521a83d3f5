/**
 * Has a worker thread do all that opens descriptors in C, several times, and prints what the process has open after it
 * that it had not before, and `done`. Node warns on standard error of descriptors that are closed by other means than
 * they were opened by.
 *
 * Arguments: LIBRARY [without-stdin]; then descriptor 0 is free, and the first one that is opened gets this number
 * @module
 */
import { once } from 'node:events';
import { readdirSync, readlinkSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { closeNative } from '../../../src/ffi.ts';
import { openPidfd, takeDescriptor } from '../../../src/kernel/pidfd.ts';
import { sendDescriptor } from '../../../src/kernel/unix-socket.ts';
import { allow, Filter, notify, receiveNotification } from '../../../src/libseccomp/index.ts';

const STDOUT = 1;
const ROUNDS = 3;

function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return []; // that of the listing itself
    }
  });
}

async function work(library: string, socket: string, freed: boolean): Promise<void> {
  const filter = new Filter(allow(), { library });
  filter.addRule(notify(), 'getpgid');
  filter.load({ threads: 'current' });
  if (freed) closeNative(0);
  for (let i = 0; i < ROUNDS; i++) {
    filter.exportBpf();
    filter.exportPfc();
    filter.exportBpf('out.bpf');
    const ended = await receiveNotification(filter.notifyFd(), {
      library,
      signal: AbortSignal.timeout(20),
    }).catch((error) => error.name);
    if (ended !== 'TimeoutError') throw new Error(`the waiting ended with ${ended}`);
    const pidfd = openPidfd(process.pid);
    closeNative(takeDescriptor(pidfd, STDOUT));
    sendDescriptor(socket, new Uint8Array([1]), pidfd);
    closeNative(pidfd);
  }
  filter.release();
}

async function start(args: readonly string[]): Promise<void> {
  const server = createServer((connection) => connection.resume()).listen('socket');
  await once(server, 'listening');
  const idle = new Worker('setTimeout(() => {}, 50)', { eval: true });
  await once(idle, 'exit');
  const before = openFiles();
  const worker = new Worker(new URL(import.meta.url), { argv: [...args] });
  await once(worker, 'exit');
  const left = openFiles().filter((each) => !before.includes(each) && !each.includes('socket:'));
  // libseccomp keeps its one listener for the process.
  writeSync(STDOUT, `${JSON.stringify(left.map((each) => each.replace(/^\d+ /, '')))}\ndone\n`);
  server.close();
}

const args = process.argv.slice(2);
if (isMainThread) await start(args);
else {
  await work(args[0] ?? '', 'socket', args[1] === 'without-stdin');
  parentPort?.close();
}
