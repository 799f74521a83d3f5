/**
 * Explanations as people read them.
 * @module
 */

import { actions } from '../../abi/actions.ts';
import { argumentName } from '../../abi/arguments.ts';
import { describeTreatment } from '../../abi/carried-out.ts';
import { formatKernel } from '../../abi/kernel-version.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { syscallName } from '../../abi/syscall-numbers.ts';
import { syscallSignature } from '../../abi/syscall-signatures.ts';
import { formatClaim } from '../../compile/claim-text.ts';
import type { Answer } from '../../decision/answer-call.ts';
import type { Description } from '../../decision/describe.ts';
import {
  formatComparison,
  formatNumber,
  formatOutcome,
  formatTests,
  type Words,
  wordsOf,
} from '../../decision/format-call.ts';
import type { PartialMatch } from '../../decision/match-rules.ts';
import type { PartialCall } from '../../decision/partial-call.ts';
import { wordOnKernel } from '../../policy/kernel-limits.ts';
import type { Policy } from '../../policy/policy.ts';
import { formatRuntime } from '../../policy/runtimes.ts';
import type { ExplainedRule, Explanation, Reason, Way } from '../answers/explanation.ts';
import type { Filtered } from '../operands/filter-operand.ts';
import { formatRuleAction, placeOfDefault, placeOfRule } from './render-rule.ts';

/** The verdict in one line, then why. */
export function renderExplanation(explanation: Explanation, filtered: Filtered): string {
  const { ways, asked } = explanation;
  const parts = ways.map((way) => renderWay(way, explanation, filtered));
  const lines = [...parts.flat(), ...renderElsewhere(explanation, asked.syscall), ...renderSubject(filtered)];
  return lines.map((line) => `${line}\n`).join('');
}

function renderWay(way: Way, { asked }: Explanation, filtered: Filtered): readonly string[] {
  const { answer, whole, call, each } = way;
  const words = wordsFor(way, asked.syscall);
  const lines: string[] = [
    ...headLines(way, asked.syscall, words),
    ...treatments(answer),
    ...takenOtherwise(answer, filtered),
  ];
  for (const [i, one] of each.entries()) {
    lines.push(`  filter ${i + 1} of ${each.length}: ${one.outcomes.map(formatOutcome).join(' or ')}`);
  }
  if (filtered.work !== undefined) lines.push(...renderReasons(way, words, filtered));
  else if (answer.outcomes.length === 1 && whole.outcomes.length > 1 && call.args.length > 0) {
    lines.push('  by its arguments the call gets:', ...renderCases(whole.description, words, '    '));
  }
  return lines;
}

function wordsFor({ call, through }: Way, syscall: string | undefined): Words {
  const known = call.args.flatMap((value, index) => (value === undefined ? [] : [[index, value] as const]));
  return wordsOf(call.arch, through?.multiplexer ?? syscall, new Map(known));
}

function headLines(way: Way, syscall: string | undefined, words: Words): readonly string[] {
  const { answer, call } = way;
  const text = `${call.arch} ${formatAsked(way, syscall, words)}`;
  const [only] = answer.outcomes;
  if (only !== undefined && answer.outcomes.length === 1) return [`${text}: ${formatOutcome(only)}`];
  const on = answer.dependsOn.map((index) => nameArgument(call, through(way) ?? syscall, index));
  if (answer.dependsOnInstructionPointer) on.push('the address of the caller');
  const verdicts = answer.outcomes.map(formatOutcome).join(' or ');
  return [
    `${text}: ${verdicts}, depending on ${on.join(' and ')}`,
    ...renderCases(answer.description, words, '  '),
  ];
}

/** `TRACE 1: ENOSYS (38) unless a tracer …`: verdicts that do not say themselves what becomes of the call. */
function treatments({ outcomes }: Answer): readonly string[] {
  const words = outcomes.flatMap((outcome) => (outcome.kind === 'word' ? [outcome.word] : []));
  return words.flatMap((word) => {
    const treatment = describeTreatment(word);
    return treatment === undefined ? [] : [`  ${formatReturnWord(word)}: ${treatment}`];
  });
}

/** `kernel 3.10 does not know KILL_PROCESS: it takes it for KILL_THREAD`, where that can be what the call gets. */
function takenOtherwise({ outcomes }: Answer, { work }: Filtered): readonly string[] {
  if (work === undefined) return [];
  const { kernel } = work.host;
  const { defaultAction, rules } = work.lowered.policy;
  const words = [defaultAction, ...rules.map(({ returnWord }) => returnWord)];
  const unknown = words.filter((word) => wordOnKernel(word, kernel) !== word);
  const labels = [...new Set(unknown.map(formatReturnWord))];
  const { word: killThread, label } = actions.killThread;
  const applies = outcomes.some((outcome) => outcome.kind === 'word' && outcome.word === killThread);
  if (labels.length === 0 || !applies) return [];
  const them = labels.length === 1 ? 'it' : 'them';
  return [
    `  kernel ${formatKernel(kernel)} does not know ${labels.join(', ')}: it takes ${them} for ${label}`,
  ];
}

function through(way: Way): string | undefined {
  return way.through?.multiplexer;
}

/** `socket(AF_VSOCK (40), type, protocol)`: values that are known, names of those that are not. */
function formatAsked(way: Way, syscall: string | undefined, words: Words): string {
  const { call } = way;
  const name = through(way) ?? syscall;
  const arity = (name === undefined ? undefined : syscallSignature(name)?.length) ?? 0;
  const count = Math.max(call.args.length, arity, ...way.answer.dependsOn.map((index) => index + 1));
  const args = Array.from({ length: count }, (_, index) => {
    const value = call.args[index];
    if (value !== undefined && way.through !== undefined && index === 0) return syscall ?? '';
    return value === undefined ? bareName(call, name, index) : words.value(value, index);
  });
  if (name === undefined && args.length === 0) return `system call ${formatNumber(call.nr)}`;
  return `${name ?? `system call ${formatNumber(call.nr)}`}(${args.join(', ')})`;
}

function bareName({ arch }: PartialCall, syscall: string | undefined, index: number): string {
  const name = syscall === undefined ? undefined : argumentName(syscall, index, arch);
  return name ?? `arg${index}`;
}

function nameArgument(call: PartialCall, syscall: string | undefined, index: number): string {
  const name = bareName(call, syscall, index);
  return name === `arg${index}` ? name : `arg${index} (${name})`;
}

/** One line a case, verdicts in a column. */
export function renderCases(
  { cases, truncated }: Description,
  words: Words,
  indent: string,
): readonly string[] {
  const rows = cases.map(({ tests, outcome }) => {
    const when = tests.length > 0 ? `if ${formatTests({ tests }, words)}` : 'otherwise';
    return [formatOutcome(outcome), cases.length === 1 && !truncated ? 'always' : when] as const;
  });
  const width = Math.max(...rows.map(([verdict]) => verdict.length));
  const more = truncated ? [`${indent}and further cases, too many to list`] : [];
  return [...rows.map(([verdict, when]) => `${indent}${verdict.padEnd(width)}  ${when}`), ...more];
}

function renderReasons(way: Way, words: Words, filtered: Filtered): readonly string[] {
  const { work, name } = filtered;
  if (work === undefined) return [];
  const { profile } = work.input;
  const { reason, rules } = way;
  const first = [
    ...(reason === undefined ? [] : [`  ${reasonText(reason, way, filtered)}`]),
    ...contradiction(way),
    ...miscompilation(way, words, filtered),
  ];
  if (rules.length === 0) return first;
  const matching = reason?.kind === 'rules' ? [...reason.matching, ...reason.possible] : [];
  const title = matching.length > 0 ? 'rules about it:' : 'rules about it, none of which applies:';
  return [
    ...first,
    `  ${title}`,
    ...rules.flatMap((rule) => {
      const where = placeOfRule(profile, rule.rule, name);
      const notes = rule.notes.map((note) => `      (${note})`);
      return [...renderRule(rule, way, words, filtered).map((text) => `    ${where}: ${text}`), ...notes];
    }),
  ];
}

function contradiction({ rules, answer }: Way): readonly string[] {
  const matching = rules.flatMap(({ matches }) =>
    matches.filter(({ matches: match, overruled }) => match === true && !overruled),
  );
  const verdicts = [...new Set(matching.map(({ returnWord }) => formatReturnWord(returnWord)))];
  if (verdicts.length < 2) return [];
  const done = answer.outcomes.map(formatOutcome).join(' or ');
  return [`  its rules contradict each other (${verdicts.join(' and ')}): what the program does is ${done}`];
}

function miscompilation({ otherwiseMeant }: Way, words: Words, { work }: Filtered): readonly string[] {
  if (otherwiseMeant === undefined || work === undefined) return [];
  return [
    `  this is not what the rules say, ${work.compiled.compiler} compiles them wrongly; they say:`,
    ...renderCases(otherwiseMeant.description, words, '    '),
  ];
}

function reasonText(reason: Reason, { call }: Way, { work, name }: Filtered): string {
  const { policy } = work?.lowered ?? {};
  if (work === undefined || policy === undefined) return '';
  const place = placeOfDefault(work.input.profile);
  switch (reason.kind) {
    case 'bad-arch':
      return `${call.arch} is not among the architectures of the filter (${reason.architectures.join(', ')}): all of its calls get ${formatReturnWord(policy.badArchAction)}`;
    case 'stub':
      return `its number ${formatNumber(call.nr)} is above ${reason.limit}, the largest that the profile names: ${formatRuntime(work.runtime)} answers ENOSYS to newer calls`;
    case 'default':
      return `no rule matches: the default action is ${formatReturnWord(policy.defaultAction)} (${place ?? name})`;
    case 'rules': {
      const { profile } = work.input;
      const list = (rules: readonly number[]): string =>
        rules.map((rule) => placeOfRule(profile, rule, name)).join(' and ');
      if (reason.matching.length > 0) return `because of ${list(reason.matching)}`;
      return `where no rule matches: the default action ${formatReturnWord(policy.defaultAction)} (${place ?? name})`;
    }
  }
}

function renderRule(explained: ExplainedRule, way: Way, words: Words, { work }: Filtered): readonly string[] {
  const rule = work?.input.profile.rules[explained.rule];
  if (work === undefined || rule === undefined) return [];
  const action = formatRuleAction(rule);
  const { treatment } = explained;
  switch (treatment.kind) {
    case 'dropped':
      return [`${action}: dropped for this host: ${treatment.message}`];
    case 'equals-default':
      return [`${action}: skipped by ${formatRuntime(work.runtime)}: it is the default action`];
    case 'unknown-name':
      return [`${action}: ${treatment.message}`];
    case 'not-on-architecture':
      return [`${action}: not in the filter for this architecture`];
    case 'added':
      return renderMatches(explained.matches, way, words, work.lowered.policy);
  }
}

/** A match for each name and part of a rule; those that came over from the calls of a multiplexer in one line. */
function renderMatches(
  matches: readonly PartialMatch[],
  { call, through: way }: Way,
  words: Words,
  policy: Policy,
): readonly string[] {
  const multiplexer = way?.multiplexer ?? syscallName(call.nr, call.arch);
  const nameOf = ({ rule }: PartialMatch): string => policy.rules[rule]?.syscall ?? '';
  const cameOver = (match: PartialMatch): boolean =>
    (multiplexer === 'socketcall' || multiplexer === 'ipc') && nameOf(match) !== multiplexer;
  const folded = new Map<string, [PartialMatch, ...PartialMatch[]]>();
  for (const match of matches.filter(cameOver)) {
    const key = [match.returnWord, match.matches, match.overruled].join();
    const group = folded.get(key);
    if (group === undefined) folded.set(key, [match]);
    else group.push(match);
  }
  const lines = [...folded.values()].map((group) => {
    const [first] = group;
    const names = [...new Set(group.map(nameOf))];
    const from = names.length === 1 ? names.join() : `${names.length} names of the rule`;
    const over = `; came over from ${from}, since 32-bit programs make such calls through ${multiplexer}`;
    if (group.length === 1) return `${renderMatch(first, words)}${over}`;
    const values = group.flatMap(({ comparisons: [one] }) =>
      one === undefined ? [] : words.value(one.value, 0),
    );
    const [action = '', ...rest] = renderMatch(first, words).split(/ if .*?: /);
    return `${action} if arg0 is one of ${[...new Set(values)].join(', ')}: ${rest.join('')}${over}`;
  });
  return [...matches.filter((match) => !cameOver(match)).map((match) => renderMatch(match, words)), ...lines];
}

function renderMatch({ returnWord, comparisons, matches, overruled }: PartialMatch, words: Words): string {
  const conditions = comparisons.map((each) => formatComparison(each, words)).join(' and ');
  const action = `${formatReturnWord(returnWord)} ${conditions === '' ? 'always' : `if ${conditions}`}`;
  if (overruled) return `${action}: has no effect, since another rule for the call has no conditions`;
  if (matches === true) return `${action}: matches`;
  if (matches === undefined) {
    const open = comparisons.filter(({ holds }) => holds === undefined);
    return `${action}: open, arg${[...new Set(open.map(({ index }) => index))].join(' and arg')} not given`;
  }
  if (comparisons.length === 1) return `${action}: does not match`;
  const failing = comparisons.filter(({ holds }) => holds === false);
  return `${action}: does not match: not ${failing.map((each) => formatComparison(each, words)).join(', not ')}`;
}

function renderElsewhere({ ways, elsewhere }: Explanation, syscall: string | undefined): readonly string[] {
  const key = (answer: Answer, words: Words): string => renderCases(answer.description, words, '').join('\n');
  const own = ways.find(({ through: by }) => by === undefined);
  const here = own === undefined ? '' : key(own.answer, wordsFor(own, syscall));
  const same: string[] = [];
  const other: string[] = [];
  for (const { arch, answer } of elsewhere) {
    const words = wordsOf(arch, syscall);
    if (key(answer, words) === here) same.push(arch);
    else {
      const lines = renderCases(answer.description, words, '');
      const [only] = lines;
      if (lines.length === 1 && only !== undefined) {
        other.push(`  otherwise on ${arch}: ${only.replace(/ +always$/, '')}`);
      } else other.push(`  otherwise on ${arch}:`, ...lines.map((line) => `    ${line}`));
    }
  }
  return [...(same.length === 0 ? [] : [`  the same on ${same.join(', ')}`]), ...other];
}

function renderSubject({ name, circumstances, programs, basis }: Filtered): readonly string[] {
  const [runtime, ...host] = circumstances;
  if (runtime !== undefined) {
    const claim = basis.kind === 'profile' ? [`  ${formatClaim(basis.claim)}`] : [];
    const by = runtime === 'plain' ? 'libseccomp alone builds it for' : `${runtime} installs it on`;
    return [`  ${name}, as ${by} ${host.join(', ')}`, ...claim];
  }
  return programs.length > 1
    ? [
        `  ${name}: ${programs.length} filters; the kernel takes the lowest action word, of equal ones that of the newest filter`,
      ]
    : [];
}
