/**
 * `node listen-program.mjs PATH`: prints its number, listens as an agent does, and prints "listens" or why it does not.
 * @module
 */
import { createServer } from 'node:net';
import { listenOnPath } from '../../../src/hook/agent/open-socket.ts';

console.log(process.pid);
listenOnPath(createServer(), process.argv[2] ?? '').then(
  () => console.log('listens'),
  (error: unknown) => {
    console.log(String(error));
    process.exit();
  },
);
