/**
 * `node reused-number-program.mjs SOCKET`, in a pid namespace of its own: two clients connect and end, and their numbers are
 * given to other processes of root. Prints what the agent's check says of each: it ends after it was admitted, and before.
 * Then the same happens to a process between the look at it and PTRACE_SEIZE, which knows it by its number.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { admitPeer } from '../../../src/hook/agent/peer.ts';
import { WAITING_OPTIONS } from '../../../src/kernel/inject-actions.ts';
import { isPidfdThere, openPidfd } from '../../../src/kernel/pidfd.ts';
import { readProcessStatus } from '../../../src/kernel/process-status.ts';
import { seizeThreads } from '../../../src/kernel/seize-threads.ts';

const path = process.argv[2] ?? '';
const others: ChildProcess[] = [];
const server = createServer();
await new Promise<void>((resolve) => server.listen(path, resolve));

/** Who connects. The connection outlives it, as another process has it too. */
const CLIENT = `const socket = require('net').connect(process.argv[1], () => {
  require('child_process').spawn('sleep', ['1000'], { stdio: [socket, 'ignore', 'ignore'], detached: true });
  socket.write('ready');
});`;

async function connectClient(): Promise<{ readonly fd: number; readonly client: ChildProcess }> {
  const connected = once(server, 'connection');
  const client = spawn(process.execPath, ['-e', CLIENT, path], { stdio: 'ignore' });
  const [socket] = (await connected) as [Socket & { readonly _handle: { readonly fd: number } }];
  await once(socket, 'data');
  return { fd: socket._handle.fd, client };
}

/** Ends a process, and starts others until one has its number. */
async function giveNumberAgain(client: ChildProcess): Promise<void> {
  const ended = once(client, 'exit');
  client.kill('SIGKILL');
  await ended;
  for (let tries = 0; others.at(-1)?.pid !== client.pid; tries++) {
    if (tries === 100) throw new Error('the number is not given again');
    writeFileSync('/proc/sys/kernel/ns_last_pid', String((client.pid ?? 0) - 1));
    others.push(spawn('sleep', ['1000'], { stdio: 'ignore' }));
  }
}

function said(work: () => unknown): string {
  try {
    work();
    return 'nothing';
  } catch (error) {
    return String(error);
  }
}

const first = await connectClient();
const peer = admitPeer(first.fd);
const alive = said(peer.requireAlive);
await giveNumberAgain(first.client);
const afterwards = said(peer.requireAlive);
const second = await connectClient();
await giveNumberAgain(second.client);
const before = said(() => admitPeer(second.fd));

const looked = spawn('sleep', ['1000'], { stdio: 'ignore' });
const number = looked.pid ?? 0;
const pidfd = openPidfd(number);
await giveNumberAgain(looked);
const seized = said(() => seizeThreads(number, WAITING_OPTIONS, () => isPidfdThere(pidfd)));
const status = readProcessStatus(number);
const other = typeof status === 'string' ? status : { tracer: status.tracer, state: status.state };

// A thread's number leads to the threads of a process that has another number, as one that is given again meanwhile does.
const many = spawn(process.execPath, ['-e', 'console.log(); setInterval(() => {}, 1e6)']);
await once(many.stdout, 'data');
const leader = many.pid ?? 0;
const threads = readdirSync(`/proc/${leader}/task`).map(Number);
const thread = threads.find((tid) => tid !== leader) ?? 0;
const ofOther = said(() => seizeThreads(thread, WAITING_OPTIONS, () => true));
const tracers = threads.flatMap((tid) => {
  const found = readProcessStatus(tid);
  return typeof found === 'string' ? [] : [found.tracer];
});
console.log(
  JSON.stringify({ alive, afterwards, before, seized, other, ofOther, tracers: [...new Set(tracers)] }),
);
// The first process of the namespace: all others end with it.
process.exit();
