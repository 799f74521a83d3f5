/**
 * What is claimed of a program, with everything that the claim rests on.
 *
 * A proof compares a program with a policy. The profile can say more than the policy: an engine dropped rules, a library does not
 * know names, or a kernel lacks an action. So a claim says more than the proof.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { OciFlag } from '../abi/flags.ts';
import type { Engine } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import { type DialectName, readerOf } from '../oci/dialect-rows.ts';
import type { Host } from '../oci/host.ts';
import type { Problem } from '../oci/problems.ts';
import type { Profile } from '../oci/profile.ts';
import type { Resolution } from '../oci/resolve-profile.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import type { Lowered } from '../policy/lower-profile.ts';
import type { Policy, SyscallTable } from '../policy/policy.ts';
import { accountForRules, type RuleAccount } from '../policy/rule-account.ts';
import { formatRuntime } from '../policy/runtimes.ts';
import { type Contradiction, findContradictions } from './contradictions.ts';
import type { Proof } from './prove.ts';
import { type SkippedName, skippedNames } from './skipped-names.ts';
import { type Found, findWeaknesses, type Weakness } from './weaknesses.ts';

/** A document or program by the SHA-256 of its bytes, in hexadecimal. */
export interface Hashed {
  /** A path, `<stdin>`, the name of a built-in profile, `process 1234 (nginx)`. */
  readonly name: string;
  /** SHA-256 of its bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** A call that a claim is about, with any arguments. */
export interface ClaimedCall {
  /** The architecture of the call. */
  readonly arch: ArchName;
  /** Its number, as `seccomp_data.nr` holds it. */
  readonly nr: number;
}

/** A proof with all that it rests on, and all that weakens it. */
export interface Claim {
  /** Whether the program means what the policy says, for every call or for `calls`; `undecided`: too complex to tell. */
  readonly result: 'equal' | 'different' | 'undecided';
  /** The calls that `result` and `contradictions` are about; absent: all. Whoever answers for one call proves that one alone. */
  readonly calls?: readonly ClaimedCall[];
  /** The profile's document, then those of its base profiles; of a built-in its text as oci-seccomp writes it. */
  readonly documents: readonly Hashed[];
  /**
   * When program and policy were compared. `now`: when this claim was made. `release`: when this release of oci-seccomp
   * was made, for a program that comes with it. `undefined`: `undecided`.
   */
  readonly compared: Proof['compared'] | undefined;
  /** How the profile was read: its dialect; for systemd with the release whose sets of calls were used. */
  readonly dialect: DialectName;
  /** The programs the claim is about: one, or the filters of a process, the oldest first. */
  readonly programs: readonly (Hashed & { readonly instructions: number })[];
  /** The machine that the profile was resolved for. */
  readonly host: Host;
  /** `undefined`: the profile was passed on as written. */
  readonly engine: Engine | undefined;
  /** Who installs the filter: `runc`, `crun@1.21`. */
  readonly runtime: string;
  /** Where names became numbers: `libseccomp 2.5.4`. */
  readonly table: string;
  /** Who built the program: `libseccomp 2.5.4`; `undefined` if that is not known. */
  readonly compiler: string | undefined;
  /** The architectures of the filter, the native one first. */
  readonly architectures: readonly ArchName[];
  /** Flags of the load, which the program does not show. */
  readonly flags: readonly OciFlag[];
  /** Where the listener for SCMP_ACT_NOTIFY goes. */
  readonly listener: { readonly path: string; readonly metadata: string | undefined } | undefined;
  /** How many of the profile's rules are in the filter, and what became of the others. */
  readonly rules: RuleAccount;
  /** Names that the table does not know, with what that means for the calls. */
  readonly skippedNames: readonly SkippedName[];
  /** Calls for which rules want different actions. */
  readonly contradictions: readonly Contradiction[];
  /** Why the program does less than the profile seems to say; empty if it does all of it. */
  readonly weaknesses: readonly Weakness[];
}

/** The inputs of a claim. The caller passes the hashes: this file runs where there is no crypto. */
export interface ClaimInput {
  /** The profile's document, then those of its base profiles. */
  readonly documents: readonly Hashed[];
  /** The profile as it was read. */
  readonly profile: Profile;
  /** Problems of its document that stop no reader. */
  readonly problems: readonly Problem[];
  /** What it was resolved for. */
  readonly host: Host;
  /** What `resolveProfile` returned. */
  readonly resolution: Resolution;
  /** What `lowerProfile` returned. */
  readonly lowered: Lowered;
  /** The one that the policy was lowered with. */
  readonly table: SyscallTable;
  /** The programs that the claim is about, the oldest first. */
  readonly programs: Claim['programs'];
  /** Who built the program; `undefined`: that is not known. */
  readonly compiler: string | undefined;
  /** An error: why there is no proof. */
  readonly proof: Proof | OciSeccompError;
  /** What is known of filters that were found in a process. */
  readonly found?: Found;
}

/** The name of the table that names were looked up in. */
function namesFrom({ runtime }: Policy, table: SyscallTable): string {
  return runtime.traits.sentry === undefined ? table.name : 'gVisor';
}

/** Makes the claim. */
export function makeClaim(input: ClaimInput): Claim {
  const { documents, profile, problems, host, resolution, lowered, table, programs, compiler, proof, found } =
    input;
  const { policy, steps } = lowered;
  const { listenerPath, listenerMetadata } = resolution.seccomp ?? {};
  const expanded = expandPolicy(policy, table);
  const rules = accountForRules({ profile, resolution, lowered, expanded });
  const skipped = skippedNames(policy, steps);
  const contradictions = findContradictions({ lowered, expanded, table, proof });
  const calls = proof instanceof OciSeccompError ? undefined : proof.calls;
  return {
    result: proof instanceof OciSeccompError ? 'undecided' : proof.equal ? 'equal' : 'different',
    ...(calls === undefined ? {} : { calls: calls.map(({ arch, nr }) => ({ arch, nr: nr >>> 0 })) }),
    compared: proof instanceof OciSeccompError ? undefined : proof.compared,
    documents,
    dialect: readerOf(profile),
    programs,
    host,
    engine: resolution.engine,
    runtime: formatRuntime(policy.runtime),
    table: namesFrom(policy, table),
    compiler,
    architectures: policy.architectures,
    flags: policy.flags,
    listener: listenerPath === undefined ? undefined : { path: listenerPath, metadata: listenerMetadata },
    rules,
    skippedNames: skipped,
    contradictions,
    weaknesses: findWeaknesses({
      problems,
      proof,
      resolution,
      lowered,
      rules,
      skipped,
      contradictions,
      table: namesFrom(policy, table),
      found,
    }),
  };
}
