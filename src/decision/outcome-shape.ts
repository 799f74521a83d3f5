/**
 * What outcomes, tests and differences are made of, for those that callers of the library hand in.
 * @module
 */
import {
  archName,
  argumentIndex,
  callback,
  count,
  exactly,
  flag,
  listOf,
  maybe,
  oneKindOf,
  oneOf,
  recordOf,
  type Shape,
  seccompData,
  text,
  u32,
  u64,
  withMembers,
  wrongMember,
} from '../abi/value-shape.ts';
import type { ValueTest } from './argument-values.ts';
import type { ArgumentTest, Case } from './describe.ts';
import type { ArchDifference, Change, Sighting } from './difference.ts';
import type { Words } from './format-call.ts';
import { relations as allRelations } from './relate.ts';
import type { Outcome } from './space.ts';

export const outcome: Shape<Outcome> = oneKindOf<Outcome>({
  word: recordOf({ kind: exactly('word'), word: u32 }),
  conflict: recordOf({ kind: exactly('conflict'), words: listOf(u32) }),
  undecided: recordOf<Extract<Outcome, { readonly kind: 'undecided' }>>({
    kind: exactly('undecided'),
    instruction: maybe(count),
    reason: text,
  }),
  boolean: recordOf({ kind: exactly('boolean'), holds: flag }),
});

const list = listOf(u64);

/** Both ends of a range. */
const range: Shape<readonly [bigint, bigint]> = (value, reading) => {
  const [from, to, ...more] = list(value, reading);
  if (from === undefined || to === undefined || more.length > 0 || from > to)
    throw wrongMember(reading, 'a range [from, to]', value);
  return [from, to];
};

const valueTest: Shape<ValueTest> = oneKindOf<ValueTest>({
  in: recordOf({ kind: exactly('in'), ranges: listOf(range) }),
  masked: recordOf({ kind: exactly('masked'), mask: u64, values: list, equal: flag }),
});

export const argumentTest: Shape<ArgumentTest> = recordOf<ArgumentTest>({
  index: maybe(argumentIndex),
  part: oneOf(['whole', 'low', 'high']),
  test: valueTest,
});

/** What of a case is written. */
export const tests = withMembers<Pick<Case, 'tests'>>({ tests: listOf(argumentTest) });

export const words: Shape<Words> = recordOf<Words>({
  value: callback(),
  mask: callback(),
  bits: oneOf([32, 64]),
  arch: maybe(archName),
});

/** What of a change is looked at: the rest is the caller's, and is returned as it is. */
const sightings = withMembers<Pick<Change, 'sightings'>>({
  sightings: listOf(
    recordOf<Sighting>({
      relation: oneOf(allRelations),
      call: seccompData,
      outcomes: (value, reading) => {
        const [first, second, ...more] = outcomes(value, reading);
        if (first === undefined || second === undefined || more.length > 0)
          throw wrongMember(reading, 'a list of two outcomes', value);
        return [first, second];
      },
    }),
  ),
});
const outcomes = listOf(outcome);

/** Checks what is looked at of a value that another call returned, and hands on the value itself. */
function asReturned<T, Part>(shape: Shape<Part>): Shape<T> {
  return (value, reading) => {
    shape(value, reading);
    return value as T;
  };
}

export const change = asReturned<Change, Pick<Change, 'sightings'>>(sightings);
export const differences = listOf(
  asReturned<ArchDifference, Pick<ArchDifference, 'changes'>>(withMembers({ changes: listOf(change) })),
);
