/**
 * The changes between two texts with thousands of them, where the work of the shortest diff grows with the square of their number.
 * Lines that are there once in both texts divide these; what lies between two of them is compared alone.
 * @module
 */
import { diffArrays, type StructuredPatchHunk } from 'diff';
import { firstThat } from '../../lint/edit/first-that.ts';

/** A line of one text or of both, as a hunk shows it. */
interface Shown {
  readonly mark: ' ' | '-' | '+';
  readonly line: string;
}

/** @param most - how many changes between two lines are looked for; what has more is replaced as a whole */
export function longDiff(
  before: string,
  after: string,
  context: number,
  most: number,
): StructuredPatchHunk[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  const shown: Shown[] = [];
  let [from, to] = [0, 0];
  for (const [inOld, inNow] of [...commonLines(old, now), [old.length, now.length] as const]) {
    const [left, right] = [old.slice(from, inOld), now.slice(to, inNow)];
    const parts = diffArrays(left, right, { maxEditLength: most }) ?? [
      { value: left, removed: true, added: false },
      { value: right, removed: false, added: true },
    ];
    for (const { value, removed, added } of parts)
      for (const line of value) shown.push({ mark: removed ? '-' : added ? '+' : ' ', line });
    const line = old[inOld];
    if (line !== undefined) shown.push({ mark: ' ', line });
    [from, to] = [inOld + 1, inNow + 1];
  }
  return hunksOf(shown, context);
}

/** The lines of a text, each with its end. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Lines that are there once in both texts, where in each: the longest list that is in order in both. */
function commonLines(old: readonly string[], now: readonly string[]): readonly (readonly [number, number])[] {
  const inNow = onlyPlaces(now);
  const both = [...onlyPlaces(old)].flatMap(([line, at]) => {
    const place = inNow.get(line);
    return place === undefined ? [] : [{ at: [at, place] as const, last: -1 }];
  });
  // Of the lists of each length, the last line of the one that ends first.
  const ends: number[] = [];
  for (const [index, each] of both.entries()) {
    const length = firstThat(ends, (end) => (both[end]?.at[1] ?? 0) > each.at[1]);
    each.last = ends[length - 1] ?? -1;
    ends[length] = index;
  }
  const list: (readonly [number, number])[] = [];
  for (let each = both[ends.at(-1) ?? -1]; each !== undefined; each = both[each.last]) list.push(each.at);
  return list.reverse();
}

function onlyPlaces(lines: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  for (const [at, line] of lines.entries()) {
    if (places.has(line)) repeated.add(line);
    places.set(line, at);
  }
  for (const line of repeated) places.delete(line);
  return places;
}

function hunksOf(shown: readonly Shown[], context: number): StructuredPatchHunk[] {
  const hunks: StructuredPatchHunk[] = [];
  let [oldLine, newLine] = [1, 1];
  let hunk: StructuredPatchHunk | undefined;
  let shownUntil = 0;
  for (const [at, { mark }] of shown.entries()) {
    if (mark !== ' ') {
      if (hunk === undefined || at - shownUntil > context) {
        const first = Math.max(shownUntil, at - context);
        hunk = {
          oldStart: oldLine - (at - first),
          newStart: newLine - (at - first),
          oldLines: 0,
          newLines: 0,
          lines: [],
        };
        hunks.push(hunk);
        shownUntil = first;
      }
      const until = Math.min(shown.length, at + context + 1);
      for (; shownUntil < until; shownUntil += 1) addLine(hunk, shown[shownUntil]);
    }
    if (mark !== '+') oldLine += 1;
    if (mark !== '-') newLine += 1;
  }
  return hunks;
}

function addLine(hunk: StructuredPatchHunk, shown: Shown | undefined): void {
  if (shown === undefined) return;
  const { mark, line } = shown;
  if (mark !== '+') hunk.oldLines += 1;
  if (mark !== '-') hunk.newLines += 1;
  hunk.lines.push(mark + line.replace(/\n$/, ''));
  if (!line.endsWith('\n')) hunk.lines.push('\\ No newline at end of file');
}
