/**
 * Pages of rules on a terminal; without colours the text stays as it is written.
 * @module
 */
import type { Colors } from '../render/colors.ts';

export function renderMarkdown(text: string, colors: Colors): string {
  if (colors.bold('x') === 'x') return text;
  let code = false;
  return text
    .split('\n')
    .flatMap((line) => {
      if (/^\s*```/.test(line)) {
        code = !code;
        return [];
      }
      if (code) return [`    ${colors.cyan(line)}`];
      const heading = /^#+ (.*)$/.exec(line)?.[1];
      if (heading !== undefined) return [colors.bold(heading)];
      return [
        line
          .replace(/`([^`]+)`/g, (_, word: string) => colors.cyan(word))
          .replace(/\*\*([^*]+)\*\*/g, (_, word: string) => colors.bold(word)),
      ];
    })
    .join('\n');
}
