/**
 * Differences between filters as people read them.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { formatNumber } from '../../abi/syscall-numbers.ts';
import type { ArchDifference, ChangeKind, NumberRange, Sighting } from '../../decision/difference.ts';
import { formatBareCall, formatOutcome } from '../../decision/format-call.ts';
import type { Outcome } from '../../decision/space.ts';
import { archOfCall } from '../../decision/witness.ts';
import { type Group, groupsOf, kindWords } from '../../report/diff-groups.ts';
import { preferredFirst } from './preferred-first.ts';
import { plural } from './render-problems.ts';
import { wrapText } from './wrap-text.ts';

export interface Sides {
  readonly first: string;
  readonly second: string;
}

/** `b against a: x86_64: 12 system calls looser, 3 stricter; …`, or that the filters are equal. */
export function summarize(differences: readonly ArchDifference[], { first, second }: Sides): string {
  if (differences.length === 0) return `${first} and ${second} are equal: every call gets the same`;
  const parts = mergeArchitectures(differences).map(summarizeParagraph);
  return `${second} against ${first}: ${parts.join('; ')}`;
}

function summarizeParagraph({ title, difference, whole }: Paragraph): string {
  const kind = kindWords[difference.changes[0]?.kind ?? 'different'];
  if (whole !== undefined) return `${shortTitle(title)}: every call ${kind}`;
  const counts = new Map<ChangeKind, number>();
  for (const { kind: each, names } of groupsOf(difference)) {
    counts.set(each, (counts.get(each) ?? 0) + names.length);
  }
  const named = [...counts].filter(([, count]) => count > 0);
  if (named.length === 0)
    return difference.arch === undefined
      ? `${shortTitle(title)} too`
      : `${title}: only numbers that no system call has`;
  const texts = named.map(([each, count], i) =>
    i === 0 ? `${plural(count, 'system call')} ${kindWords[each]}` : `${count} ${kindWords[each]}`,
  );
  return `${title}: ${texts.join(', ')}`;
}

function shortTitle(title: string): string {
  return title.replace(/:.*/s, '');
}

const WIDTH = 100;

export interface RenderOptions {
  /** List all names however many. */
  readonly verbose?: boolean;
}

/** The differences of each architecture; those with the same changes share a paragraph. */
export function renderDifferences(
  differences: readonly ArchDifference[],
  sides: Sides,
  options: RenderOptions,
): string {
  return mergeArchitectures(differences)
    .map(({ title, difference, whole }) => {
      const text =
        whole === undefined
          ? renderArch(difference, sides, options)
          : `  every call: ${whole[0]} → ${whole[1]} (${kindWords[difference.changes[0]?.kind ?? 'different']})\n`;
      return `\n${wrapText(title, { width: WIDTH, indent: 2 })}\n${text}`;
    })
    .join('');
}

interface Paragraph {
  readonly title: string;
  readonly difference: ArchDifference;
  /** The verdicts of both filters, where each gives all calls the same one. */
  readonly whole: readonly [string, string] | undefined;
}

/** Architectures whose changes read the same, together. */
export function mergeArchitectures(differences: readonly ArchDifference[]): readonly Paragraph[] {
  const merged = new Map<string, { members: ArchDifference[]; difference: ArchDifference }>();
  for (const difference of differences) {
    const whole = wholeOf(difference);
    const key = JSON.stringify(
      whole ?? [groupsOf(difference).map(textOfGroup), difference.arch === undefined],
    );
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { members: [difference], difference });
    else known.members.push(difference);
  }
  return [...merged.values()].map(({ members, difference }) => ({
    title: titleOf(members),
    difference,
    whole: wholeOf(difference),
  }));
}

function textOfGroup({ sightings: _, unnamed, ...group }: Group) {
  return { ...group, unnamed: unnamed.length > 0 };
}

function wholeOf({ constants, arch }: ArchDifference): readonly [string, string] | undefined {
  const [before, after] = constants;
  return before === undefined || after === undefined
    ? undefined
    : [formatOutcome(before, arch), formatOutcome(after, arch)];
}

function titleOf(members: readonly ArchDifference[]): string {
  const names = [...new Set(members.flatMap(({ arch, covers }) => arch ?? covers))];
  const order = allArchitectures.map(({ name }) => name);
  names.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  if (members.every(({ arch }) => arch !== undefined)) return names.join(', ');
  const unknown = 'those that libseccomp does not know';
  return `other architectures: ${names.length === 0 ? unknown : `${names.join(', ')}, and ${unknown}`}`;
}

function renderArch(difference: ArchDifference, sides: Sides, options: RenderOptions): string {
  const groups = groupsOf(difference);
  const lines = [...renderConstants(difference, sides)];
  let last: ChangeKind | undefined;
  for (const group of groups) {
    if (group.kind !== last) lines.push(`  ${kindWords[group.kind]}:`);
    last = group.kind;
    lines.push(...renderGroup(group, options));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function renderConstants({ constants, arch }: ArchDifference, { first, second }: Sides): readonly string[] {
  if (arch === undefined) return [];
  const say = (name: string, outcome: Outcome | undefined): readonly string[] =>
    outcome === undefined ? [] : [`  ${name} gives every call ${formatOutcome(outcome, arch)}`];
  return [...say(first, constants[0]), ...say(second, constants[1])];
}

/** The change and the calls, on one line if each side has one verdict, then a call that shows it. */
function renderGroup(group: Group, options: RenderOptions): readonly string[] {
  const { before, after } = group;
  const lines =
    before.length === 1 && after.length === 1
      ? [
          wrapText(`    ${before[0]} → ${after[0]}: ${callsText(group, options)}`, {
            width: WIDTH,
            indent: 6,
          }),
        ]
      : [
          wrapText(`    ${callsText(group, options)}`, { width: WIDTH, indent: 6 }),
          ...before.map((text) => `      - ${text}`),
          ...after.map((text) => `      + ${text}`),
        ];
  return [...lines, ...group.sightings.map((sighting) => `      ${sightingText(sighting, group)}`)];
}

/** `for instance socket(AF_VSOCK (40), 0, 0): ERRNO EPERM (1) → ALLOW`; without what the group says itself. */
export function sightingText({ call, outcomes, relation }: Sighting, group: Group): string {
  if (group.before.length === 1 && group.after.length === 1) return `for instance ${formatBareCall(call)}`;
  const [before, after] = outcomes.map((each) => formatOutcome(each, archOfCall(call)));
  const which = group.sightings.length > 1 ? ` (${relation})` : '';
  return `for instance ${formatBareCall(call)}: ${before} → ${after}${which}`;
}

const MAX_NAMES = 40;

export function callsText(
  { names, unnamed, isKnownArch }: Group,
  { verbose = false }: RenderOptions = {},
): string {
  const shown = verbose ? names : names.slice(0, MAX_NAMES);
  const more = names.length > shown.length ? [`and ${names.length - shown.length} more`] : [];
  return [...shown, ...more, ...unnamedText(unnamed, names.length > 0, isKnownArch)].join(', ');
}

function unnamedText(
  unnamed: readonly NumberRange[],
  also: boolean,
  isKnownArch: boolean,
): readonly string[] {
  if (unnamed.length === 0) return [];
  const ranges = unnamed.map(({ from, to }) =>
    from === to ? formatNumber(from) : `${formatNumber(from)}..${formatNumber(to)}`,
  );
  const first = ranges.slice(0, 4).join(', ');
  const more = ranges.length > 4 ? ` and ${ranges.length - 4} more ranges` : '';
  if (!isKnownArch) return [`numbers ${first}${more}`];
  return [`${also ? 'and ' : ''}numbers that no system call has (${first}${more})`];
}

/**
 * Orders differences for people: preferred architectures come first. Others that behave as unknown architectures do are
 * left out of the list, and named with those.
 */
export function arrange(
  differences: readonly ArchDifference[],
  preferred: readonly ArchName[],
): readonly ArchDifference[] {
  const covered = differences.flatMap(({ covers }) => covers).filter((name) => !preferred.includes(name));
  const listed = differences
    .filter(({ arch }) => arch === undefined || !covered.includes(arch))
    .map((each) => ({ ...each, covers: each.covers.filter((name) => covered.includes(name)) }));
  return preferredFirst(listed, preferred);
}
