/**
 * Colours of a terminal. `NO_COLOR` turns them off, `FORCE_COLOR` on (no-color.org, force-color.org).
 * @module
 */
import { styleText } from 'node:util';

const styles = ['bold', 'dim', 'red', 'yellow', 'green', 'cyan'] as const;

type Paint = Readonly<Record<(typeof styles)[number], (text: string) => string>>;

export interface Colors extends Paint {
  /** Whether it paints at all. */
  readonly isOn: boolean;
}

/** `--color`. */
export type ColorChoice = 'auto' | 'always' | 'never';

/**
 * Whether output gets colours. `auto` asks the environment, then whether the output goes to a terminal that is not called
 * dumb.
 */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
  choice: ColorChoice = 'auto',
): boolean {
  if (choice !== 'auto') return choice === 'always';
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

/** Leaves texts as they are. */
export const noColors: Colors = createColors(false);

export function createColors(enabled: boolean): Colors {
  // wantsColor() decides for all versions of Node: styleText() of Node 20 ignores the stream, that of 22.13 does not.
  const paint = (style: (typeof styles)[number]) => (text: string) =>
    enabled && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  const painters = Object.fromEntries(styles.map((style) => [style, paint(style)])) as unknown as Paint;
  return { ...painters, isOn: enabled };
}

/** Paints the words at the start of messages: `error:`, also behind a place, and `hint:`. */
export function paintLabels(text: string, { red, yellow, cyan }: Colors): string {
  return text
    .replace(/^((?:\S+:\d+:\d+: )?)(error|warning|note)(?=: )/gm, (_, place: string, word: string) => {
      const color = word === 'error' ? red : word === 'warning' ? yellow : cyan;
      return `${place}${color(word)}`;
    })
    .replace(/^( +)(hint)(?=: )/gm, (_, blanks: string, word: string) => `${blanks}${cyan(word)}`);
}
