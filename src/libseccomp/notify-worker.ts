/**
 * The thread that serveNotifications starts. A program of its own; importing it elsewhere makes no sense.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { OciSeccompError } from '../errors.ts';
import { openLibrary } from './library.ts';
import { type NotificationHandler, serveUntilEnd } from './notify-loop.ts';
import { encodeError, type ServerReport, type ServerTask } from './notify-protocol.ts';

async function main(): Promise<ServerReport> {
  const { fd, wakeFd, library, module, name, data, state } = workerData as ServerTask;
  try {
    const handler = await loadHandler(module, name);
    serveUntilEnd(openLibrary(library), { fd, wakeFd, data, state: new BigUint64Array(state) }, handler);
    return {};
  } catch (error) {
    return { error: encodeError(error) };
  }
}

async function loadHandler(module: string, name: string): Promise<NotificationHandler> {
  let exports: Record<string, unknown>;
  try {
    exports = await import(module);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OciSeccompError('ERR_USAGE', `the handler's module ${module} cannot be loaded: ${reason}`, {
      details: { module, name },
    });
  }
  const handler = exports[name];
  if (typeof handler === 'function') return handler as NotificationHandler;
  throw new OciSeccompError('ERR_USAGE', `${module} exports no function ${name}`, {
    hint: `export function ${name}(request) { return { error: 'EPERM' }; }`,
    details: { module, name },
  });
}

main().then(
  (report) => parentPort?.postMessage(report),
  (error) => parentPort?.postMessage({ error: encodeError(error) } satisfies ServerReport),
);
