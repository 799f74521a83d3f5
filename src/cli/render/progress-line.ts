/**
 * How far long work has come: one line on standard error, taken away at the end. It is for people who wait: only on a terminal,
 * after a second, and neither with `--quiet` nor where `CI` is set.
 * @module
 */
import { isStderrTerminal, writeStatusAside } from '../streams.ts';

const FIRST_MS = 1000;
const INTERVAL_MS = 200;
const BAR_WIDTH = 20;
/** Less than the narrowest usual terminal: a line that wraps could not be taken away. */
const MAX_WIDTH = 79;

/** The line, and what it is written to. */
export interface ProgressLine {
  /** Says how far the work is; the text is made only where it is shown. */
  readonly show: (text: () => string) => void;
  /** Takes the line away; the next {@link show} may bring it back. */
  readonly clear: () => void;
}

/** What a line is shown on; a test has its own. */
export interface ProgressScreen {
  readonly now: () => number;
  readonly isTerminal: () => boolean;
  /** Writes the line in place of the one before; nothing takes it away. */
  readonly write: (text: string) => void;
  readonly isCi: boolean;
}

function standardScreen(): ProgressScreen {
  const { CI = '' } = process.env;
  return {
    // Not performance.now(): making its object takes modules of Node that nothing else needs.
    now: () => 1000 * process.uptime(),
    isTerminal: isStderrTerminal,
    write: writeStatusAside,
    isCi: CI !== '' && CI !== 'false',
  };
}

export function createProgressLine(isQuiet = false, screen = standardScreen()): ProgressLine {
  if (isQuiet || screen.isCi) return { show: () => undefined, clear: () => undefined };
  let next = screen.now() + FIRST_MS;
  let terminal: boolean | undefined;
  let isShown = false;
  return {
    show: (text) => {
      const now = screen.now();
      if (now < next) return;
      next = now + INTERVAL_MS;
      terminal ??= screen.isTerminal();
      if (!terminal) return;
      isShown = true;
      screen.write(text().slice(0, MAX_WIDTH));
    },
    clear: () => {
      if (isShown) screen.write('');
      isShown = false;
    },
  };
}

/** `[#####---------------] 12 of 47 profiles  web.json` */
export function progressBar(done: number, total: number, what: string, now = ''): string {
  const filled = total === 0 ? 0 : Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH));
  const bar = `${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}`;
  return `[${bar}] ${done} of ${total} ${what}${now === '' ? '' : `  ${now}`}`;
}
