/**
 * Values of a configuration file, read from its tree, so that every problem has a place.
 * @module
 */
import { nearest } from '../abi/nearest-name.ts';
import type { ObjectNode, Position } from './document.ts';
import type { Located } from './object-view.ts';
import type { ProblemCode } from './problem-codes.ts';
import type { Problem } from './problems.ts';
import { escapePointer } from './read-json.ts';

export interface Reader {
  readonly file: string;
  readonly text: string;
  readonly problems: Problem[];
}

/** Adds a problem at a place. */
export function complain(
  { file, problems }: Pick<Reader, 'file' | 'problems'>,
  {
    code,
    at,
    pointer,
    message,
    hint,
  }: {
    readonly code: ProblemCode;
    readonly at: Position;
    readonly pointer: string;
    readonly message: string;
    readonly hint?: string | undefined;
  },
): undefined {
  problems.push({
    code,
    severity: 'error',
    message,
    ...(hint === undefined ? {} : { hint }),
    pointer,
    file,
    line: at.line,
    column: at.column,
  });
  return undefined;
}

/** Notes that this place does not take the value. */
export function outOfRange(
  reader: Reader,
  value: Located | undefined,
  message: string,
  hint?: string | undefined,
): undefined {
  if (value === undefined) return undefined;
  const { node, pointer } = value;
  return complain(reader, { code: 'value-out-of-range', at: node.start, pointer, message, hint });
}

/** Notes that an object lacks a key. */
export function missingKey(
  reader: Reader,
  { node, pointer }: Located,
  message: string,
  hint?: string | undefined,
): undefined {
  return complain(reader, { code: 'missing-key', at: node.start, pointer, message, hint });
}

/** `did you mean X?`, or what there is. */
function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length > 12 ? 'oci-seccomp rules lists them' : `there are ${known.join(', ')}`;
}

function wrongType(reader: Reader, { node, pointer }: Located, expected: string): undefined {
  return complain(reader, {
    code: 'wrong-type',
    at: node.start,
    pointer,
    message: `expected ${expected}, not ${node.kind === 'null' ? 'null' : `a value of type ${node.kind}`}`,
  });
}

/** The members of an object; keys that are not known are complained about. */
export function membersOf(
  reader: Reader,
  value: Located,
  known: readonly string[],
  what = 'key',
): ReadonlyMap<string, Located> {
  const members = new Map<string, Located>();
  if (value.node.kind !== 'object') {
    wrongType(reader, value, 'an object');
    return members;
  }
  for (const { key, keyStart, value: node } of (value.node as ObjectNode).members) {
    const pointer = `${value.pointer}/${escapePointer(key)}`;
    if (known.includes(key)) members.set(key, { node, pointer });
    else {
      const message = what === 'key' ? `there is no key "${key}" here` : `there is no ${what} "${key}"`;
      complain(reader, { code: 'unknown-key', at: keyStart, pointer, message, hint: suggest(key, known) });
    }
  }
  return members;
}

/** A string; with `known`, one of these. */
export function stringOf<T extends string>(
  reader: Reader,
  value: Located | undefined,
  known?: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const { node } = value;
  if (node.kind !== 'string') return wrongType(reader, value, 'a string');
  if (known === undefined || known.includes(node.value as T)) return node.value as T;
  return outOfRange(reader, value, `"${node.value}" is not possible here`, suggest(node.value, known));
}

/** A value that must be true or false. */
export function booleanOf(reader: Reader, value: Located | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  return value.node.kind === 'boolean' ? value.node.value : wrongType(reader, value, 'true or false');
}

/** A value as `JSON.parse` reads it. */
export function jsonOf({ text }: Reader, { node }: Located): unknown {
  return JSON.parse(text.slice(node.start.offset, node.end.offset));
}

/** The elements of a list, each read by a function; what it cannot read is left out. */
export function listOf<T>(
  reader: Reader,
  value: Located | undefined,
  read: (element: Located) => T | undefined,
): readonly T[] | undefined {
  if (value === undefined) return undefined;
  const { node, pointer } = value;
  if (node.kind !== 'array') return wrongType(reader, value, 'a list');
  return node.elements.flatMap((element, i) => read({ node: element, pointer: `${pointer}/${i}` }) ?? []);
}
