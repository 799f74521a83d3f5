/**
 * Mistakes that parsers of options take for something else, and that would write a file of a wrong name.
 * @module
 */
import type { OptionRow, OptionRows } from './command-definition.ts';

/**
 * Finds `-output x`, which is read as `-o utput`, and `-o=x`, which is read as `-o =x`.
 *
 * @param words - what follows `--` is not looked at
 * @returns what is wrong with the first such word; `undefined` without such a word
 */
export function singleDashMistake(words: readonly string[], options: OptionRows): string | undefined {
  const end = words.indexOf('--');
  for (const word of end === -1 ? words : words.slice(0, end)) {
    const [, name = '', equals] = /^-(\w[\w-]*)(=.*)?$/s.exec(word) ?? [];
    if (name.length > 1 && isLongName(name, options)) return `unknown option '${word}'`;
    const short = name.at(-1) ?? '';
    const row = shortOption(short, options);
    if (equals === undefined || row === undefined) continue;
    if (row.value === undefined) return `-${short} takes no value`;
    return `a space stands between -${short} and its value: -${short} ${equals.slice(1)}`;
  }
  return undefined;
}

/** Also with two letters in each other's place: `-outptu`. Other misspellings can be values: `-ooutput`. */
function isLongName(name: string, options: OptionRows): boolean {
  const sorted = [...name].sort().join('');
  return (
    Object.hasOwn(options, name) ||
    Object.keys(options).some((each) => each[0] === name[0] && [...each].sort().join('') === sorted)
  );
}

/** The option of a letter. */
export function shortOption(letter: string, options: OptionRows): OptionRow | undefined {
  return Object.values(options).find(({ short, oldShort }) => short === letter || oldShort === letter);
}
