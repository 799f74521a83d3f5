/**
 * Reads the options that callers of the library write. JavaScript checks no types, and an option that is passed over makes
 * another filter than the one that was meant: `{ strickt: true }` is not strict.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { describe } from './check-values.ts';
import { nearest } from './nearest-name.ts';

/** What an option may be: in words that follow "is", and as a question. */
export interface OptionKind {
  readonly words: string;
  readonly holds: (value: unknown) => boolean;
  /** For what its owner may write to while a promise is open. It is called before `holds`, with any value. */
  readonly copy?: (value: unknown) => unknown;
}

/** One kind for each option: the compiler asks for those that are missing. */
export type OptionKinds<T> = Readonly<Record<keyof T, OptionKind>>;

/** No call has use for a longer one, and a list without content can be as long as it likes. */
const LONGEST_LIST = 100_000;

/** Where the call itself says what the value may be. */
export const anything: OptionKind = { words: 'anything', holds: () => true };
export const plainText: OptionKind = { words: 'text', holds: (value) => typeof value === 'string' };
export const flag: OptionKind = { words: 'true or false', holds: (value) => typeof value === 'boolean' };
export const callback: OptionKind = { words: 'a function', holds: (value) => typeof value === 'function' };
export const record: OptionKind = {
  words: 'an object',
  holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};
/** Plain values in objects and lists, as JSON has them. */
export const data: OptionKind = { ...record, copy: copyData };
export const abortSignal: OptionKind = {
  words: 'an AbortSignal',
  holds: (value) => value instanceof AbortSignal,
};
export const list: OptionKind = listOf('a list', () => true);
export const texts: OptionKind = listOf('a list of texts', plainText.holds);
export const someTexts: OptionKind = atLeastOne(texts);

export function oneOf(known: readonly string[]): OptionKind {
  return {
    words: `one of ${known.join(', ')}`,
    holds: (value) => known.includes(value as string),
  };
}

export const fromZero: OptionKind = {
  words: 'a number from 0 on',
  holds: (value) => typeof value === 'number' && value >= 0,
};

export function upTo(most: number): OptionKind {
  return {
    words: `a number above 0 and up to ${most}`,
    holds: (value) => typeof value === 'number' && value > 0 && value <= most,
  };
}

export const byteOrder: OptionKind = oneOf(['little', 'big']);

/** A list of one kind of values. */
export function listOf(words: string, holds: (value: unknown) => boolean): OptionKind {
  return {
    words: `${words}, at most ${LONGEST_LIST} long`,
    holds: (value) => Array.isArray(value) && value.length <= LONGEST_LIST && [...value].every(holds),
    // Without holes: these are values that nobody wrote.
    copy: (value) => (Array.isArray(value) && value.length <= LONGEST_LIST ? [...value] : value),
  };
}

/** A list of those that a question is about: about nobody, every answer is the good one. */
export function atLeastOne(list: OptionKind): OptionKind {
  return {
    ...list,
    words: `${list.words}, and not empty`,
    holds: (value) => list.holds(value) && (value as readonly unknown[]).length > 0,
  };
}

/** A list of some of these names. */
export function someOf(known: readonly string[]): OptionKind {
  const one = oneOf(known);
  return atLeastOne(listOf(`a list of ${known.join(', ')}`, one.holds));
}

/** Options within options: one of them that nobody reads is refused too. */
export function optionsOf<T extends object>(what: string, kinds: OptionKinds<T>): OptionKind {
  return { ...record, copy: (value) => takeOptions(what, value as T, kinds) };
}

/** A copy of plain values: what cannot be copied, such as a function, is refused. */
export function copyData(value: unknown): unknown {
  return typeof value === 'object' ? structuredClone(value) : value;
}

/**
 * Reads the options of a call, each once: what becomes of the caller's object or its lists afterwards changes nothing.
 *
 * @param call - its name, for messages
 * @returns the options that are not `undefined`
 * @throws OciSeccompError `ERR_USAGE` if `given` is not a plain object, has an unknown option, or has a value of another kind.
 *   `details` has `call`. If an option is wrong, it has `key` too, and `known`: all options of the call
 */
export function takeOptions<T extends object>(call: string, given: T, kinds: OptionKinds<T>): T {
  refusePollution(call);
  const known = Object.keys(kinds);
  const taken: Record<string, unknown> = Object.create(null);
  let key: string | undefined;
  try {
    if (!isPlain(given)) throw refusal(call, `options of ${call} are a plain object, not ${describe(given)}`);
    for (const each of Reflect.ownKeys(given)) {
      key = String(each);
      if (!known.includes(key) || typeof each === 'symbol') throw unknownOption(call, key, known);
      const kind = kinds[each as keyof T];
      const written: unknown = given[each as keyof T];
      if (written === undefined) continue;
      const value = kind.copy === undefined ? written : kind.copy(written);
      if (!kind.holds(value)) {
        throw refusal(call, `option ${key} of ${call} is ${kind.words}, not ${describe(value)}`, {
          key,
          known,
        });
      }
      taken[key] = value;
    }
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    const what = key === undefined ? 'options' : `option ${key}`;
    // A getter or a proxy of the caller threw.
    throw refusal(call, `${what} of ${call} cannot be read`, { key, known }, cause);
  }
  return taken as T;
}

/**
 * Refuses to work where `Object.prototype` has got members: what a profile or a policy leaves out would be read from there. Those of
 * JavaScript itself cannot be enumerated, nor can those of careful extensions.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function refusePollution(call: string): void {
  for (const key in Object.prototype) {
    throw refusal(call, `Object.prototype has a member ${describe(key)}: every object seems to have it`, {
      key,
      hint: 'find who wrote it; make it not enumerable, if it is wanted',
    });
  }
}

/** Made by `{}`, in any realm, or without a prototype. What an object inherits from another would be passed over. */
export function isPlain(value: unknown): value is object {
  if (!record.holds(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

function unknownOption(call: string, key: string, known: readonly string[]): OciSeccompError {
  const near = nearest(key.slice(0, 40), known);
  const hint = near === undefined ? `${call} takes ${known.join(', ')}` : `did you mean ${near}?`;
  return refusal(call, `${call} has no option ${describe(key)}`, { key, known, hint });
}

function refusal(
  call: string,
  message: string,
  { key, known, hint }: { key?: string | undefined; known?: readonly string[]; hint?: string } = {},
  cause?: unknown,
): OciSeccompError {
  const details = key === undefined ? { call } : { call, key, known };
  return new OciSeccompError('ERR_USAGE', message, { hint, details, cause });
}
