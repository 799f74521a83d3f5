/**
 * Colours of a terminal. `NO_COLOR` turns them off, `FORCE_COLOR` on (no-color.org, force-color.org).
 * @module
 */
import { styleText } from 'node:util';

const styles = ['bold', 'dim', 'red', 'yellow', 'green', 'cyan'] as const;

export type Colors = Readonly<Record<(typeof styles)[number], (text: string) => string>>;

/** Whether output gets colours: asked for, or a terminal that is not called dumb. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

export function createColors(enabled: boolean): Colors {
  // Whether to colour is decided above, alike on every version of Node: 20 does not look at the stream, 22.13 does.
  const paint = (style: (typeof styles)[number]) => (text: string) =>
    enabled && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  return Object.fromEntries(styles.map((style) => [style, paint(style)])) as Colors;
}
