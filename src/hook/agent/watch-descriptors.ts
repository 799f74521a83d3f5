/**
 * Tells of an agent that can open no more files.
 *
 * Node takes a client then and closes it without a word to anybody (libuv accepts it with a descriptor that it keeps for this):
 * its container does not start, and the agent would have no line about it.
 * @module
 */
import { closeSync, openSync } from 'node:fs';
import type { AgentLog } from './agent-log.ts';

/** @returns looks whether another file can be opened; the log hears of it once, until there was room again */
export function watchDescriptors(log: AgentLog): () => void {
  let isTold = false;
  return () => {
    const code = whyNone();
    if (code !== undefined && !isTold) {
      const message = 'clients that come now are closed without an answer, and their containers do not start';
      log('error', 'no-descriptors', { reason: code, message });
    }
    isTold = code !== undefined;
  };
}

/** @returns EMFILE or ENFILE if no file can be opened */
function whyNone(): string | undefined {
  try {
    closeSync(openSync('/', 'r'));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EMFILE' || code === 'ENFILE' ? code : undefined;
  }
}
