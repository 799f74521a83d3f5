/**
 * What claims are made of, and are made from, for those that callers of the library hand in.
 * @module
 */
import { type OciFlag, ociFlags } from '../abi/flags.ts';
import {
  archName,
  callNumber,
  count,
  flag,
  listOf,
  maybe,
  oneOf,
  recordOf,
  type Shape,
  seccompData,
  text,
  u32,
  valueThat,
  withMembers,
} from '../abi/value-shape.ts';
import { type Engine, engines } from '../consumers.ts';
import type { Conflict } from '../decision/conflicts.ts';
import { partialCall } from '../decision/space-shape.ts';
import { OciSeccompError } from '../errors.ts';
import { type DialectName, dialectNames } from '../oci/dialect-rows.ts';
import { host, problems, profile } from '../oci/profile-shape.ts';
import { syscallTable } from '../policy/policy-shape.ts';
import type { RuleAccount } from '../policy/rule-account.ts';
import { lowered, resolution } from '../policy/work-shape.ts';
import type { Claim, ClaimInput, Hashed } from './claim.ts';
import type { Contradiction } from './contradictions.ts';
import type { Proof } from './prove.ts';
import type { SkippedName } from './skipped-names.ts';
import type { Found, Weakness } from './weaknesses.ts';

const indexes = listOf(count);
const documents = listOf(recordOf<Hashed>({ name: text, sha256: text }));
const programs = listOf(
  recordOf<Claim['programs'][number]>({ name: text, sha256: text, instructions: count }),
);
const effect = oneOf(['opens', 'closes', 'changes', 'nothing']);

const rules: Shape<RuleAccount> = recordOf<RuleAccount>({
  used: indexes,
  dropped: listOf(recordOf<{ readonly rule: number; readonly why: string }>({ rule: count, why: text })),
  sameAsDefault: indexes,
  unknown: indexes,
  nameless: indexes,
});

const skippedName: Shape<SkippedName> = recordOf<SkippedName>({
  name: text,
  rule: count,
  wanted: u32,
  gets: u32,
  effect,
});

const contradiction: Shape<Contradiction> = recordOf<Contradiction>({
  cause: oneOf(['both-match', 'unconditional', 'default', 'order']),
  arch: maybe(archName),
  nr: callNumber,
  call: maybe(seccompData),
  words: listOf(u32),
  winner: maybe(u32),
});

const weakness: Shape<Weakness> = recordOf<Weakness>({
  kind: oneOf([
    'unproven',
    'threads',
    'nothing-left',
    'unknown-names',
    'contradiction',
    'lost',
    'rewritten',
    'kernel',
    'company',
  ]),
  rule: maybe(count),
  effect: maybe(effect),
  message: text,
});

type ClaimedCall = NonNullable<Claim['calls']>[number];
type Listener = NonNullable<Claim['listener']>;

export const claim: Shape<Claim> = withMembers<Claim>({
  result: oneOf(['equal', 'different', 'undecided']),
  calls: maybe(listOf(recordOf<ClaimedCall>({ arch: archName, nr: callNumber }))),
  documents,
  compared: maybe(oneOf(['now', 'release'])),
  dialect: oneOf<readonly DialectName[]>(dialectNames),
  programs,
  host,
  engine: maybe(oneOf<readonly Engine[]>(engines)),
  runtime: text,
  table: text,
  compiler: maybe(text),
  architectures: listOf(archName),
  flags: listOf(oneOf(ociFlags as readonly OciFlag[])),
  listener: maybe(recordOf<Listener>({ path: text, metadata: maybe(text) })),
  rules,
  skippedNames: listOf(skippedName),
  contradictions: listOf(contradiction),
  weaknesses: listOf(weakness),
});

const conflict = recordOf<Proof['conflicts'][number]>({
  arch: maybe(archName),
  nr: callNumber,
  call: seccompData,
  words: listOf(u32),
  done: maybe(u32),
} satisfies Record<keyof Conflict | 'done', unknown>);

const proven: Shape<Proof> = withMembers<Proof>({
  equal: flag,
  // Nothing of it is part of a claim.
  counterexample: valueThat('a counterexample', () => true),
  conflicts: listOf(conflict),
  compared: oneOf(['now', 'release']),
  calls: maybe(listOf(partialCall)),
});

/** What `proveProgram` returned, or threw. */
const proof: Shape<Proof | OciSeccompError> = (value, reading) =>
  value instanceof OciSeccompError ? value : proven(value, reading);

export const claimInput: Shape<ClaimInput> = withMembers<ClaimInput>({
  documents,
  profile,
  problems,
  host,
  resolution,
  lowered,
  table: syscallTable,
  programs,
  compiler: maybe(text),
  proof,
  found: maybe(recordOf<Found>({ threads: listOf(text), differsInCompany: flag })),
});
