/**
 * Calls, outcomes and conditions as JSON. Arguments are decimal strings: readers would round numbers above 2^53.
 * @module
 */
import { parseReturnWord, type ReturnWord } from '../../abi/actions.ts';
import type { ArchName } from '../../abi/architectures.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { syscallName } from '../../abi/syscall-numbers.ts';
import type { Counterexample } from '../../compile/prove.ts';
import type { ValueTest } from '../../decision/argument-values.ts';
import type { Description } from '../../decision/describe.ts';
import type { ArchDifference, NumberRange } from '../../decision/difference.ts';
import type { CompanyDifference } from '../../decision/filters-in-company.ts';
import { formatTest, type Words, wordsOf } from '../../decision/format-call.ts';
import type { Outcome } from '../../decision/space.ts';
import { archOfCall } from '../../decision/witness.ts';

export function verdictJson(word: ReturnWord, arch?: ArchName) {
  const { action, data } = parseReturnWord(word);
  return { text: formatReturnWord(word, arch), action: action?.ociAction ?? null, data, returnWord: word };
}

export function outcomeJson(outcome: Outcome, arch?: ArchName) {
  switch (outcome.kind) {
    case 'word':
      return verdictJson(outcome.word, arch);
    case 'conflict':
      return { conflict: outcome.words.map((word) => verdictJson(word, arch)) };
    case 'undecided':
      return { undecided: { instruction: outcome.instruction ?? null, reason: outcome.reason } };
    case 'boolean':
      return { holds: outcome.holds };
  }
}

export function callJson(call: SeccompData) {
  const arch = archOfCall(call);
  return {
    arch: arch ?? null,
    auditArch: call.arch,
    syscall: (arch === undefined ? undefined : syscallName(call.nr, arch)) ?? null,
    nr: call.nr >>> 0,
    args: call.args.map(String),
    instructionPointer: String(call.instructionPointer),
  };
}

/** A call that a filter answers differently from what its profile says. */
export function witnessJson({ relation, call, meant, done }: Counterexample) {
  const arch = archOfCall(call);
  return {
    relation,
    call: callJson(call),
    profile: outcomeJson(meant, arch),
    filter: outcomeJson(done, arch),
  };
}

export function descriptionJson({ cases, truncated }: Description, words: Words) {
  return {
    cases: cases.map(({ tests, outcome }) => ({
      when: tests.map(({ index, part, test }) => ({
        argument: index ?? null,
        part,
        ...testJson(test),
        text: formatTest({ index, part, test }, words),
      })),
      verdict: outcomeJson(outcome, words.arch),
    })),
    complete: !truncated,
  };
}

function testJson(test: ValueTest) {
  if (test.kind === 'in') return { in: test.ranges.map((range) => range.map(String)) };
  const values = test.values.map(String);
  return { mask: String(test.mask), ...(test.equal ? { equals: values } : { equalsNone: values }) };
}

/** How a third filter beside them changes the relation of two filters; `null`: it cannot. */
export function companyJson(company: CompanyDifference | undefined) {
  if (company === undefined) return null;
  const { call, outcomes, beside, together, relation } = company;
  const arch = archOfCall(call);
  return {
    relation,
    call: callJson(call),
    first: outcomeJson(outcomes[0], arch),
    second: outcomeJson(outcomes[1], arch),
    beside: verdictJson(beside.word, arch),
    together: { first: verdictJson(together[0], arch), second: verdictJson(together[1], arch) },
  };
}

/** Differences with every system call, condition and witness. */
export function archDifferencesJson(differences: readonly ArchDifference[]) {
  return differences.map(({ arch, auditArch, lastAuditArch, changes }) => ({
    arch: arch ?? null,
    auditArch,
    lastAuditArch,
    changes: changes.map(({ kind, numbers, sightings, descriptions }) => ({
      kind,
      syscalls: numbers.flatMap(({ from, name }) => (name === undefined ? [] : [{ name, nr: from }])),
      otherNumbers: numbers.flatMap(({ from, to, name }) => (name === undefined ? [{ from, to }] : [])),
      witnesses: sightings.map(({ relation, call, outcomes }) => ({
        relation,
        call: callJson(call),
        first: outcomeJson(outcomes[0], archOfCall(call)),
        second: outcomeJson(outcomes[1], archOfCall(call)),
      })),
      first: descriptionJson(descriptions[0], wordsOf(arch, soleName(numbers))),
      second: descriptionJson(descriptions[1], wordsOf(arch, soleName(numbers))),
    })),
  }));
}

/** Values of arguments have names only where one system call is meant. */
function soleName(numbers: readonly NumberRange[]): string | undefined {
  return numbers.length === 1 ? numbers[0]?.name : undefined;
}
