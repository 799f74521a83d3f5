/**
 * Filter attributes: one row each.
 *
 * Source: libseccomp 2.6.1 include/seccomp.h.in (`enum scmp_filter_attr`), seccomp_attr_set(3), seccomp_api_get(3).
 * @module
 */
import { describe } from '../abi/check-values.ts';
import { OciSeccompError } from '../errors.ts';
import { type Action, fromNative as actionFromNative, toNative as actionToNative } from './action.ts';

/** The name of an attribute. */
export type AttributeName =
  | 'ACT_DEFAULT'
  | 'ACT_BADARCH'
  | 'CTL_NNP'
  | 'CTL_TSYNC'
  | 'API_TSKIP'
  | 'CTL_LOG'
  | 'CTL_SSB'
  | 'CTL_OPTIMIZE'
  | 'API_SYSRAWRC'
  | 'CTL_WAITKILL';

/** One attribute of a filter (seccomp_attr_set(3)). */
export interface AttributeInfo {
  /** Value of `SCMP_FLTATR_*`. */
  readonly native: number;
  /** What its values are. */
  readonly type: 'action' | 'boolean' | 'level';
  /** First libseccomp release with it. */
  readonly since: string;
  /** API level (library and kernel together) that it needs. Setting it checks the level; for CTL_WAITKILL only the kernel does, at load. */
  readonly apiLevel: number;
  /** What it does, one sentence without a full stop. */
  readonly meaning: string;
}

/** Every attribute of libseccomp 2.6.1 by its name here. */
export const attributes = {
  ACT_DEFAULT: {
    native: 1,
    type: 'action',
    since: '2.0.0',
    apiLevel: 1,
    meaning: 'the default action; read-only',
  },
  ACT_BADARCH: {
    native: 2,
    type: 'action',
    since: '2.0.0',
    apiLevel: 1,
    meaning: 'what calls on other architectures get; by default KILL, which ends the thread',
  },
  CTL_NNP: {
    native: 3,
    type: 'boolean',
    since: '2.0.0',
    apiLevel: 1,
    meaning: 'set no_new_privs at load; on by default',
  },
  CTL_TSYNC: {
    native: 4,
    type: 'boolean',
    since: '2.2.0',
    apiLevel: 2,
    meaning: 'filter all threads at load, or none; the option threads of load sets it',
  },
  API_TSKIP: {
    native: 5,
    type: 'boolean',
    since: '2.3.2',
    apiLevel: 1,
    meaning: 'accept rules for the number -1, by which a tracer skips a call; off by default',
  },
  CTL_LOG: {
    native: 6,
    type: 'boolean',
    since: '2.4.0',
    apiLevel: 3,
    meaning: 'log all actions but ALLOW; off by default',
  },
  CTL_SSB: {
    native: 7,
    type: 'boolean',
    since: '2.5.0',
    apiLevel: 4,
    meaning: 'switch the mitigation of Speculative Store Bypass off; off by default',
  },
  CTL_OPTIMIZE: {
    native: 8,
    type: 'level',
    since: '2.5.0',
    apiLevel: 1,
    meaning: '1, the default, orders calls by priority and complexity; 2 makes a binary tree by number',
  },
  API_SYSRAWRC: {
    native: 9,
    type: 'boolean',
    since: '2.5.0',
    apiLevel: 1,
    meaning: "return the kernel's own errno, as load always does; off by default",
  },
  CTL_WAITKILL: {
    native: 10,
    type: 'boolean',
    since: '2.6.0',
    apiLevel: 7,
    meaning:
      'with NOTIFY, once its request is received, only a fatal signal interrupts the thread; off by default',
  },
} as const satisfies Record<AttributeName, AttributeInfo>;

/** The type of an attribute's value. */
export type AttributeValue<N extends AttributeName> = (typeof attributes)[N]['type'] extends 'action'
  ? Action
  : (typeof attributes)[N]['type'] extends 'boolean'
    ? boolean
    : 1 | 2;

/** Finds an attribute's row. @throws OciSeccompError `ERR_USAGE` for an unknown name */
export function attributeInfo(name: AttributeName): AttributeInfo {
  const given: unknown = name;
  if (typeof given === 'string' && Object.hasOwn(attributes, given)) return attributes[name];
  throw new OciSeccompError('ERR_USAGE', `no filter attribute is called ${describe(given)}`, {
    hint: `they are ${Object.keys(attributes).join(', ')}`,
  });
}

/** Encodes a value. @throws OciSeccompError `ERR_USAGE` for a value of another type */
export function toNative(name: AttributeName, value: unknown): number {
  const { type } = attributeInfo(name);
  if (type === 'action') return actionToNative(value as Action);
  if (type === 'boolean' && typeof value === 'boolean') return value ? 1 : 0;
  if (type === 'level' && (value === 1 || value === 2)) return value;
  const wanted = type === 'boolean' ? 'true or false' : '1 or 2';
  throw new OciSeccompError('ERR_USAGE', `${name} is ${wanted}, not ${describe(value)}`);
}

/** Decodes a value. */
export function fromNative<N extends AttributeName>(name: N, native: number): AttributeValue<N> {
  const { type } = attributeInfo(name);
  const value = type === 'action' ? actionFromNative(native) : type === 'boolean' ? native !== 0 : native;
  return value as AttributeValue<N>;
}
