/**
 * What lint found: the first few findings, and the others when the reader asks for them.
 * @module
 */
import type { ReportFinding } from '../report-data.ts';
import { type Child, count, h } from './dom.ts';

/** So many findings are listed before the reader asks for the rest. */
const FINDINGS_SHOWN = 4;
const FINDINGS_MOST = 300;

/** The panel; `goTo` shows a line of the source. */
export function makeFindings(findings: readonly ReportFinding[], goTo: (line: number) => void): HTMLElement {
  const order = { error: 0, warn: 1, note: 2 };
  const sorted = findings.toSorted((a, b) => order[a.level] - order[b.level] || firstLine(a) - firstLine(b));
  const items = sorted.slice(0, FINDINGS_MOST).map((finding) => findingItem(finding, goTo));
  const left = sorted.length - items.length;
  return h(
    'section',
    { class: 'panel findings', id: 'findings', 'aria-label': 'Findings of lint' },
    h('h2', {}, 'Findings'),
    items.length === 0
      ? h('p', { class: 'muted' }, 'Lint found nothing.')
      : h('ul', {}, ...items.slice(0, FINDINGS_SHOWN)),
    items.length > FINDINGS_SHOWN &&
      h(
        'details',
        {},
        h('summary', {}, `${count(items.length - FINDINGS_SHOWN + left, 'more finding')}`),
        h('ul', {}, ...items.slice(FINDINGS_SHOWN)),
        left > 0 && h('p', { class: 'muted small' }, `${left} more: oci-seccomp lint prints them all.`),
      ),
  );
}

function firstLine({ lines }: ReportFinding): number {
  return lines[0] ?? 0;
}

/** Places that are listed before the rest is counted. */
const PLACES_SHOWN = 8;

/** `line 4, 9 and 12 more`; each leads to the source. */
function placesOf({ lines }: ReportFinding, goTo: (line: number) => void): readonly Child[] {
  const left = lines.length - PLACES_SHOWN;
  const links = lines
    .slice(0, PLACES_SHOWN)
    .map((line, at) =>
      h(
        'button',
        { type: 'button', class: 'link', onclick: () => goTo(line) },
        at === 0 ? `line ${line}` : `${line}`,
      ),
    );
  return [
    ...links.flatMap((link, at) => (at === 0 ? [link] : [', ', link])),
    left > 0 && ` and ${left} more`,
  ];
}

function findingItem(finding: ReportFinding, goTo: (line: number) => void): HTMLElement {
  const { rule, level, message, hint, witnesses, holes } = finding;
  const word = holes > 0 ? count(holes, 'hole').replace(/^1 /, '') : level === 'warn' ? 'warning' : level;
  return h(
    'li',
    { class: `finding f-${holes > 0 ? 'hole' : level}` },
    h('span', { class: 'tag' }, word),
    ' ',
    ...placesOf(finding, goTo),
    ' ',
    message,
    ' ',
    h('span', { class: 'muted small' }, rule),
    ...witnesses.map((witness) => h('div', { class: 'mono small' }, witness)),
    hint !== undefined &&
      h(
        'details',
        { class: 'hint' },
        h('summary', {}, 'What to do'),
        h('p', { class: 'muted small' }, `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`),
      ),
  );
}
