/**
 * What every check is given: the profile as Go sees it, and where findings go.
 * @module
 */
import { type ActionInfo, actionByOciAction } from '../../abi/actions.ts';
import { nearest, otherSpelling, type SyscallSuggestion, suggestSyscall } from '../../abi/nearest-name.ts';
import { type Consumer, runtimesThat } from '../../consumers.ts';
import { isBundle } from '../dialect-rows.ts';
import type { Node } from '../document.ts';
import { type Located, type ObjectView, textOf } from '../object-view.ts';
import type { FoundProblem } from '../problems.ts';
import type { Dialect } from '../profile.ts';

/** Tells which system call the author may have meant by an unknown word. */
type SuggestCall = (word: string) => SyscallSuggestion | undefined;

/** Finds the known word an unknown one was probably meant to be. */
export type Suggest = (word: string, candidates: Iterable<string>) => string | undefined;

export interface CheckContext {
  readonly dialect: Dialect;
  /** The profile's own object; in a bundle `linux.seccomp`. */
  readonly profile: ObjectView;
  readonly rules: readonly ObjectView[];
  readonly suggest: Suggest;
  readonly suggestCall: SuggestCall;
  report(finding: FoundProblem): void;
}

/** Who refuses what Go's decoder refuses, and crun's passes over: of a file everyone, since engines in Go decode it. */
export function decoders(dialect: Dialect): readonly Consumer[] | undefined {
  return isBundle(dialect) ? runtimesThat((_, reading) => reading.decodesStrictly) : undefined;
}

/** A suggestion is compared with every candidate, so a hostile document gets only the first few. */
const MAX_SUGGESTIONS = 100;
const MAX_SUGGESTED_LENGTH = 64;

/** Makes a {@link Suggest} for one document. */
export function createSuggest(): Suggest {
  let left = MAX_SUGGESTIONS;
  return (word, candidates) => {
    if (left === 0 || word.length > MAX_SUGGESTED_LENGTH) return undefined;
    left--;
    return nearest(word, candidates);
  };
}

/** Makes a {@link SuggestCall} for one document. */
export function createSuggestCall(): SuggestCall {
  let left = MAX_SUGGESTIONS;
  return (word) => {
    if (word.length > MAX_SUGGESTED_LENGTH) return undefined;
    const certain = otherSpelling(word);
    if (certain !== undefined || left === 0) return certain;
    left--;
    return suggestSyscall(word);
  };
}

/** The place parts of a finding on a value. */
export function on(at: Located): { at: Node['start']; pointer: string } {
  return { at: at.node.start, pointer: at.pointer };
}

/** The place parts of a finding on a key, or on the object when it lacks the key. */
export function onKey(view: ObjectView, key: string): { at: Node['start']; pointer: string } {
  const field = view.fields.get(key);
  return field === undefined ? on(view) : { at: field.member.keyStart, pointer: field.pointer };
}

/** The action under a key; `undefined` if the key is absent or its text names no action. */
export function actionOf(view: ObjectView, key: 'action' | 'defaultAction'): ActionInfo | undefined {
  const text = textOf(view, key);
  return text === undefined ? undefined : actionByOciAction(text.value);
}

/** A word as a hint, or nothing. */
export function didYouMean(word: string | undefined): string | undefined {
  return word === undefined ? undefined : `did you mean ${JSON.stringify(word)}?`;
}
