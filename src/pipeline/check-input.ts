/**
 * Checks of what callers of the library hand in.
 * @module
 */

import { capabilitySets } from '../abi/capabilities.ts';
import { describe } from '../abi/check-values.ts';
import {
  anything,
  flag,
  type OptionKind,
  type OptionKinds,
  oneOf,
  plainText,
  texts,
  upTo,
} from '../abi/take-options.ts';
import { LONGEST_TIMEOUT_MS } from '../compile/longest-timeout.ts';
import { OciSeccompError } from '../errors.ts';
import { dialectNames } from '../oci/dialect-rows.ts';
import type {
  CompileProfileOptions,
  ProfileReading,
  ReportOptions,
  ValidateProfileOptions,
} from './profile-options.ts';

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const kernelKind: OptionKind = {
  words: 'text such as 6.1, or {kernel, major}',
  holds: (value) => {
    if (typeof value === 'string') return true;
    const { kernel, major }: { kernel?: unknown; major?: unknown } = Object(value);
    return isCount(kernel) && isCount(major);
  },
};

const sets = oneOf(Object.keys(capabilitySets));
const capabilitiesKind: OptionKind = {
  words: `a list of capabilities, or ${sets.words}`,
  holds: (value) => sets.holds(value) || texts.holds(value),
};

const readingKinds: OptionKinds<ProfileReading> = {
  name: plainText,
  dialect: oneOf(dialectNames),
  object: plainText,
  runtime: plainText,
  engine: plainText,
  arch: plainText,
  kernel: kernelKind,
  capabilities: capabilitiesKind,
  library: plainText,
  backend: oneOf(['libseccomp', 'builtin']),
  table: plainText,
};

/** The kinds of each call's options. */
export const kindsOf = {
  compileProfile: { ...readingKinds, timeoutMs: upTo(LONGEST_TIMEOUT_MS), allowUnproven: flag, strict: flag },
  verifyFilter: readingKinds,
  reportProfile: { ...readingKinds, noNewPrivileges: flag, against: anything, againstName: plainText },
  validateProfile: {
    name: plainText,
    dialect: oneOf(dialectNames),
    runtimes: texts,
    engine: plainText,
    arch: plainText,
  },
} as const satisfies {
  readonly compileProfile: OptionKinds<CompileProfileOptions>;
  readonly verifyFilter: OptionKinds<ProfileReading>;
  readonly reportProfile: OptionKinds<ReportOptions>;
  readonly validateProfile: OptionKinds<ValidateProfileOptions>;
};

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
