/**
 * The fate of a trace's calls as people read it.
 * @module
 */
import { formatOutcome } from '../../decision/format-call.ts';
import type { Fate, FateGroup } from '../run/decide-trace.ts';
import type { RunFilter } from '../run/run-filter.ts';
import { plural } from './render-problems.ts';

export interface DryRun {
  readonly file: string;
  readonly filter: RunFilter;
  readonly groups: readonly FateGroup[];
  readonly unread: readonly number[];
}

const headings = {
  denied: 'denied',
  depends: 'depends on arguments that the trace does not show',
  unknown: 'no system call of this architecture',
} as const satisfies Record<Exclude<Fate, 'allowed'>, string>;

/** Fates but `allowed`, worst first, each with its calls, then the sums. */
export function renderDryRun({ file, filter, groups, unread }: DryRun): string {
  const lines = [`${file} under ${filter.description}`];
  for (const [fate, heading] of Object.entries(headings)) {
    const concerned = groups.filter((group) => group.fate === fate);
    if (concerned.length > 0) lines.push(`${heading}:`, ...renderGroups(concerned, file, filter));
  }
  const sums = (['allowed', 'denied', 'depends', 'unknown'] as const)
    .map((fate) => ({ fate, count: sum(groups.filter((group) => group.fate === fate)) }))
    .filter(({ fate, count }) => fate === 'allowed' || fate === 'denied' || count > 0)
    .map(({ fate, count }) => `${count} ${fate === 'depends' ? 'undecided' : fate}`);
  lines.push(`${plural(sum(groups), 'call')}: ${sums.join(', ')}`);
  const [first] = unread;
  if (first !== undefined)
    lines.push(`not read: ${plural(unread.length, 'line')}, the first is ${file}:${first}`);
  return `${lines.join('\n')}\n`;
}

function renderGroups(
  groups: readonly FateGroup[],
  file: string,
  { arch: native }: RunFilter,
): readonly string[] {
  const rows = [...groups]
    .sort((a, b) => b.count - a.count)
    .map(({ name, arch, outcomes, count, first }) => ({
      call: arch === native ? name : `${arch} ${name}`,
      verdict: outcomes.map(formatOutcome).sort().join(' or '),
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

function sum(groups: readonly FateGroup[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}
