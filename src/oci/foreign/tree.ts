/**
 * Trees of profiles that are written in other languages: each value has the place of the text that it comes from.
 * @module
 */
import { errnoByName, variesByArch } from '../../abi/errno.ts';
import type {
  ArrayNode,
  NumberNode,
  ObjectNode,
  Position,
  StringNode,
  Node as TreeNode,
} from '../document.ts';
import type { FoundProblem } from '../problems.ts';
import { createLocator } from '../source-text.ts';

/** A piece of a text. */
export interface TextPiece {
  readonly text: string;
  /** Offset of its first character. */
  readonly at: number;
}

/** Where a value comes from. */
export interface Spot {
  readonly start: Position;
  readonly end: Position;
}

/** What a reader makes of a text; without a root the text cannot be read, and findings say why. */
export interface ForeignTree {
  readonly root: ObjectNode | undefined;
  readonly findings: readonly FoundProblem[];
}

/** Makes the values of one text. */
export interface TreeBuilder {
  readonly spot: (piece: TextPiece) => Spot;
  readonly string: (value: string, spot: Spot) => StringNode;
  readonly number: (value: number | bigint, spot: Spot) => NumberNode;
  readonly array: (elements: readonly TreeNode[], spot: Spot) => ArrayNode;
  /** Members whose value is `undefined` are left out. */
  readonly object: (members: Readonly<Record<string, TreeNode | undefined>>, spot: Spot) => ObjectNode;
}

/** An errno of a text: a number, or a name whose number depends on the machine. The programs read names with its headers. */
export type Errno = number | string;

/** Reads a name. @returns `undefined` if the text is not the name of an errno */
export function namedErrno(text: string): Errno | undefined {
  const number = errnoByName(text);
  return number !== undefined && variesByArch(text) ? text : number;
}

/** The key for an errno, and its value. @param keys - of the number and of the name */
export function errnoMember(
  build: TreeBuilder,
  spot: Spot,
  errno: Errno | undefined,
  [number, name]: readonly [string, string] = ['errnoRet', 'errno'],
): Readonly<Record<string, TreeNode | undefined>> {
  if (errno === undefined) return {};
  return typeof errno === 'string'
    ? { [name]: build.string(errno, spot) }
    : { [number]: build.number(errno, spot) };
}

/** A builder for values of this text. */
export function treeBuilder(text: string): TreeBuilder {
  const locate = createLocator(text);
  return {
    spot: ({ text: piece, at }) => ({ start: locate(at), end: locate(at + piece.length) }),
    string: (value, spot) => ({ kind: 'string', value, ...spot }),
    number: (value, spot) => ({ kind: 'number', text: String(value), integer: BigInt(value), ...spot }),
    array: (elements, spot) => ({ kind: 'array', elements, ...spot }),
    object: (members, spot) => ({
      kind: 'object',
      members: Object.entries(members).flatMap(([key, value]) =>
        value === undefined ? [] : [{ key, keyStart: value.start, value }],
      ),
      ...spot,
    }),
  };
}
