/**
 * A claim as text: one line that says whether the filter does what the profile seems to say, and the facts it rests on.
 * @module
 */
import type { OciFlag } from '../abi/flags.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import { filtersInLinux, isReadOnly } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import type { Claim } from './claim.ts';
import type { Observed } from './observed-policy.ts';
import type { Weakness } from './weaknesses.ts';
import { writtenOf } from './weaknesses.ts';

/**
 * The one line: it is `proven: …` only if there is no weakness; otherwise it names the weaknesses. It also says if no test runs the
 * runtime.
 */
export function formatClaim(claim: Claim): string {
  const { runtime } = claim;
  const result = formatResult(claim);
  if (isReadOnly(runtime)) return `${result}; what ${runtime} does is read from its source, not run`;
  return filtersInLinux(runtime)
    ? result
    : `${result}; ${runtime} builds its filter itself, and this is what it means`;
}

function formatResult({ result, compared, calls, weaknesses, table }: Claim): string {
  const proven = compared === 'release' ? 'proven when this release was made' : 'proven';
  if (weaknesses.length === 0) {
    const about = calls === undefined ? 'for every call' : 'for this call';
    return `${proven}: ${about} the program does what the profile says`;
  }
  const text = summarize(weaknesses);
  if (result !== 'equal') return `NOT PROVEN: ${text}`;
  // Most weaknesses are about other calls than those in question.
  if (calls !== undefined) return `${proven} for this call; about the profile: ${text}`;
  const isAboutNames = weaknesses.every(({ kind }) => kind === 'unknown-names');
  if (isAboutNames)
    return `${proven} for what ${table} knows: ${text.replaceAll(`that ${table} does`, 'it does')}`;
  return `${proven}, except: ${text}`;
}

/** The line of a trial, which denies nothing. The weaknesses that it names are those of the tried profile. */
export function formatObserved({ weaknesses }: Claim, { calls }: Observed): string {
  const count = calls === 1 ? '1 call' : `${calls} calls`;
  const about = weaknesses.length === 0 ? '' : `; about the profile: ${summarize(weaknesses)}`;
  return `observes: ${count} would be denied; the kernel logs them; nothing is denied (proven for every call)${about}`;
}

/** The first weaknesses of each kind in full, and the number of the others. */
function summarize(weaknesses: readonly Weakness[]): string {
  const kinds = [...new Set(weaknesses.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const own = weaknesses.filter((each) => each.kind === kind);
      const shown = own.slice(0, MAX_SHOWN).map(({ message }) => message);
      const rest = own.length - shown.length;
      return `${shown.join('; ')}${rest > 0 ? ` (and ${rest} more of this kind)` : ''}`;
    })
    .join('; ');
}

const MAX_SHOWN = 2;

/**
 * Insists that a claim has no weakness.
 *
 * @param name - the profile's
 * @throws OciSeccompError `ERR_CLAIM` with a note for each weakness (`details.weaknesses`)
 */
export function requireStrongClaim({ weaknesses }: Claim, name: string): void {
  if (weaknesses.length === 0) return;
  throw new OciSeccompError('ERR_CLAIM', `the filter does not do all that ${name} seems to say`, {
    hint: 'change the profile, or leave --strict out to accept this',
    details: { weaknesses, notes: weaknesses.map(({ message }) => message) },
  });
}

/** What happened to the rules: `33 rules: 15 are in the filter, 18 dropped by their conditions`. */
export function formatRules({ rules }: Claim): string {
  const { used, dropped, sameAsDefault, unknown, nameless } = rules;
  const written = writtenOf(rules);
  const total = `${written} ${written === 1 ? 'rule' : 'rules'}`;
  if (written === 0) return 'no rules: every call gets the default action';
  if (used.length === written) return `${total}: ${written === 1 ? 'it is' : 'all are'} in the filter`;
  const parts = [
    [used.length === 0 ? 'none is' : used.length === 1 ? '1 is' : `${used.length} are`, 'in the filter'],
    [dropped.length, 'dropped by conditions'],
    [sameAsDefault.length, 'skipped as equal to the default action'],
    [unknown.length, 'without a name that this libseccomp knows'],
    [nameless.length, 'without a call of these architectures'],
  ] as const;
  return `${total}: ${parts.flatMap(([count, words]) => (count === 0 ? [] : `${count} ${words}`)).join(', ')}`;
}

/** Everything that the claim rests on, by name; for the comment at the head of written programs. */
export function claimRows(claim: Claim): Readonly<Record<string, string>> {
  const { documents, programs, engine, compiler, host, flags, listener, skippedNames } = claim;
  const skipped = skippedNames.map(({ name, effect }) => `${name} (${effect})`);
  return {
    'profile sha256': listHashes(documents),
    'program sha256': programs.map(({ sha256 }) => sha256).join(', '),
    capabilities: host.capabilities === undefined ? 'no sets' : host.capabilities.join(' ') || 'none',
    engine: engine ?? 'none: the profile was passed on as written',
    'syscall table': fromTable(claim),
    ...(compiler === undefined ? {} : { compiler }),
    architectures: claim.architectures.join(', '),
    'load flags': flags.map(describeFlag).join(', ') || 'none',
    listener: listener?.path ?? 'none',
    rules: formatRules(claim),
    ...(skipped.length === 0 ? {} : { 'skipped names': skipped.join(', ') }),
    claim: formatClaim(claim),
  };
}

/** The runtime's own libseccomp can know other names than the table, and then answers ENOSYS for other calls. */
function fromTable({ table, compiler, runtime }: Claim): string {
  return compiler === OWN_COMPILER ? `${table}; the libseccomp of ${runtime} can know other names` : table;
}

const OWN_COMPILER = 'oci-seccomp';

/** A flag, and what it does beside the calls that the program decides; see oci/checks/check-flags.ts. */
function describeFlag(flag: OciFlag): string {
  return flag === 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'
    ? `${flag} (no Speculative Store Bypass mitigation before Linux 5.16)`
    : flag;
}

/** The head of a program names the first document already, so only the others get their names here. */
function listHashes(documents: Claim['documents']): string {
  return documents.map(({ name, sha256 }, i) => (i === 0 ? sha256 : `${sha256} (${name})`)).join(', ');
}

/** The claim as plain values: return words as text, integers that JSON would round as decimal strings. */
export function claimJson(claim: Claim): Readonly<Record<string, unknown>> {
  const { engine, compiler, listener, skippedNames, contradictions, host } = claim;
  return {
    ...claim,
    text: formatClaim(claim),
    host: { ...host, capabilities: host.capabilities ?? null },
    engine: engine ?? null,
    compiler: compiler ?? null,
    compared: claim.compared ?? null,
    listener: listener === undefined ? null : { path: listener.path, metadata: listener.metadata ?? null },
    skippedNames: skippedNames.map(({ wanted, gets, ...rest }) => {
      return {
        ...rest,
        wanted: formatReturnWord(wanted, host.arch),
        gets: formatReturnWord(gets, host.arch),
      };
    }),
    contradictions: contradictions.map(({ arch, call, words, winner, ...rest }) => ({
      ...rest,
      arch: arch ?? null,
      arguments: call?.args.map(String) ?? null,
      actions: words.map((word) => formatReturnWord(word, arch)),
      winner: winner === undefined ? null : formatReturnWord(winner, arch),
    })),
  };
}
