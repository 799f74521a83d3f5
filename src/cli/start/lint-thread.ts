/**
 * The start of a thread that lints: it loads the chunks that this takes, as main.ts does for the program.
 * @module
 */
import { chunkLoader } from './load-chunks.ts';

/** As main.ts has it. */
declare const BUILD_ID: string;

chunkLoader({ folder: __dirname, id: BUILD_ID, isReadAhead: false }, undefined)('lint-worker.cjs');
