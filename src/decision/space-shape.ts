/**
 * What is asked of diagrams, for those who call the library.
 * @module
 */
import { isMap } from '../abi/other-realms.ts';
import {
  archName,
  callNumber,
  endian,
  kernelVersion,
  listOf,
  maybe,
  oneOf,
  recordOf,
  type Shape,
  u32,
  u64,
  upToSix,
  valueThat,
  withMembers,
  wrongMember,
} from '../abi/value-shape.ts';
import { program } from '../bpf/program-shape.ts';
import type { DecidableProgram } from './answer-call.ts';
import type { Field } from './diagram-variables.ts';
import type { PartialCall } from './partial-call.ts';
import { relations as allRelations, type Relation } from './relate.ts';
import { isSpace, type Node, type Space } from './space.ts';

/** A space is its own: it grows with each question, and is not copied. */
export const space: Shape<Space> = valueThat(
  'a space that createSpace made',
  isSpace,
  'it cannot be copied, nor handed to a worker or to another copy of this package: make one there, and decide in it',
);

/** Which of two spaces a node is of cannot be seen: it is a number. */
export function nodeOf({ count }: Space): Shape<Node> {
  return valueThat(
    'a node of this space',
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < count,
  );
}

export const partialCall: Shape<PartialCall> = recordOf<PartialCall>({
  arch: archName,
  nr: callNumber,
  args: upToSix(maybe(u64)),
});

/** Programs, the oldest first. What compiled one has more members. */
export const decidableProgram: Shape<DecidableProgram> = withMembers<DecidableProgram>({
  program,
  endian,
  kernel: maybe(kernelVersion),
});

/** The first of them is tried first; absent: none. */
export const architecturesToTry = maybe(listOf(archName));

export const relations: Shape<readonly Relation[]> = listOf(oneOf(allRelations));

/** The words of seccomp_data that are known, by their index. */
export const knownWords: Shape<ReadonlyMap<Field, number>> = (value, reading) => {
  if (!isMap(value)) throw wrongMember(reading, 'a Map', value);
  const pairs = listOf(listOf(u32))([...value], reading);
  return new Map(pairs.map(([field = 0, word = 0]): [number, number] => [field, word]));
};
