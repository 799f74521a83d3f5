/**
 * What is converted: a filter as a diagram, with the rules that it came from.
 * @module
 */
import { actions, type ReturnWord } from '../../abi/actions.ts';
import type { ArchName } from '../../abi/architectures.ts';
import type { Comparison } from '../../abi/operators.ts';
import { formatReturnWord, precedenceOf } from '../../abi/return-word.ts';
import { allSyscallNames, directSyscallNumber } from '../../abi/syscall-numbers.ts';
import { cutByCall } from '../../decision/cut-diagram.ts';
import { effective, winningWord } from '../../decision/relate.ts';
import type { Node, Space } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Host } from '../../oci/host.ts';
import type { Place } from '../../oci/profile.ts';
import type { ContradictedCall } from '../contradicted-rules.ts';
import { isMultiplexer } from '../multiplexed-calls.ts';
import { nodeOfNumber, wordsIn } from '../write-rules.ts';

/** A rule of a filter. */
interface SubjectRule {
  readonly name: string;
  readonly word: ReturnWord;
  readonly comparisons: readonly Comparison[];
  /** Where it is written. */
  readonly place: Place | undefined;
}

/** A filter that is to be said in another language. */
export interface ExpressibleFilter {
  readonly space: Space;
  /** What it does; rules that contradict each other are settled. */
  readonly root: Node;
  /** Calls for which rules contradict each other. */
  readonly contradicted: readonly ContradictedCall[];
  readonly host: Host;
  /** The architectures whose calls it tells apart, the host's first. */
  readonly architectures: readonly [ArchName, ...ArchName[]];
  /** What calls get that no rule matches. */
  readonly standard: ReturnWord;
  readonly rules: readonly SubjectRule[];
  /** Where the default action is written. */
  readonly standardPlace: Place | undefined;
}

/** Something that the other language cannot say. */
export interface Inexpressible {
  readonly place: Place | undefined;
  /** A sentence without a full stop. */
  readonly message: string;
  /** Whether `stricter` cures it: a stricter answer is then written. */
  readonly hasStricter: boolean;
}

/** What a writer came to. */
export interface Written {
  readonly text: string;
  readonly inexpressible: readonly Inexpressible[];
}

/** What a call gets: one verdict, or several that depend on arguments or on the architecture. */
export interface CallVerdict {
  readonly name: string;
  /** The strictest first. */
  readonly words: readonly ReturnWord[];
  /** Whether architectures differ. */
  readonly differs: boolean;
}

/** What each call of the listed architectures gets. Multiplexers are left out unless a rule names them. */
export function callVerdicts(subject: ExpressibleFilter): readonly CallVerdict[] {
  const { space, root, architectures, rules } = subject;
  const slices = cutByCall(space, [effective(space, root)]);
  const own = architectures.map((arch) => ({ arch, slice: slices.find((each) => each.arch === arch) }));
  const named = new Set(rules.map(({ name }) => name));
  return allSyscallNames().flatMap((name) => {
    if (isMultiplexer(name) && !named.has(name)) return [];
    const nodes = own.flatMap(({ arch, slice }) => {
      const nr = directSyscallNumber(name, arch);
      const node = nr === undefined || slice === undefined ? undefined : nodeOfNumber(slice, nr);
      return node === undefined ? [] : [node];
    });
    if (nodes.length === 0) return [];
    const words = [...wordsIn(space, nodes)].reverse();
    return [{ name, words, differs: new Set(nodes).size > 1 }];
  });
}

/** The strictest of several words. */
export function strictestWord(words: readonly ReturnWord[]): ReturnWord {
  const [first = actions.killProcess.word, ...others] = words;
  return others.reduce(winningWord, first);
}

/** Whether a word is of this action, whatever its data. */
export function isAction(word: ReturnWord, kind: keyof typeof actions): boolean {
  return precedenceOf(word) === precedenceOf(actions[kind].word);
}

/** The place of a rule for a call: one with the word, else one with comparisons, else any. */
export function placeOfCall(
  { rules }: ExpressibleFilter,
  name: string,
  word?: ReturnWord,
): Place | undefined {
  const own = rules.filter((rule) => rule.name === name);
  const found =
    own.find((rule) => rule.word === word) ?? own.find(({ comparisons }) => comparisons.length > 0) ?? own[0];
  return found?.place;
}

/** Says why a call cannot be said, once for all calls of one rule. */
export function tooMuch(
  subject: ExpressibleFilter,
  target: string,
  { name, words, differs }: CallVerdict,
): Inexpressible {
  const conditional = subject.rules.some((rule) => rule.name === name && rule.comparisons.length > 0);
  const what = words.map((word) => formatReturnWord(word, subject.architectures[0])).join(' or ');
  const message = conditional
    ? `${target} cannot look at arguments: ${name} gets ${what}`
    : `${target} has one answer for all ${differs ? 'architectures' : 'arguments'}: ${name} gets ${what}`;
  return { place: placeOfCall(subject, name), message, hasStricter: true };
}

/**
 * Refuses what cannot be said.
 *
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` with `details.reasons`, each with its place
 */
export function requireExpressible(found: readonly Inexpressible[], allowStricter: boolean): void {
  const left = allowStricter ? found.filter(({ hasStricter }) => !hasStricter) : found;
  const [first, ...others] = left;
  if (first === undefined) return;
  const text = ({ place, message }: Inexpressible): string =>
    `${place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `}${message}`;
  const more = others.length - MAX_NOTES;
  const notes = [...others.slice(0, MAX_NOTES).map(text), ...(more > 0 ? [`and ${more} more`] : [])];
  const isCured = left.every(({ hasStricter }) => hasStricter);
  throw new OciSeccompError('ERR_INEXPRESSIBLE', text(first), {
    hint: isCured
      ? '--stricter writes a stricter answer for these calls, and lists them'
      : 'change the profile, or choose another form: --to bwrap takes every filter',
    details: { notes, reasons: left },
  });
}

const MAX_NOTES = 20;
