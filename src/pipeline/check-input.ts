/**
 * Checks of what callers of the library hand in. JavaScript checks no types, and an option that is ignored makes another filter
 * than the one that was meant: `{ strickt: true }` is not strict.
 * @module
 */
import { capabilitySets } from '../abi/capabilities.ts';
import { checkBoolean, checkKeys, describe } from '../abi/check-values.ts';
import { OciSeccompError } from '../errors.ts';
import { dialectNames } from '../oci/dialect-rows.ts';
import type { CompileProfileOptions, ReportOptions, ValidateProfileOptions } from './profile-options.ts';

type Check = (value: unknown, key: string) => void;

const requireText: Check = (value, key) => {
  if (typeof value !== 'string') throw wrong(`${key} is text`, value);
};

function oneOf(known: readonly string[]): Check {
  return (value, key) => {
    if (typeof value !== 'string' || !known.includes(value))
      throw wrong(`${key} is one of ${known.join(', ')}`, value);
  };
}

const requireTextList: Check = (value, key) => {
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
    throw wrong(`${key} is a list of texts`, value);
};

/** A check for each option. One that is left out is not checked. */
const readingChecks = {
  name: requireText,
  dialect: oneOf(dialectNames),
  object: requireText,
  runtime: requireText,
  engine: requireText,
  arch: requireText,
  kernel: (value, key) => {
    if (typeof value === 'string') return;
    const { kernel, major }: { kernel?: unknown; major?: unknown } = Object(value);
    if (!Number.isInteger(kernel) || !Number.isInteger(major))
      throw wrong(`${key} is text such as 6.1, or {kernel, major}`, value);
  },
  capabilities: (value, key) => {
    if (typeof value === 'string') oneOf(Object.keys(capabilitySets))(value, key);
    else requireTextList(value, key);
  },
  library: requireText,
  backend: oneOf(['libseccomp', 'builtin']),
  table: requireText,
  timeoutMs: (value, key) => {
    if (typeof value !== 'number' || !(value > 0)) throw wrong(`${key} is a number above 0`, value);
  },
  allowUnproven: checkBoolean,
  strict: checkBoolean,
  noNewPrivileges: checkBoolean,
} as const satisfies Record<
  keyof CompileProfileOptions | Exclude<keyof ReportOptions, `against${string}`>,
  Check
>;

const validateChecks = {
  name: requireText,
  dialect: oneOf(dialectNames),
  runtimes: requireTextList,
  engine: requireText,
  arch: requireText,
} as const satisfies Record<keyof ValidateProfileOptions, Check>;

/** @throws OciSeccompError `ERR_USAGE` for an unknown option, and for a value of another type */
export function checkReading(options: object): void {
  check(options, readingChecks);
}

/** @throws OciSeccompError as {@link checkReading} */
export function checkValidating(options: object): void {
  check(options, validateChecks);
}

function check(options: object, checks: Readonly<Record<string, Check>>): void {
  checkKeys(options, Object.keys(checks), 'options');
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined) checks[key]?.(value, key);
  }
}

/** @throws OciSeccompError `ERR_USAGE` for what is neither text, bytes nor a profile that was read */
export function checkProfile(input: unknown): void {
  const { dialect, rules }: { dialect?: unknown; rules?: unknown } = Object(input);
  if (typeof dialect === 'string' && Array.isArray(rules)) return;
  if (typeof input === 'string' || input instanceof Uint8Array) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    `a profile is text, bytes, or one that was read, not ${describe(input)}`,
    {
      hint: 'hand in the text of the file, not what JSON.parse makes of it: numbers above 2^53 are lost there',
    },
  );
}

function wrong(rule: string, value: unknown): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `${rule}, not ${describe(value)}`);
}
