/**
 * Progress of long work: one line on standard error, which is removed at the end. It is shown only on a terminal, after a
 * second, and neither with `--quiet` nor where `CI` is set.
 * @module
 */
import { isStderrTerminal, writeStatusAside } from '../streams.ts';

const FIRST_MS = 1000;
const INTERVAL_MS = 200;
const BAR_WIDTH = 20;
/** Narrower than usual terminals: a line that wraps could not be removed. */
const MAX_WIDTH = 79;

/** The line, and what it is written to. */
interface ProgressLine {
  /** Shows how far the work is. Calls `text` only where the line is shown. */
  readonly show: (text: () => string) => void;
  /** Removes the line. The next {@link show} may show it again. */
  readonly clear: () => void;
}

/** The terminal and the clock; tests have their own. */
interface ProgressScreen {
  readonly now: () => number;
  readonly isTerminal: () => boolean;
  /** Writes the line in place of the one before; an empty text removes it. */
  readonly write: (text: string) => void;
  readonly isCi: boolean;
}

function standardScreen(): ProgressScreen {
  const { CI = '' } = process.env;
  return {
    // Not performance.now(): it loads modules of Node that nothing else here needs.
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
