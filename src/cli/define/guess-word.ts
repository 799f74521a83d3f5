/**
 * Guesses what an unknown command or option was meant to be, for hints, where commander finds no name that is spelt like it.
 * @module
 */
import type { CommandDefinition } from './command-definition.ts';

/** Words that other programs have for what a command here does; `version` is spelled like `verify`. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  version: '--version',
  check: 'validate or lint',
  merge: 'union or intersect',
  compare: 'diff',
  equal: 'diff',
  trace: 'record',
  generate: 'record',
  exec: 'run',
  dump: 'decompile or disasm',
  disassemble: 'disasm',
  assemble: 'asm',
  minimize: 'simplify',
  emu: 'simulate',
  upload: 'push',
};

/** @returns the command that does what other programs call by this word, or one misspelt by a letter; `undefined` if none is known */
export function meantCommand(word: string): string | undefined {
  const known = Object.hasOwn(ELSEWHERE, word) ? word : misspelt(word, Object.keys(ELSEWHERE));
  return known === undefined ? undefined : ELSEWHERE[known];
}

/** @returns the first of the names that the word is but for a letter */
export function misspelt(word: string, names: readonly string[]): string | undefined {
  return names.find((each) => isOneEditApart(each, word));
}

/** One letter more, less or another, or two that change places: `verion`, `versiom`, `verison`. Short words would be like everything. */
function isOneEditApart(known: string, word: string): boolean {
  const [longer, shorter] = known.length > word.length ? [known, word] : [word, known];
  if (shorter.length < MIN_SHARED + 1 || longer.length - shorter.length > 1) return false;
  let same = 0;
  while (same < shorter.length && longer[same] === shorter[same]) same++;
  const [one = '', two = ''] = longer.slice(same);
  const isSwapped = shorter === longer.slice(0, same) + two + one + longer.slice(same + 2);
  return isSwapped || longer.slice(same + 1) === shorter.slice(same + 1 + shorter.length - longer.length);
}

/** A beginning that two names must share to be near, in letters. */
const MIN_SHARED = 3;

/** Most names in one hint. */
const MAX_NAMES = 3;

/**
 * @param name - of an unknown option, without dashes and value
 * @param guess - an option that is spelt like it, if there is one
 * @returns a hint; `undefined` if nothing of the command is like it
 */
export function optionHint(
  name: string,
  guess: string | undefined,
  definition: Pick<CommandDefinition, 'arguments' | 'options'>,
): string | undefined {
  const operands = definition.arguments.filter(({ name: term }) => term !== 'command');
  if (name === 'pid' && operands.some(({ kind }) => kind === 'filter')) {
    return 'a process is named without an option: pid:4242';
  }
  const operand =
    operands.find((each) => each.name === name) ??
    (FILE_WORD.test(name) ? operands.find(({ kind = '' }) => FILE_KIND.test(kind)) : undefined);
  if (operand !== undefined) return `the ${operand.name} is named without an option`;
  const known = Object.keys(definition.options);
  const near = known.includes(name) ? `--${name}` : (guess ?? nearOptions(name, known).join(' or '));
  return near === '' ? undefined : `did you mean ${near}?`;
}

const FILE_WORD = /^(?:profile|file|input)$/;
const FILE_KIND = /^(?:profile|filter|file)$/;

function nearOptions(name: string, known: readonly string[]): readonly string[] {
  return known
    .filter((each) => sharesBeginning(name, each) || each.endsWith(`-${name}`))
    .slice(0, MAX_NAMES)
    .map((each) => `--${each}`);
}

/** `kernel` and `kernel-range`, `architecture` and `arch`, `no-new-privileges` and `no-new-privs`; not `no-log` and `no-guard`. */
function sharesBeginning(one: string, other: string): boolean {
  let shared = 0;
  while (shared < one.length && one[shared] === other[shared]) shared++;
  return shared >= MIN_SHARED && shared * 4 >= Math.min(one.length, other.length) * 3;
}
