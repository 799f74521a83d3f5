/**
 * What a value must be made of, said once a type, and read by that: the plain values that users of the stages hand in.
 *
 * A value is copied as it is checked. So what a getter, a proxy or its owner makes of it afterwards changes nothing, and what was
 * worked out from it is never the answer for another value. Commands load none of this: their values come from their own readers.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { type ArchName, architectures, type Endian } from './architectures.ts';
import { describe } from './check-values.ts';
import { frozen } from './frozen.ts';
import type { KernelVersion } from './kernel-version.ts';
import { nearest } from './nearest-name.ts';
import { type Comparison, operators, U64_MAX } from './operators.ts';
import { isBytes } from './other-realms.ts';
import type { SeccompData } from './seccomp-data.ts';
import { isPlain, refusePollution } from './take-options.ts';

/** The value of a call that is read, and the way from an argument of it to the member that is read now. */
interface Reading {
  readonly call: string;
  readonly path: (string | number)[];
}

/**
 * Reads a value. @returns a copy. @throws OciSeccompError `ERR_USAGE` with the path of the member that is wrong
 *
 * `in out`: the compiler refuses a shape of fewer values than the type has, as it does one of more. So no new member and no new
 * name of a type is forgotten here.
 */
export type Shape<in out T> = (value: unknown, reading: Reading) => T;

/**
 * Makes the reader of a call's arguments.
 *
 * @param call - its name, for errors
 */
export function takerFor(call: string): <T>(name: string, shape: Shape<T>, value: unknown) => T {
  refusePollution(call);
  return (name, shape, value) => {
    const reading: Reading = { call, path: [name] };
    try {
      return shape(value, reading);
    } catch (cause) {
      if (cause instanceof OciSeccompError) throw cause;
      // A getter or a proxy of the caller threw.
      const key = written(reading.path);
      throw new OciSeccompError('ERR_USAGE', `${key} cannot be read`, { details: { call, key }, cause });
    }
  };
}

/** `policy.rules[3].nr` */
function written(path: readonly (string | number)[]): string {
  return path.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? key : `.${key}`)).join('');
}

/** The error about the member that is read now. @param words - what it must be: they follow "is" */
export function wrongMember(reading: Reading, words: string, value: unknown, hint?: string): OciSeccompError {
  return refused(reading, words, describe(value), hint);
}

function refused({ call, path }: Reading, words: string, found: string, hint?: string): OciSeccompError {
  const key = written(path);
  return new OciSeccompError('ERR_USAGE', `${key} is ${words}, not ${found}`, {
    hint,
    details: { call, key },
  });
}

/** A value without members. */
export function valueThat<T>(words: string, holds: (value: unknown) => boolean, hint?: string): Shape<T> {
  return (value, reading) => {
    if (!holds(value)) throw wrongMember(reading, words, value, hint);
    return value as T;
  };
}

export const text: Shape<string> = (value, reading) => {
  if (typeof value !== 'string') throw wrongMember(reading, 'text', value);
  return value;
};
/** The text of a file, or its bytes. Bytes are copied: their owner may write to them while a promise is open. */
export const textOrBytes: Shape<string | Uint8Array> = (value, reading) => {
  if (typeof value === 'string') return value;
  // Of Node's Buffer, slice() is no copy.
  if (isBytes(value)) return Uint8Array.from(value);
  const hint =
    'hand in the text of the file: what JSON.parse makes of it has lost the places and numbers above 2^53';
  throw wrongMember(reading, 'text or bytes', value, hint);
};
export const flag: Shape<boolean> = valueThat('true or false', (value) => typeof value === 'boolean');
export function callback<T extends (...given: never[]) => unknown>(): Shape<T> {
  return valueThat('a function', (value) => typeof value === 'function');
}
export const u64: Shape<bigint> = valueThat(
  'a bigint of 0..2^64-1',
  (value) => typeof value === 'bigint' && value >= 0n && value <= U64_MAX,
);

function wholeNumber(from: number, to: number): Shape<number> {
  return (value, reading) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    throw wrongMember(reading, `a whole number of ${from}..${to}`, value);
  };
}

export const u8 = wholeNumber(0, 0xff);
export const u16 = wholeNumber(0, 0xffff);
export const u32 = wholeNumber(0, 0xffff_ffff);
export const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);
/** The number of a call, as i32 or as u32. */
export const callNumber = wholeNumber(-0x8000_0000, 0xffff_ffff);

export function oneOf<const All extends readonly (string | number)[]>(known: All): Shape<All[number]> {
  const all = new Set<unknown>(known);
  return valueThat(`one of ${known.join(', ')}`, (value) => all.has(value));
}

export function maybe<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, reading) => (value === undefined ? undefined : shape(value, reading));
}

/** No list that anything here makes is so long, and a list without content can be as long as it likes. */
const LONGEST_LIST = 1_000_000;

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, reading) => {
    if (!Array.isArray(value)) throw wrongMember(reading, 'a list', value);
    const { length } = value;
    if (length > LONGEST_LIST) throw wrongMember(reading, `a list of at most ${LONGEST_LIST}`, value);
    const { path } = reading;
    const copy: T[] = [];
    for (let at = 0; at < length; at++) {
      path.push(at);
      // A hole is read as undefined: nobody wrote a value there, whatever Array.prototype has.
      copy.push(shape(Object.hasOwn(value, at) ? value[at] : undefined, reading));
      path.pop();
    }
    return copy;
  };
}

/** @param what - what the list is of, for the message: `program` */
export function atLeastOne<T, List extends readonly T[] = readonly T[]>(
  what: string,
  shape: Shape<T>,
): Shape<List> {
  const list = listOf(shape);
  return (value, reading) => {
    const copy = list(value, reading);
    if (copy.length === 0) throw refused(reading, `a list of at least one ${what}`, 'an empty list');
    return copy as List;
  };
}

/** One shape a member; what may be absent is {@link maybe}. */
type Members<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Shape<T[K] | undefined> : Shape<T[K]>;
};

/**
 * A plain object with these members alone: another one is a member that was spelt wrongly, and to pass it over would give the value
 * another meaning.
 */
export function recordOf<T extends object>(members: Members<T>): Shape<T> {
  const known = Object.keys(members);
  const read = membersOf(members);
  return (value, reading) => {
    const record = plainObject(value, reading);
    for (const key of Reflect.ownKeys(record)) {
      if (typeof key === 'symbol' || !Object.hasOwn(members, key)) throw unknownMember(reading, key, known);
    }
    return read(record, reading);
  };
}

/** One of several kinds of objects, told apart by their `kind`. */
export function oneKindOf<T extends { readonly kind: string }>(
  kinds: {
    readonly [K in T['kind']]: Shape<Extract<T, { readonly kind: K }>>;
  },
): Shape<T> {
  const kind = withMembers<{ kind: T['kind'] }>({ kind: oneOf(Object.keys(kinds) as T['kind'][]) });
  return (value, reading) => kinds[kind(value, reading).kind](value, reading) as T;
}

/** One value alone. */
export function exactly<const T extends string | number | boolean>(only: T): Shape<T> {
  return valueThat(JSON.stringify(only), (value) => value === only);
}

/** Some members of an object that may have others, as what an earlier stage returned. */
export function withMembers<T extends object>(members: Members<T>): Shape<T> {
  const read = membersOf(members);
  return (value, reading) => read(plainObject(value, reading), reading);
}

function membersOf<T extends object>(members: Members<T>): (record: object, reading: Reading) => T {
  const shapes = Object.entries(members) as [string, (value: unknown, reading: Reading) => unknown][];
  return (record, reading) => {
    const copy: Record<string, unknown> = {};
    const { path } = reading;
    for (const [key, shape] of shapes) {
      path.push(key);
      // What an object inherits is not its own.
      const member = shape(Object.hasOwn(record, key) ? record[key as never] : undefined, reading);
      if (member !== undefined) copy[key] = member;
      path.pop();
    }
    return copy as T;
  };
}

/** The shape of a value that calls both return and take. */
export interface ReusableShape<in out T> extends Shape<T> {
  /** Freezes what a call returns: from then on it is taken as it is. @returns the value itself */
  readonly freeze: (value: T) => T;
  /** Whether it did. */
  readonly knows: (value: unknown) => value is T;
}

/**
 * Makes a shape know the values that calls returned. They are frozen with all that is in them, so there is nothing to check or to
 * copy. One who asks a thousand questions about one policy would else pay for a thousand copies.
 */
export function reusable<T extends object>(shape: Shape<T>): ReusableShape<T> {
  const returned = new WeakSet<object>();
  const knows = (value: unknown): value is T => returned.has(value as object);
  const take: Shape<T> = (value, reading) => (knows(value) ? value : shape(value, reading));
  const freeze = (value: T): T => {
    returned.add(frozen(value));
    return value;
  };
  return Object.assign(take, { freeze, knows });
}

/** Texts by any name. */
export const texts: Shape<Readonly<Record<string, string>>> = (value, reading) => {
  const record = plainObject(value, reading);
  return Object.fromEntries(
    Object.keys(record).map((key) => {
      reading.path.push(key);
      const member = text(record[key as never], reading);
      reading.path.pop();
      return [key, member];
    }),
  );
};

function plainObject(value: unknown, reading: Reading): object {
  const isObject = typeof value === 'object' && value !== null;
  if (isObject && Object.getPrototypeOf(value) === Object.prototype) return value;
  if (isPlain(value)) return value;
  throw wrongMember(reading, 'a plain object', value);
}

function unknownMember({ call, path }: Reading, key: string | symbol, known: readonly string[]) {
  const [spelling, owner] = [String(key), written(path)];
  const near = nearest(spelling.slice(0, 40), known);
  const hint = near === undefined ? `it has ${known.join(', ')}` : `did you mean ${near}?`;
  const details = { call, key: written([...path, spelling]), known };
  return new OciSeccompError('ERR_USAGE', `${owner} has no member ${describe(spelling)}`, { hint, details });
}

export const archName: Shape<ArchName> = oneOf(Object.keys(architectures) as ArchName[]);
export const endian: Shape<Endian> = oneOf(['little', 'big']);
export const kernelVersion: Shape<KernelVersion> = recordOf<KernelVersion>({ kernel: count, major: count });

export const argumentIndex = wholeNumber(0, 5);

export const comparison: Shape<Comparison> = recordOf<Comparison>({
  index: argumentIndex,
  op: oneOf(Object.keys(operators) as (keyof typeof operators)[]),
  value: u64,
  valueTwo: u64,
});

/** A call as filters see it; arguments that are missing are 0. */
export const seccompData: Shape<SeccompData> = recordOf<SeccompData>({
  nr: callNumber,
  arch: u32,
  instructionPointer: u64,
  args: upToSix(u64),
});

/** The values of arguments, by index. */
export function upToSix<T>(shape: Shape<T>): Shape<readonly T[]> {
  const list = listOf(shape);
  return (value, reading) => {
    const words = list(value, reading);
    if (words.length > 6) throw wrongMember(reading, 'a list of at most 6', value);
    return words;
  };
}
