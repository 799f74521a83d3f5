/**
 * The report of `rebase`: what was found, merged and proved.
 * @module
 */
import type { BaseMatch, NameChanges } from '../../compose/identify-base.ts';
import type { Rebase } from '../../pipeline/rebase-onto.ts';
import { coveringText } from './covering-text.ts';
import { printJson } from './print-json.ts';
import { plural } from './render-problems.ts';

interface RebaseView {
  /** Whether long lists are shown whole. */
  readonly verbose: boolean;
  /** Whether the profile is written too. */
  readonly written: boolean;
  /** What breaks under it, a sentence each. */
  readonly breaks: readonly string[];
}

/** Calls of a list that are shown. */
const SHOWN = 12;

/** A report for people. */
export function renderRebase(rebase: Rebase, name: string, { verbose, written, breaks }: RebaseView): string {
  const { match, onto, changes, conflicts, updated, updatedParts } = rebase;
  const list = (given: NameChanges): string => changeList(given, verbose);
  const own: NameChanges = {
    added: changes.filter(({ kind }) => kind === 'added').map(({ call }) => call),
    removed: changes.filter(({ kind }) => kind === 'removed').map(({ call }) => call),
    changed: changes.filter(({ kind }) => kind === 'changed').map(({ call }) => call),
  };
  const already = changes.filter(({ inDefault }) => inDefault).map(({ call }) => call);
  const lines = [
    `${name} was copied from ${originText(match)}: ${behindText(match)}`,
    `yours: ${list(own)}`,
    ...(already.length === 0 ? [] : [`of these, ${onto} also has: ${shortList(already, verbose)}`]),
    `changed by ${onto}: ${list(updated)}`,
    ...updatedParts.map((part) => `${part}: those of ${onto}`.replace('action: those', 'action: that')),
    ...conflicts.flatMap(({ about, base, yours, theirs, taken, carries }) => [
      `conflict: ${carries.length === 0 ? `both changed ${about}` : carriesText(about, carries)}; ${taken === 'yours' ? 'yours is kept' : `that of ${onto} is taken`}`,
      `  ${match.base}: ${rulesText(base)}`,
      `  yours: ${rulesText(yours)}`,
      `  ${onto}: ${rulesText(theirs)}`,
    ]),
    proofText(rebase),
    ...breaks.map((sentence) => `warning: ${sentence}`),
    ...(written
      ? []
      : [
          rebase.isCurrent
            ? `nothing of ${onto} is missing`
            : `${onto} has what it lacks; no profile is written`,
        ]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** On 32-bit x86 and others, the rules of a multiplexer decide calls that have rules of their own too. */
function carriesText(about: string, carries: readonly string[]): string {
  return `where programs make ${shortList(carries, false)} through ${about}, as on 32-bit x86, the rules of ${about} answer too, and you and the default changed one each`;
}

/** `docker-default of 20.10.4 to 20.10.9 (2021-02)` */
function originText({ family, releases, date }: BaseMatch): string {
  const [first, last] = [releases[0]?.version, releases.at(-1)?.version];
  return `${family} of ${first === last ? first : `${first} to ${last}`} (${date.slice(0, 7)})`;
}

function behindText({ behind, newest }: BaseMatch): string {
  if (behind.length === 0) return `it names all that ${newest} names`;
  return `${plural(behind.length, 'name')} behind ${newest}`;
}

/** `+clone3 +unshare -ptrace ~socket` */
function changeList({ added, removed, changed }: NameChanges, verbose: boolean): string {
  const texts = [
    signed('+', added, verbose),
    signed('-', removed, verbose),
    signed('~', changed, verbose),
  ].filter((text) => text !== '');
  return texts.length === 0 ? 'no change' : texts.join(' ');
}

function signed(sign: string, calls: readonly string[], verbose: boolean): string {
  return shortList(
    calls.map((call) => `${sign}${call}`),
    verbose,
    ' ',
  );
}

function shortList(words: readonly string[], verbose: boolean, separator = ', '): string {
  if (verbose || words.length <= SHOWN) return words.join(separator);
  return `${words.slice(0, SHOWN).join(separator)} (and ${words.length - SHOWN} more)`;
}

function rulesText(rules: readonly string[]): string {
  return rules.length === 0 ? 'no rule' : rules.join('; ');
}

function proofText({ proofs, onto }: Rebase): string {
  const yours = Math.max(0, ...proofs.map((proof) => proof.yours));
  const rest =
    yours === 0
      ? `gets what ${onto} says`
      : `gets what ${onto} says, but for ${yours === 1 ? 'one that gets' : `up to ${yours} that get`} what your rules say`;
  return `proven: every call ${rest}, ${coveringText(proofs.map(({ host }) => host))}`;
}

/** The report as JSON, with the profile's text if there is one. */
export function renderRebaseJson(
  rebase: Rebase,
  name: string,
  text: string | undefined,
  breaks: readonly string[],
): string {
  const { match, onto, changes, conflicts, updated, updatedParts, proofs, isCurrent } = rebase;
  return printJson({
    profile: name,
    base: {
      name: match.base,
      releases: match.releases.map(({ version }) => version),
      date: match.date,
      form: match.form,
      distance: match.distance,
      similarity: match.similarity,
      newest: match.newest,
      behind: match.behind,
    },
    onto,
    current: isCurrent,
    changes,
    conflicts: conflicts.map(({ about, isCall, base, yours, theirs, taken, carries }) => ({
      about,
      call: isCall,
      ...{ base, yours, default: theirs, taken, carries },
    })),
    updated: { ...updated, parts: updatedParts },
    breaks,
    proofs: proofs.map(({ host, yours, updated: calls }) => ({
      arch: host.arch,
      kernel: `${host.kernel.kernel}.${host.kernel.major}`,
      capabilities: host.capabilities ?? [],
      yours,
      updated: calls,
    })),
    ...(text === undefined ? {} : { text }),
  });
}
