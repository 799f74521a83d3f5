/**
 * Checks of what callers of the library hand in.
 * @module
 */
import { capabilitySets } from '../abi/capabilities.ts';
import { describe, readGiven } from '../abi/check-values.ts';
import { isKernelVersion } from '../abi/kernel-version.ts';
import { isBytes } from '../abi/other-realms.ts';
import {
  anything,
  copyData,
  flag,
  type OptionKind,
  type OptionKinds,
  oneOf,
  plainText,
  someTexts,
  texts,
  upTo,
} from '../abi/take-options.ts';
import { takerFor } from '../abi/value-shape.ts';
import { LONGEST_TIMEOUT_MS } from '../compile/longest-timeout.ts';
import { OciSeccompError } from '../errors.ts';
import type { Profile } from '../oci/profile.ts';
import { profile as shapeOfProfile } from '../oci/profile-shape.ts';
import { engineKind, readingKinds as readingText } from '../oci/reading-kinds.ts';
import type {
  CompileProfileOptions,
  ProfileInput,
  ProfileReading,
  ReportOptions,
  ValidateProfileOptions,
} from './profile-options.ts';

const kernelKind: OptionKind = {
  words: 'text such as 6.1, or {kernel, major}',
  copy: copyData,
  holds: (value) => typeof value === 'string' || isKernelVersion(value),
};

const sets = oneOf(Object.keys(capabilitySets));
const capabilitiesKind: OptionKind = {
  ...texts,
  words: `a list of capabilities, or ${sets.words}`,
  holds: (value) => sets.holds(value) || texts.holds(value),
};

const readingKinds: OptionKinds<ProfileReading> = {
  ...readingText,
  object: plainText,
  runtime: plainText,
  engine: engineKind,
  arch: plainText,
  kernel: kernelKind,
  capabilities: capabilitiesKind,
  library: plainText,
  backend: oneOf(['libseccomp', 'builtin']),
  table: plainText,
};

const otherProfile: OptionKind = { ...anything, copy: (value) => takeProfile('reportProfile', value) };

/** The kinds of each call's options. */
export const kindsOf = {
  compileProfile: { ...readingKinds, timeoutMs: upTo(LONGEST_TIMEOUT_MS), allowUnproven: flag, strict: flag },
  verifyFilter: readingKinds,
  reportProfile: { ...readingKinds, noNewPrivileges: flag, against: otherProfile, againstName: plainText },
  validateProfile: { ...readingText, runtimes: someTexts, engine: engineKind, arch: plainText },
} as const satisfies {
  readonly compileProfile: OptionKinds<CompileProfileOptions>;
  readonly verifyFilter: OptionKinds<ProfileReading>;
  readonly reportProfile: OptionKinds<ReportOptions>;
  readonly validateProfile: OptionKinds<ValidateProfileOptions>;
};

/**
 * Takes a profile: bytes are copied, as their owner may write to them while a promise is open.
 *
 * @throws OciSeccompError `ERR_USAGE` for what is neither text, bytes nor a profile that was read
 */
export function takeProfile(call: string, input: unknown): ProfileInput {
  return readGiven('a profile', () => readProfileInput(call, input));
}

/**
 * Takes a profile that was read: a call that takes no text. It is copied, as bytes are.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function takeReadProfile(call: string, input: unknown): Profile {
  if (typeof input === 'object') return takerFor(call)('profile', shapeOfProfile, input);
  throw new OciSeccompError('ERR_USAGE', `the profile is one that was read, not ${describe(input)}`, {
    hint: 'readProfile of oci-seccomp/oci reads it from its text',
  });
}

function readProfileInput(call: string, input: unknown): ProfileInput {
  if (typeof input === 'string') return input;
  // Of Node's Buffer, slice() is no copy.
  if (isBytes(input)) return Uint8Array.from(input);
  if (['dialect', 'rules'].every((key) => Object.hasOwn(Object(input), key)))
    return takerFor(call)('profile', shapeOfProfile, input);
  throw new OciSeccompError(
    'ERR_USAGE',
    `a profile is text, bytes, or one that was read, not ${describe(input)}`,
    {
      hint: 'hand in the text of the file, not what JSON.parse makes of it: numbers above 2^53 are lost there',
    },
  );
}
