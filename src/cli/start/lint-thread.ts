/**
 * The start of a thread that lints: it loads the chunks that this takes, as main.ts does for the program.
 * @module
 */
import { chunkLoader } from './load-chunks.ts';

chunkLoader(__dirname, undefined)('lint-worker.cjs');
