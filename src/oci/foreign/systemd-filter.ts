/**
 * How systemd merges the lines of SystemCallFilter= and SystemCallLog=.
 *
 * Sources: systemd.exec(5), systemd 252 src/core/load-fragment.c `config_parse_syscall_filter` and
 * src/shared/seccomp-util.c `seccomp_parse_syscall_filter`.
 * @module
 */
import { splitWords } from '../../abi/split-words.ts';
import { allSyscallNames } from '../../abi/syscall-numbers.ts';
import { type SystemdRelease, systemdReleases } from '../dialect-rows.ts';
import { laterSystemdSets, systemdSets } from './systemd-sets.generated.ts';
import type { Errno, TextPiece } from './tree.ts';
import { wordsOf } from './unit-lines.ts';

/** What a denied call gets: an errno, or (`kill`) the process is killed. */
export type Denial = Errno;

/** A call that a line names, alone or in a set. */
export interface Listed {
  /** The word of the line. */
  readonly word: TextPiece;
  /** The set that names it; `undefined`: the word itself does. */
  readonly set: string | undefined;
  /** `name:EPERM`. */
  readonly denial: Denial | undefined;
}

/** A list, after the lines read so far. */
export interface CallList {
  /** The first line that it has, its tilde included. */
  readonly start: TextPiece;
  /** Whether its calls are let through (or logged), and no others; else all but its calls are. */
  readonly isAllowList: boolean;
  readonly calls: Map<string, Listed>;
}

/** Says that systemd ignores a word, and why. */
export type Ignore = (word: TextPiece, message: string) => void;

/** What a list can hold: only lists that deny calls can have errnos. */
export interface ListKind {
  /** The set that every allow-list has, although no line names it. */
  readonly implied: string | undefined;
  readonly takesDenials: boolean;
  readonly parseDenial: (text: string) => Denial | undefined;
  /** The release whose sets apply. */
  readonly release: SystemdRelease;
}

/**
 * Adds a line to a list.
 *
 * @param value - the parts of the line's value
 * @returns the list; `undefined` after an empty value, which begins anew
 */
export function addLine(
  list: CallList | undefined,
  value: readonly TextPiece[],
  kind: ListKind,
  ignore: Ignore,
): CallList | undefined {
  const words = value.flatMap(wordsOf);
  const [first] = words;
  if (first === undefined) return undefined;
  const isInverted = value.find(({ text }) => text !== '')?.text.startsWith('~') === true;
  const named = isInverted ? [{ text: first.text.slice(1), at: first.at + 1 }, ...words.slice(1)] : words;
  const result = list ?? createList(first, !isInverted, kind);
  for (const word of named) if (word.text !== '') addWord(result, word, isInverted, kind, ignore);
  return result;
}

function createList(start: TextPiece, isAllowList: boolean, { implied, release }: ListKind): CallList {
  const calls = new Map<string, Listed>();
  if (isAllowList && implied !== undefined) {
    for (const name of membersOf(implied, release) ?? [])
      calls.set(name, { word: start, set: implied, denial: undefined });
  }
  return { start, isAllowList, calls };
}

function addWord(list: CallList, word: TextPiece, isInverted: boolean, kind: ListKind, ignore: Ignore): void {
  const [name = '', ...rest] = kind.takesDenials ? word.text.split(':') : [word.text];
  const errno = rest.length === 0 ? undefined : rest.join(':');
  const denial = errno === undefined ? undefined : kind.parseDenial(errno);
  if (name === '' || (errno !== undefined && denial === undefined)) {
    ignore(word, `'${word.text}' is not a system call with an errno after a colon`);
    return;
  }
  if (denial !== undefined && !isInverted) {
    ignore(word, `'${word.text}' has an errno, which only a line that begins with ~ can have`);
    return;
  }
  const isSet = name.startsWith('@');
  const names = isSet ? membersOf(name, kind.release) : [name];
  if (names === undefined) {
    ignore(word, unknownSet(name, kind.release));
    return;
  }
  const isAdded = isInverted !== list.isAllowList || denial !== undefined;
  for (const each of names) {
    if (isAdded) list.calls.set(each, { word, set: isSet ? name : undefined, denial });
    else list.calls.delete(each);
  }
}

/** Explains an unknown set. A newer release may have it. */
function unknownSet(name: string, release: SystemdRelease): string {
  const other = systemdReleases.find((each) => wordsOfSet(name, each) !== undefined);
  if (other === undefined) return `systemd has no set ${name}`;
  return `systemd ${release}, whose sets are used here, has no set ${name}; systemd ${other} has one, so the service gets another filter there (--dialect systemd@${other})`;
}

/** The words of a set in a release: calls and sets. */
function wordsOfSet(set: string, release: SystemdRelease): readonly string[] | undefined {
  const words = new Set(Object.hasOwn(systemdSets, set) ? splitWords(systemdSets[set] ?? '') : []);
  for (const later of systemdReleases.filter((each) => each <= release)) {
    for (const change of splitWords(laterSystemdSets[later]?.[set] ?? '')) {
      if (change.startsWith('+')) words.add(change.slice(1));
      else words.delete(change.slice(1));
    }
  }
  return words.size === 0 ? undefined : [...words];
}

const members = new Map<string, readonly string[]>();

/** The calls of a set and of the sets in it, those that the tables know; `undefined` for a set that the release lacks. */
export function membersOf(set: string, release: SystemdRelease): readonly string[] | undefined {
  const key = `${set} ${release}`;
  const known = members.get(key);
  if (known !== undefined) return known;
  const words = wordsOfSet(set, release);
  if (words === undefined) return undefined;
  const calls = new Set(allSyscallNames());
  const found = new Set<string>();
  for (const word of words) {
    const inner = word.startsWith('@') ? (membersOf(word, release) ?? []) : [word];
    for (const name of inner) if (calls.has(name)) found.add(name);
  }
  const names = [...found];
  members.set(key, names);
  return names;
}
