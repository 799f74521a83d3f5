/**
 * Colours for reports: verdicts, what a difference adds and removes, levels of problems, yes and no of `doctor`.
 *
 * Renderers write plain text, for tests, files and pipes. This module then paints the words that carry the answer, so that
 * no text depends on colours.
 * @module
 */
import { type Colors, paintLabels } from './colors.ts';

/** Verdicts, the strictest first. */
const VERDICT =
  /\b(?:KILL_(?:PROCESS|THREAD)\b|TRAP\b|ERRNO (?:[A-Z]\w* \(\d+\)|\d+\b)|USER_NOTIF\b|TRACE\b(?: \d+\b)?|LOG\b|ALLOW\b)/g;

/** Paints the text of `diff`, `explain`, `subset`, `validate`, `verify` or `doctor`. */
export function paintReport(text: string, colors: Colors): string {
  return paintLabels(text, colors)
    .split('\n')
    .map((line) => paintLine(line, colors))
    .join('\n');
}

function paintLine(line: string, colors: Colors): string {
  const { bold, dim, green, red, yellow } = colors;
  const change = /^( +)([-+]) (.*)$/.exec(line);
  if (change !== null) {
    const [, blanks = '', sign = '', rest = ''] = change;
    return `${blanks}${(sign === '+' ? green : red)(`${sign} ${rest}`)}`;
  }
  // The source of a problem, and the mark below it.
  if (/^ +\d* \|/.test(line)) return dim(line);
  return line
    .replace(VERDICT, (verdict) => paintVerdict(verdict, colors))
    .replace(/^( *)(proven)(?=[ :])/, (_, blanks: string, word: string) => `${blanks}${bold(green(word))}`)
    .replace(/^( *)(looser|stricter|different)(?=:)/, (_, blanks: string, word: string) => {
      const color = word === 'looser' ? red : word === 'stricter' ? green : yellow;
      return `${blanks}${color(word)}`;
    });
}

function paintVerdict(verdict: string, { green, red, yellow, cyan }: Colors): string {
  if (verdict === 'ALLOW') return green(verdict);
  if (/^(?:LOG|TRACE|USER_NOTIF)/.test(verdict)) return cyan(verdict);
  return verdict.startsWith('ERRNO') ? yellow(verdict) : red(verdict);
}
