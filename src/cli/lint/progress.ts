/**
 * How far lint has come, on standard error while it is a terminal and there is much to do.
 * @module
 */
import { writeStatus } from '../streams.ts';

/** Fewer files are done before anyone looks. */
const MANY = 20;
const INTERVAL_MS = 100;

export interface Progress {
  /** A file begins. */
  readonly step: (file: string) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

export function createProgress(total: number, enabled: boolean): Progress {
  if (!enabled || total < MANY) return { step: () => undefined, clear: () => undefined };
  let done = 0;
  let last = 0;
  let shown = false;
  return {
    step: (file) => {
      const now = performance.now();
      if (now - last >= INTERVAL_MS) {
        writeStatus(`${done} of ${total} profiles  ${file}`.slice(0, 96));
        last = now;
        shown = true;
      }
      done += 1;
    },
    clear: () => {
      if (shown) writeStatus('');
      shown = false;
      // Whatever is written in between, the next step shows again.
      last = 0;
    },
  };
}
