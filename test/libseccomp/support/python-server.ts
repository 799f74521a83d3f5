/**
 * The other half of python/module/seccomp.py: makes the calls of libseccomp's Python tests through the binding.
 * @module
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { apiLevel, setApiLevel } from '../../../src/libseccomp/index.ts';
import { answer, bindingCalls, type OnExport } from './calls-by-name.ts';

/** Serves Python processes that come to a socket. The API level is the process's: each test begins with the real one. */
export function servePython(path: string, library: string, onExport: OnExport): Server {
  const level = apiLevel({ library });
  return createServer((socket: Socket) => {
    setApiLevel(level, { library });
    const calls = bindingCalls(library, onExport);
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${JSON.stringify(answer(calls, JSON.parse(line)))}\n`);
    });
  }).listen(path);
}
