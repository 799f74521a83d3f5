/**
 * Unified diffs, as patch(1) takes them.
 *
 * The lines in common are found as in E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986): the shortest
 * script of deletions and insertions.
 * @module
 */
const CONTEXT = 3;

interface Line {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
}

/** The changes from one text to another; empty if there are none. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const script = compareLines(splitLines(before), splitLines(after));
  const path = file.replace(/^(\.?\/)+/, '');
  return `--- a/${path}\n+++ b/${path}\n${hunksOf(script).join('')}`;
}

/** Lines with their ends, so that the last one's missing line feed shows. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compareLines(a: readonly string[], b: readonly string[]): readonly Line[] {
  let first = 0;
  while (first < a.length && first < b.length && a[first] === b[first]) first++;
  let lastA = a.length;
  let lastB = b.length;
  while (lastA > first && lastB > first && a[lastA - 1] === b[lastB - 1]) {
    lastA--;
    lastB--;
  }
  const same = (text: string): Line => ({ kind: ' ', text });
  return [
    ...a.slice(0, first).map(same),
    ...shortestScript(a.slice(first, lastA), b.slice(first, lastB)),
    ...a.slice(lastA).map(same),
  ];
}

function shortestScript(a: readonly string[], b: readonly string[]): readonly Line[] {
  // furthest[k]: how far down a the best path on the diagonal x - y = k has come.
  const furthest = new Map<number, number>([[1, 0]]);
  const trace: ReadonlyMap<number, number>[] = [];
  for (let edits = 0; edits <= a.length + b.length; edits++) {
    trace.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && at(furthest, k - 1) < at(furthest, k + 1));
      let x = down ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a, b);
    }
  }
  return [];
}

function at(furthest: ReadonlyMap<number, number>, k: number): number {
  return furthest.get(k) ?? 0;
}

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  a: readonly string[],
  b: readonly string[],
): readonly Line[] {
  const lines: Line[] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const furthest = trace[edits] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -edits || (k !== edits && at(furthest, k - 1) < at(furthest, k + 1));
    const fromX = edits === 0 ? 0 : at(furthest, down ? k + 1 : k - 1);
    const fromY = edits === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY) {
      x--;
      y--;
      lines.push({ kind: ' ', text: a[x] ?? '' });
    }
    if (edits === 0) break;
    if (down) lines.push({ kind: '+', text: b[--y] ?? '' });
    else lines.push({ kind: '-', text: a[--x] ?? '' });
  }
  return lines.reverse();
}

function hunksOf(script: readonly Line[]): readonly string[] {
  const changed = script.flatMap(({ kind }, i) => (kind === ' ' ? [] : [i]));
  const hunks: { from: number; to: number }[] = [];
  for (const i of changed) {
    const last = hunks.at(-1);
    const to = Math.min(script.length, i + CONTEXT + 1);
    if (last !== undefined && i - CONTEXT <= last.to) last.to = to;
    else hunks.push({ from: Math.max(0, i - CONTEXT), to });
  }
  return hunks.map((hunk) => renderHunk(script, hunk));
}

function renderHunk(script: readonly Line[], { from, to }: { from: number; to: number }): string {
  const count = (part: readonly Line[], not: Line['kind']): number =>
    part.filter(({ kind }) => kind !== not).length;
  const before = script.slice(0, from);
  const lines = script.slice(from, to);
  const start = (not: Line['kind']): string => {
    const length = count(lines, not);
    return `${count(before, not) + (length === 0 ? 0 : 1)},${length}`;
  };
  const body = lines.map(({ kind, text }) =>
    text.endsWith('\n') ? `${kind}${text}` : `${kind}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${start('+')} +${start('-')} @@\n${body.join('')}`;
}
