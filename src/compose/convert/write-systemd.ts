/**
 * A filter as lines of a systemd unit: SystemCallFilter=, SystemCallErrorNumber=, SystemCallLog= and SystemCallArchitectures=.
 *
 * Sources: systemd.exec(5), and what src/oci/foreign/read-systemd.ts cites.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import type { ArchName } from '../../abi/architectures.ts';
import { errnoName } from '../../abi/errno.ts';
import { EPERM } from '../../abi/errno-constants.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { systemdReleases } from '../../oci/dialect-rows.ts';
import { besidesOf } from '../../oci/foreign/host-architectures.ts';
import { architectureNames } from '../../oci/foreign/read-systemd.ts';
import { membersOf } from '../../oci/foreign/systemd-filter.ts';
import {
  type CallVerdict,
  callVerdicts,
  type ExpressibleFilter,
  type Inexpressible,
  isAction,
  placeOfCall,
  strictestWord,
  tooMuch,
  type Written,
} from './expressible-filter.ts';

/** What a unit can give a call. */
type Answer = 'allow' | 'log' | 'kill' | number;

/** Writes a drop-in; where a unit cannot say the same, it is stricter, which `inexpressible` tells. */
export function writeSystemd(given: ExpressibleFilter): Written {
  const inexpressible: Inexpressible[] = [];
  const [native, ...others] = given.architectures;
  // Of others, systemd builds no filter: listed, their calls would all be allowed.
  const local = others.filter((arch) => besidesOf(given.host.arch).includes(arch));
  const subject: ExpressibleFilter = { ...given, architectures: [native, ...local] };
  const standard = standardOf(subject, inexpressible);
  const answers = new Map<string, Answer>();
  for (const verdict of callVerdicts(subject)) {
    answers.set(verdict.name, answerOf(subject, verdict, inexpressible));
  }
  if (standard === 'log' && ![...answers.values()].includes('allow')) {
    const message = 'systemd cannot log every call: SystemCallLog=~ needs a call that is not logged';
    inexpressible.push({ place: subject.standardPlace, message, hasStricter: false });
  }
  const lines = [
    `# For systemd ${systemdReleases.join(', ')}: @default, which each release has its own of, is part of every list of allowed calls.`,
    '[Service]',
    ...filterLines(standard, answers, subject.architectures[0]),
    ...logLines(standard, answers),
    ...listLines('SystemCallArchitectures', '', architecturesOf(subject)),
  ];
  return { text: `${lines.join('\n')}\n`, inexpressible };
}

/** systemd takes this errno for a call, and ignores `SystemCallErrorNumber=0`. */
const NO_ERROR = 0;

function standardOf(
  { standard, standardPlace: place }: ExpressibleFilter,
  inexpressible: Inexpressible[],
): Answer {
  const answer = exactAnswer(standard);
  if (answer !== undefined && answer !== NO_ERROR) return answer;
  const message = `systemd has no default action ${formatReturnWord(standard)}: it knows ALLOW, LOG, ERRNO with an errno above 0, and KILL_PROCESS`;
  inexpressible.push({ place, message, hasStricter: true });
  return stricterAnswer(standard);
}

function answerOf(subject: ExpressibleFilter, verdict: CallVerdict, inexpressible: Inexpressible[]): Answer {
  const { name, words } = verdict;
  const word = strictestWord(words);
  const answer = exactAnswer(word);
  if (words.length > 1) inexpressible.push(tooMuch(subject, 'systemd', verdict));
  else if (answer === undefined && word !== subject.standard) {
    const message = `systemd has no action ${formatReturnWord(word)}, which ${name} gets`;
    inexpressible.push({ place: placeOfCall(subject, name, word), message, hasStricter: true });
  }
  return answer ?? stricterAnswer(word);
}

function exactAnswer(word: ReturnWord): Answer | undefined {
  if (isAction(word, 'allow')) return 'allow';
  if (isAction(word, 'log')) return 'log';
  if (isAction(word, 'killProcess')) return 'kill';
  return isAction(word, 'errno') ? word & 0xffff : undefined;
}

/** NOTIFY and TRACE let calls through if somebody else wants it; TRAP and KILL_THREAD do not. */
function stricterAnswer(word: ReturnWord): Answer {
  return isAction(word, 'notify') || isAction(word, 'trace') ? EPERM : 'kill';
}

function isDenied(answer: Answer): boolean {
  return answer !== 'allow' && answer !== 'log';
}

function filterLines(
  standard: Answer,
  answers: ReadonlyMap<string, Answer>,
  arch: ArchName,
): readonly string[] {
  const denied = [...answers].filter(([, answer]) => isDenied(answer));
  if (!isDenied(standard)) {
    const usual = mostFrequent(denied.map(([, answer]) => answer)) ?? 'kill';
    const words = denied.map(([name, answer]) => withErrno(name, answer, usual, arch));
    return [...errnoLines(usual, arch), ...listLines('SystemCallFilter', '~', words)];
  }
  const allowed = [...answers].filter(([, answer]) => !isDenied(answer)).map(([name]) => name);
  // Denied calls that some release adds by itself are taken out. Allowed calls that not all releases add are written.
  const implied = systemdReleases.map((release) => new Set(membersOf('@default', release)));
  const written = allowed.filter((name) => !implied.every((names) => names.has(name)));
  const taken = denied.filter(
    ([name, answer]) => implied.some((names) => names.has(name)) || answer !== standard,
  );
  return [
    ...errnoLines(standard, arch),
    // An allow-list cannot be empty: @default is in it in any case.
    ...listLines('SystemCallFilter', '', written.length === 0 ? ['@default'] : written),
    ...listLines(
      'SystemCallFilter',
      '~',
      taken.map(([name, answer]) => withErrno(name, answer, standard, arch)),
    ),
  ];
}

function errnoLines(answer: Answer, arch: ArchName): readonly string[] {
  return answer === 'kill' ? [] : [`SystemCallErrorNumber=${errnoText(answer, arch)}`];
}

/** systemd reads a name as its machine numbers it, so one that has another number there is written as a number. */
function errnoText(answer: Answer, arch: ArchName): string {
  if (typeof answer !== 'number') return answer;
  const name = errnoName(answer, arch);
  return name === undefined || name !== errnoName(answer) ? String(answer) : name;
}

function withErrno(name: string, answer: Answer, usual: Answer, arch: ArchName): string {
  return answer === usual ? name : `${name}:${errnoText(answer, arch)}`;
}

function mostFrequent(answers: readonly Answer[]): Answer | undefined {
  const counts = new Map<Answer, number>();
  for (const answer of answers) if (answer !== NO_ERROR) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** What is logged and not denied. */
function logLines(standard: Answer, answers: ReadonlyMap<string, Answer>): readonly string[] {
  const names = (wanted: Answer): readonly string[] =>
    [...answers].filter(([, answer]) => answer === wanted).map(([name]) => name);
  return standard === 'log'
    ? listLines('SystemCallLog', '~', names('allow'))
    : listLines('SystemCallLog', '', names('log'));
}

function architecturesOf({ architectures: [, ...others] }: ExpressibleFilter): readonly string[] {
  const spelled = Object.entries(architectureNames);
  const names = others.map((arch) => spelled.find(([, name]) => name === arch)?.[0] ?? arch);
  return ['native', ...names];
}

const WIDTH = 100;

/** Writes words as several assignments of limited width, which systemd merges. */
function listLines(key: string, mark: string, words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? `${key}=${mark}${word}` : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
