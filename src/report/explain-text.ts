/**
 * An answer about a call in words: the verdict, the rule it comes from, what keeps the other rules from matching.
 * @module
 */
import { actions } from '../abi/actions.ts';
import { argumentName } from '../abi/arguments.ts';
import { describeTreatment } from '../abi/carried-out.ts';
import { exactValue, type FlagSet, isFlagSet } from '../abi/flag-sets.ts';
import { formatKernel } from '../abi/kernel-version.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import { formatCallNumber, syscallName } from '../abi/syscall-numbers.ts';
import { syscallSignature } from '../abi/syscall-signatures.ts';
import type { Answer } from '../decision/answer-call.ts';
import type { Description } from '../decision/describe.ts';
import {
  formatComparison,
  formatOutcome,
  formatTests,
  type Words,
  wordsOf,
} from '../decision/format-call.ts';
import type { PartialMatch } from '../decision/match-partially.ts';
import type { KnownCall } from '../decision/partial-call.ts';
import { wordOnKernel } from '../policy/kernel-limits.ts';
import type { Policy } from '../policy/policy.ts';
import { describeRuntime } from '../policy/runtimes.ts';
import {
  type ExplainedRule,
  type ExplainSubject,
  isUndecided,
  type Reason,
  type Way,
} from './explain-call.ts';
import { formatRuleAction, placeOfDefault, placeOfRule } from './rule-text.ts';

/** How the values of a call are written. Some names depend on another argument, so the known ones are given too. */
export function wordsFor({ call, through }: Way, syscall: string | undefined): Words {
  const known = call.args
    .map(exactValue)
    .flatMap((value, index) => (value === undefined ? [] : [[index, value] as const]));
  return wordsOf(call.arch, through?.multiplexer ?? syscall, new Map(known));
}

/** The call and its verdict; below it the cases, where arguments decide. */
export function headLines(way: Way, syscall: string | undefined, words: Words): readonly string[] {
  const { answer, call } = way;
  const text = `${call.arch} ${formatAsked(way, syscall, words)}`;
  const [only] = answer.outcomes;
  if (only !== undefined && answer.outcomes.length === 1)
    return [`${text}: ${formatOutcome(only, call.arch)}`];
  const on = answer.dependsOn.map((index) => nameArgument(call, through(way) ?? syscall, index));
  if (answer.dependsOnInstructionPointer) on.push('the address of the caller');
  const verdicts = answer.outcomes.map((outcome) => formatOutcome(outcome, call.arch)).join(' or ');
  return [
    `${text}: ${verdicts}, depending on ${on.join(' and ')}`,
    ...renderCases(answer.description, words, '  '),
  ];
}

/** Explains verdicts whose name does not say what becomes of the call: `TRACE 1: ENOSYS (38) unless a tracer …`. */
export function treatments({ answer: { outcomes }, call: { arch } }: Way): readonly string[] {
  const words = outcomes.flatMap((outcome) => (outcome.kind === 'word' ? [outcome.word] : []));
  return words.flatMap((word) => {
    const treatment = describeTreatment(word, arch);
    return treatment === undefined ? [] : [`  ${formatReturnWord(word, arch)}: ${treatment}`];
  });
}

/** `kernel 3.10 does not know KILL_PROCESS: it takes it for KILL_THREAD`, if the call can get that. */
export function takenOtherwise({ outcomes }: Answer, { work }: ExplainSubject): readonly string[] {
  if (work === undefined) return [];
  const { kernel } = work.host;
  const { defaultAction, rules } = work.lowered.policy;
  const words = [defaultAction, ...rules.map(({ returnWord }) => returnWord)];
  const unknown = words.filter((word) => wordOnKernel(word, kernel) !== word);
  const labels = [...new Set(unknown.map((word) => formatReturnWord(word)))];
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

/** `socket(AF_VSOCK (40), type, protocol)` */
function formatAsked(way: Way, syscall: string | undefined, words: Words): string {
  const name = through(way) ?? syscall;
  const args = argumentTexts(way, syscall, words);
  const number = `system call ${formatCallNumber(way.call.nr)}`;
  return name === undefined && args.length === 0 ? number : `${name ?? number}(${args.join(', ')})`;
}

/** `AF_VSOCK (40)`, `type`, `protocol`: values that are known, names of those that are not. */
export function argumentTexts(way: Way, syscall: string | undefined, words: Words): readonly string[] {
  const { call } = way;
  const name = through(way) ?? syscall;
  const arity = (name === undefined ? undefined : syscallSignature(name)?.length) ?? 0;
  const count = Math.max(call.args.length, arity, ...way.answer.dependsOn.map((index) => index + 1));
  return Array.from({ length: count }, (_, index) => {
    const value = call.args[index];
    if (value !== undefined && way.through !== undefined && index === 0) return syscall ?? '';
    if (isFlagSet(value)) return `${bareName(call, name, index)} with ${describeFlags(value, words, index)}`;
    return value === undefined ? bareName(call, name, index) : words.value(value, index);
  });
}

/** `any of CLONE_NEWNS (0x20000), CLONE_NEWUSER (0x10000000)` */
function describeFlags({ how, flags }: FlagSet, words: Words, index: number): string {
  // As masks: as a value, a flag of openat(2) would be O_RDONLY too, and 1 of clone(2) a signal.
  const names = flags.map((flag) => {
    const name = words.mask(flag, index);
    return /[A-Z]/.test(name) ? `${name} (0x${flag.toString(16)})` : name;
  });
  const [only] = names;
  if (only !== undefined && names.length === 1) return how === 'none' ? `no ${only}` : only;
  return `${how} of ${names.join(', ')}`;
}

function bareName({ arch }: KnownCall, syscall: string | undefined, index: number): string {
  const name = syscall === undefined ? undefined : argumentName(syscall, index, arch);
  return name ?? `arg${index}`;
}

function nameArgument(call: KnownCall, syscall: string | undefined, index: number): string {
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
    return [formatOutcome(outcome, words.arch), cases.length === 1 && !truncated ? 'always' : when] as const;
  });
  const width = Math.max(...rows.map(([verdict]) => verdict.length));
  const more = truncated ? [`${indent}and further cases, too many to list`] : [];
  return [...rows.map(([verdict, when]) => `${indent}${verdict.padEnd(width)}  ${when}`), ...more];
}

/** Says that rules of different actions match, and what the program answers. */
export function contradiction({ rules, answer, call }: Way): readonly string[] {
  const matching = rules.flatMap(({ matches }) =>
    matches.filter(({ matches: match, overruled }) => match === true && !overruled),
  );
  const verdicts = [...new Set(matching.map(({ returnWord }) => formatReturnWord(returnWord, call.arch)))];
  if (verdicts.length < 2) return [];
  const done = answer.outcomes.map((outcome) => formatOutcome(outcome, call.arch)).join(' or ');
  return [`  its rules contradict each other (${verdicts.join(' and ')}): what the program does is ${done}`];
}

/** What the verdict comes from. */
export function reasonText(reason: Reason, { call }: Way, { work, name }: ExplainSubject): string {
  const { policy } = work?.lowered ?? {};
  if (work === undefined || policy === undefined) return '';
  const place = placeOfDefault(work.profile);
  switch (reason.kind) {
    case 'bad-arch':
      return `${call.arch} is not among the architectures of the filter (${reason.architectures.join(', ')}): all of its calls get ${formatReturnWord(policy.badArchAction, call.arch)}`;
    case 'stub':
      return `its number ${formatCallNumber(call.nr)} is above ${reason.limit}, the largest that the profile names: ${describeRuntime(work.runtime)} answers ENOSYS to newer calls`;
    case 'default':
      return `no rule matches: the default action is ${formatReturnWord(policy.defaultAction, call.arch)} (${place ?? name})`;
    case 'rules': {
      const { profile } = work;
      const list = (rules: readonly number[]): string =>
        rules.map((rule) => placeOfRule(profile, rule, name)).join(' and ');
      if (reason.matching.length > 0) return `because of ${list(reason.matching)}`;
      return `where no rule matches: the default action ${formatReturnWord(policy.defaultAction, call.arch)} (${place ?? name})`;
    }
  }
}

/** What a rule says about the call, and what became of it. */
export function renderRule(
  explained: ExplainedRule,
  way: Way,
  words: Words,
  { work }: ExplainSubject,
): readonly string[] {
  const rule = work?.profile.rules[explained.rule];
  if (work === undefined || rule === undefined) return [];
  const action = formatRuleAction(rule, way.call.arch);
  const { treatment } = explained;
  switch (treatment.kind) {
    case 'dropped':
      return [`${action}: dropped for this host: ${treatment.message}`];
    case 'equals-default':
      return [`${action}: skipped by ${describeRuntime(work.runtime)}: it is the default action`];
    case 'unknown-name':
      return [`${action}: ${treatment.message}`];
    case 'not-on-architecture':
      return [`${action}: not in the filter for this architecture`];
    case 'added':
      return renderMatches(explained.matches, way, words, work.lowered.policy);
  }
}

/** A line for each match of a rule. Matches that came over from calls of a multiplexer share a line. */
function renderMatches(
  matches: readonly PartialMatch[],
  { call, through: way }: Way,
  words: Words,
  policy: Policy,
): readonly string[] {
  const multiplexer = way?.multiplexer ?? syscallName(call.nr, call.arch);
  const inOrder = policy.runtime.traits.sentry !== undefined;
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
    if (group.length === 1) return `${renderMatch(first, words, inOrder, call)}${over}`;
    const values = group.flatMap(({ comparisons: [one] }) =>
      one === undefined ? [] : words.value(one.value, 0),
    );
    const [action = '', ...rest] = renderMatch(first, words, inOrder, call).split(/ if .*?: /);
    return `${action} if arg0 is one of ${[...new Set(values)].join(', ')}: ${rest.join('')}${over}`;
  });
  return [
    ...matches.filter((match) => !cameOver(match)).map((match) => renderMatch(match, words, inOrder, call)),
    ...lines,
  ];
}

function renderMatch(
  { returnWord, comparisons, matches, overruled }: PartialMatch,
  words: Words,
  inOrder: boolean,
  { args }: KnownCall,
): string {
  const conditions = comparisons.map((each) => formatComparison(each, words)).join(' and ');
  const action = `${formatReturnWord(returnWord, words.arch)} ${conditions === '' ? 'always' : `if ${conditions}`}`;
  if (overruled)
    return `${action}: has no effect, since ${inOrder ? 'a rule before it matches' : 'another rule for the call has no conditions'}`;
  if (matches === true) return `${action}: matches`;
  if (matches === undefined) {
    const open = [
      ...new Set(comparisons.filter(({ holds }) => holds === undefined).map(({ index }) => index)),
    ];
    const what = open
      .map((index) => `${isFlagSet(args[index]) ? 'other bits of ' : ''}arg${index}`)
      .join(' and ');
    return `${action}: depends on ${what}, which you did not give`;
  }
  if (comparisons.length === 1) return `${action}: does not match`;
  const failing = comparisons.filter(({ holds }) => holds === false);
  return `${action}: does not match: not ${failing.map((each) => formatComparison(each, words)).join(', not ')}`;
}

/** What the rules say where the program does something else. @param compiler - who made the program */
export function miscompilation(
  { otherwiseMeant }: Way,
  words: Words,
  compiler: string | undefined,
): readonly string[] {
  if (otherwiseMeant === undefined) return [];
  if (isUndecided(otherwiseMeant)) {
    return ['  what its rules say is too complex to decide: the program was not held against them'];
  }
  return [
    `  this is not what the rules say, ${compiler} compiles them wrongly; they say:`,
    ...renderCases(otherwiseMeant.description, words, '    '),
  ];
}
