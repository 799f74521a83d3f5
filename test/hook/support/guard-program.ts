/**
 * `node guard-program.mjs FOLDER`: does what the agent does for a client that is about to run the bundle of a folder.
 * @module
 */
import { join } from 'node:path';
import { createGuard } from '../../../src/hook/agent/guard-for-peer.ts';
import { fitProfile } from '../../../src/hook/wrapper/fit-profile.ts';

const folder = process.argv[2] ?? '';
const peer = { pid: process.pid, requireAlive: () => {}, close: () => {} };
const words = [join(folder, 'wrapper.json'), join(folder, 'crun'), 'run', '-b', folder, 'x'];
const { result } = await createGuard({ fitProfile }).guard(words, peer);
console.log(result);
