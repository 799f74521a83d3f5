/**
 * How much of a log was read, on standard error while it is a terminal and reading takes long.
 * @module
 */
import { isStderrTerminal, writeStatusAside } from '../streams.ts';

const FIRST_MS = 1000;
const INTERVAL_MS = 200;
const MILLION = 1_000_000;

/** Takes the length of each piece; nothing is shown for work of less than a second. */
export function createReadingProgress(name: string): {
  readonly step: (characters: number) => void;
  readonly clear: () => void;
} {
  let next = performance.now() + FIRST_MS;
  let read = 0;
  let terminal: boolean | undefined;
  let shown = false;
  return {
    step: (characters) => {
      read += characters;
      const now = performance.now();
      if (now < next) return;
      next = now + INTERVAL_MS;
      terminal ??= isStderrTerminal();
      if (!terminal) return;
      shown = true;
      writeStatusAside(`${name}: ${Math.round(read / MILLION)} million characters read`);
    },
    clear: () => {
      if (shown) writeStatusAside('');
    },
  };
}
