/**
 * What a filter blocks, on one screen.
 * @module
 */
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { formatClaim } from '../../compile/claim-text.ts';
import { formatOutcome, wordsOf } from '../../decision/format-call.ts';
import type { SummarizedCall, SummarizedState } from '../../report/call-states.ts';
import { isUndecided } from '../../report/explain-call.ts';
import { renderCases } from '../../report/explain-text.ts';
import { subsystemNames } from '../../report/subsystems.ts';
import type { BlockedSummary, OtherArchitecture } from '../answers/blocked-summary.ts';
import { basisJson } from './answer-basis.ts';
import { descriptionJson, outcomeJson } from './json-meaning.ts';
import { wrapText } from './wrap-text.ts';

const WIDTH = 100;
const COLUMN = 21;
const MAX_CONDITIONAL = 8;
const MAX_CONDITION = 240;
const MAX_DANGEROUS = 7;

export function renderBlocked(summary: BlockedSummary): string {
  const { filtered, arch, calls } = summary;
  const lines = [
    heading(summary),
    `${arch} has ${calls.length} calls: ${counts(countStates(calls), calls.filter(isUndecided).length)}`,
    ...denied(calls, arch),
    ...conditional(summary),
    ...undecided(summary),
    ...dangerous(summary),
    ...elsewhere(summary),
    `one call in detail: ${explainCommand(filtered)}; all calls: --json`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function explainCommand({ work, name }: BlockedSummary['filtered']): string {
  const process = /^process (\d+) \(/.exec(name)?.[1];
  const operand = work?.input.operand ?? (process === undefined ? name : `pid:${process}`);
  return shellCommand(['oci-seccomp', 'explain', fileWord(operand), 'mount']);
}

function heading({ filtered: { name, circumstances, programs, basis } }: BlockedSummary): string {
  const [runtime, ...host] = circumstances;
  if (runtime === undefined)
    return programs.length > 1 ? `${name}: ${programs.length} filters together` : name;
  const claim = basis.kind === 'profile' ? `; ${formatClaim(basis.claim)}` : '';
  return `${name}, as ${runtime} installs it on ${host.join(', ')}${claim}`;
}

const labels = {
  allowed: 'allowed',
  'by-arguments': 'allowed for some arguments',
  asked: 'left to a supervisor',
  denied: 'denied',
} as const satisfies Record<SummarizedState, string>;

/** @param open - how many of those that are left to a supervisor are not decided in truth */
function counts(found: Readonly<Record<SummarizedState, number>>, open: number): string {
  const states = Object.keys(labels) as SummarizedState[];
  const rows = states.map((state) => [found[state] - (state === 'asked' ? open : 0), labels[state]] as const);
  return [...rows, [open, 'not decided'] as const]
    .flatMap(([count, label]) => (count === 0 ? [] : [`${count} ${label}`]))
    .join(', ');
}

function countStates(calls: readonly SummarizedCall[]): Readonly<Record<SummarizedState, number>> {
  const found = { allowed: 0, 'by-arguments': 0, asked: 0, denied: 0 };
  for (const { state } of calls) found[state] += 1;
  return found;
}

/** By verdict, the most frequent first, then by subsystem. */
function denied(calls: readonly SummarizedCall[], arch: ArchName): readonly string[] {
  const byVerdict = new Map<string, SummarizedCall[]>();
  for (const call of calls.filter(({ state }) => state === 'denied')) {
    const verdict = call.outcomes.map((outcome) => formatOutcome(outcome, arch)).join(' or ');
    byVerdict.set(verdict, [...(byVerdict.get(verdict) ?? []), call]);
  }
  const sorted = [...byVerdict].sort(([, a], [, b]) => b.length - a.length);
  return sorted.flatMap(([verdict, own]) => [
    `denied, ${verdict}:`,
    ...subsystemNames.flatMap((subsystem) => {
      const names = own.filter((call) => call.subsystem === subsystem).map(({ syscall }) => syscall);
      return names.length === 0 ? [] : [column(subsystem, fitNames(names, WIDTH - COLUMN))];
    }),
  ]);
}

function column(label: string, text: string): string {
  return `  ${label.padEnd(COLUMN - 4)}  ${text}`;
}

/** As many names as fit a line, and a count of the others. */
function fitNames(names: readonly string[], width: number): string {
  const shown: string[] = [];
  for (const [i, name] of names.entries()) {
    const rest = names.length - i - 1;
    const text = [...shown, name].join(' ');
    if (text.length + (rest > 0 ? ` and ${rest} more`.length : 0) > width && shown.length > 0) break;
    shown.push(name);
  }
  const more = names.length - shown.length;
  return `${shown.join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function conditional({ calls, arch }: BlockedSummary): readonly string[] {
  const own = calls.filter(({ state, description }) => state === 'by-arguments' && description !== undefined);
  if (own.length === 0) return [];
  const lines = own.slice(0, MAX_CONDITIONAL).map(({ syscall, description }) => {
    const cases = description === undefined ? [] : renderCases(description, wordsOf(arch, syscall), '');
    const text = cases.map((line) => line.replace(/ {2,}/g, ' ')).join('; ');
    const short = text.length > MAX_CONDITION ? `${text.slice(0, MAX_CONDITION)}…` : text;
    return wrapText(column(syscall, short), { width: WIDTH, indent: COLUMN });
  });
  const more = own.slice(MAX_CONDITIONAL).map(({ syscall }) => syscall);
  return [
    'by arguments:',
    ...lines,
    ...(more.length === 0 ? [] : [column('and', fitNames(more, WIDTH - COLUMN))]),
  ];
}

function undecided({ calls }: BlockedSummary): readonly string[] {
  const names = calls.filter(isUndecided).map(({ syscall }) => syscall);
  return names.length === 0 ? [] : ['not decided:', column('too complex', fitNames(names, WIDTH - COLUMN))];
}

function dangerous({ dangerous: found }: BlockedSummary): readonly string[] {
  if (found.length === 0) return ['no call that is known to be dangerous gets through'];
  const lines = found.slice(0, MAX_DANGEROUS).map(({ calls, danger }) => {
    const value = danger.value === undefined ? '' : ` with ${danger.value.name}`;
    return `  ${fitNames(calls, WIDTH / 2)}${value}: ${danger.what}`;
  });
  const more = [...new Set(found.slice(MAX_DANGEROUS).flatMap(({ calls }) => calls))];
  return [
    'allowed, and dangerous:',
    ...lines,
    ...(more.length === 0 ? [] : [`  and ${fitNames(more, WIDTH - 10)}`]),
  ];
}

function elsewhere({ others, foreign, unknownNumber, arch }: BlockedSummary): readonly string[] {
  const verdict = (outcomes: BlockedSummary['foreign']): string =>
    outcomes.map((outcome) => formatOutcome(outcome, arch)).join(' or ');
  return [
    ...others.map((other) => `${other.arch}: ${counts(other.counts, other.open)}${difference(other, arch)}`),
    `numbers that no call of ${arch} has: ${verdict(unknownNumber)}; other architectures: ${verdict(foreign)}`,
  ];
}

function difference({ looser, stricter }: OtherArchitecture, arch: ArchName): string {
  const parts = [
    ...(looser.length === 0 ? [] : [`more open for ${fitNames(looser, WIDTH / 3)}`]),
    ...(stricter.length === 0 ? [] : [`stricter for ${fitNames(stricter, WIDTH / 3)}`]),
  ];
  return parts.length === 0
    ? `; calls that ${arch} has too get the same`
    : `; against ${arch}: ${parts.join(', ')}`;
}

type ArchName = BlockedSummary['arch'];

export function blockedJson({
  filtered,
  arch,
  calls,
  dangerous: found,
  others,
  foreign,
  unknownNumber,
}: BlockedSummary) {
  return {
    subject: filtered.name,
    compiledFor: filtered.circumstances,
    restsOn: basisJson(filtered.basis),
    arch,
    counts: countStates(calls),
    calls: calls.map(({ syscall, nr, subsystem, state, outcomes, description }) => ({
      syscall,
      nr: nr >>> 0,
      subsystem,
      state,
      verdicts: outcomes.map((outcome) => outcomeJson(outcome, arch)),
      ...(description === undefined ? {} : descriptionJson(description, wordsOf(arch, syscall))),
    })),
    dangerous: found.map(({ calls: names, danger: { what, reason, value } }) => ({
      calls: names,
      argument: value ?? null,
      what,
      reason,
    })),
    otherArchitectures: others,
    unknownNumber: unknownNumber.map((outcome) => outcomeJson(outcome, arch)),
    unknownArchitecture: foreign.map((outcome) => outcomeJson(outcome, arch)),
  };
}
