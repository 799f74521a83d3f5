/**
 * What a filter does with the calls of a trace, as text and as JSON.
 * @module
 */
import { formatCallNumber } from '../../abi/syscall-numbers.ts';
import { formatOutcome } from '../../decision/format-call.ts';
import { addCounts } from '../../observe/call-counts.ts';
import type { AnsweredCalls, TraceAnswer } from '../run/decide-trace.ts';
import type { RunFilter } from '../run/run-filter.ts';
import { outcomeJson } from './json-meaning.ts';
import { printJson } from './print-json.ts';
import { plural } from './render-problems.ts';

interface DryRun {
  readonly file: string;
  readonly filter: RunFilter;
  readonly groups: readonly AnsweredCalls[];
  readonly unread: readonly number[];
}

const headings = {
  denied: 'denied',
  depends: 'depends on arguments that the trace does not show',
  unknown: 'no system call of this architecture',
} as const satisfies Record<Exclude<TraceAnswer, 'allowed'>, string>;

/** All answers but `allowed`, the worst first, each with its calls; then the sums. */
export function renderDryRun({ file, filter, groups, unread }: DryRun): string {
  const lines = [`${file} under ${filter.description}`];
  for (const [answer, heading] of Object.entries(headings)) {
    const concerned = groups.filter((group) => group.answer === answer);
    if (concerned.length > 0) lines.push(`${heading}:`, ...renderGroups(concerned, file, filter));
  }
  const sums = (['allowed', 'denied', 'depends', 'unknown'] as const)
    .map((answer) => ({ answer, count: sum(groups.filter((group) => group.answer === answer)) }))
    .filter(({ answer, count }) => answer === 'allowed' || answer === 'denied' || count > 0)
    .map(({ answer, count }) => `${count} ${answer === 'depends' ? 'undecided' : answer}`);
  lines.push(`${plural(sum(groups), 'call')}: ${sums.join(', ')}`);
  const [first] = unread;
  if (first !== undefined)
    lines.push(`not read: ${plural(unread.length, 'line')}, the first is ${file}:${first}`);
  return `${lines.join('\n')}\n`;
}

/** All calls, with those that are allowed. */
export function dryRunJson({ file, filter, groups, unread }: DryRun): string {
  return printJson({
    trace: file,
    filter: filter.description,
    calls: groups.map(({ answer, name, arch, outcomes, count, first }) => ({
      answer,
      name,
      arch,
      outcomes: outcomes.map((outcome) => outcomeJson(outcome, arch)),
      count,
      first: { line: first.line, text: first.text },
    })),
    unreadLines: unread,
  });
}

function renderGroups(
  groups: readonly AnsweredCalls[],
  file: string,
  { arch: native }: RunFilter,
): readonly string[] {
  const rows = [...groups]
    .sort((a, b) => b.count - a.count)
    .map(({ name, arch, outcomes, count, first }) => ({
      call: `${arch === native ? '' : `${arch} `}${/^\d+$/.test(name) ? formatCallNumber(Number(name)) : name}`,
      verdict: outcomes
        .map((each) => formatOutcome(each, arch))
        .sort()
        .join(' or '),
      times: `${count}x`,
      place: `${file}:${first.line}: ${shorten(first.text)}`,
    }));
  const width = (key: 'call' | 'verdict' | 'times'): number =>
    Math.max(...rows.map((row) => row[key].length));
  return rows.map(({ call, verdict, times, place }) =>
    [
      '',
      times.padStart(width('times')),
      call.padEnd(width('call')),
      ...(width('verdict') === 0 ? [] : [verdict.padEnd(width('verdict'))]),
      place,
    ].join('  '),
  );
}

const MAX_TEXT = 100;

function shorten(text: string): string {
  const plain = text.replace(/\p{Cc}/gu, '?');
  return plain.length <= MAX_TEXT ? plain : `${plain.slice(0, MAX_TEXT - 3)}...`;
}

function sum(groups: readonly AnsweredCalls[]): number {
  return groups.reduce((total, { count }) => addCounts(total, count), 0);
}
