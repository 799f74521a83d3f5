/**
 * Logs that the agent can open no more files.
 *
 * Node then accepts a client, closes it at once and reports nothing (libuv keeps a descriptor for this). The client's
 * container does not start, and without this no line of the log would say why.
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
