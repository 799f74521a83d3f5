/**
 * How a process ends that serves notifications: `node serve-ends.mjs exit|throw|unref|terminate`. A worker thread filters
 * itself and makes one call, whose answer is printed; then it stays, so that serving does not end by itself.
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { allow, Filter, notify, serveNotifications } from 'oci-seccomp/libseccomp';

const SYS_getppid = 110;
const handlers = new URL('./serve-handlers.mjs', import.meta.url);
const [scenario] = process.argv.slice(2);

async function serve() {
  const filtered = new Worker(new URL(import.meta.url), { workerData: 'filtered' });
  filtered.unref();
  const [fd] = await once(filtered, 'message');
  const server = serveNotifications(fd, handlers);
  filtered.postMessage('call');
  const [answer] = await once(filtered, 'message');
  writeSync(1, `${answer}\n`);
  return server;
}

async function filtered() {
  const native = createRequire(import.meta.url)('koffi').load(null);
  const syscall = native.func('syscall', 'long', ['long', 'long']);
  const filter = new Filter(allow());
  filter.addRule(notify(), 'getppid');
  filter.load({ threads: 'current' });
  parentPort.postMessage(filter.notifyFd());
  await once(parentPort, 'message');
  parentPort.postMessage(Number(syscall(SYS_getppid, 41)));
  await once(parentPort, 'message');
}

if (workerData === 'filtered') await filtered();
else if (!isMainThread) {
  await serve();
  parentPort.postMessage('serving');
} else if (scenario === 'terminate') {
  const worker = new Worker(new URL(import.meta.url));
  await once(worker, 'message');
  writeSync(1, `terminated ${await worker.terminate()}\n`);
} else {
  const server = await serve();
  if (scenario === 'exit') process.exit(3);
  if (scenario === 'throw') throw new Error('on purpose');
  if (scenario === 'unref') server.unref();
  if (scenario === 'close') writeSync(1, `${JSON.stringify(await server.close())}\n`);
}
