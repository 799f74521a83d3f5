/**
 * The top of the page: what the profile does in one sentence, what is proven, and what that rests on.
 * @module
 */
import { markRuntime } from '../../consumers.ts';
import { UNDECIDED_RULE } from '../../lint/rules/not-decided.ts';
import { isSameReading } from '../reading.ts';
import type { ReportData } from '../report-data.ts';
import { type Phrase, sentenceOf } from '../sum-up.ts';
import { type Child, count, fill, h } from './dom.ts';
import type { PageState, Store } from './page-state.ts';

export function makeHeading(data: ReportData, store: Store): HTMLElement {
  const { profile, claim } = data;
  const sentence = h('p', { class: 'sentence' });
  const trouble = h('p', { class: 'trouble', role: 'status' });
  const open = h('div', { class: 'trouble undecided', role: 'status' });
  const note = h('p', { class: 'muted small' });
  const say = (): void => {
    const state = store.get();
    fill(sentence, ...[...sentenceOf(state.view.counts), { text: '.' }].map((each) => phrase(each, store)));
    fillOrHide(trouble, troubleOf(state));
    fillOrHide(open, ...undecidedOf(state, data));
    fillOrHide(note, isSameReading(state.reading, data.reading) ? '' : DECIDED_HERE);
  };
  store.subscribe((state, before) => {
    if (state.view !== before.view || state.failure !== before.failure) say();
  });
  say();
  return h(
    'header',
    { class: 'top' },
    h(
      'div',
      { class: 'brand' },
      h('span', { class: 'mark', 'aria-hidden': 'true' }),
      `seccomp report · ${data.generator}`,
    ),
    h('h1', {}, profile.name),
    sentence,
    trouble,
    open,
    h(
      'p',
      { class: `proof is-${claim.status}` },
      h('span', { class: 'badge' }, badges[claim.status]),
      ' ',
      claim.text,
    ),
    note,
    basis(data),
  );
}

const DECIDED_HERE =
  'Decided in this page for the settings below; the proof is about the filter that was compiled for the report.';

/** An element that has nothing to say is not seen. */
function fillOrHide(element: HTMLElement, ...children: readonly Child[]): void {
  fill(element, ...children);
  element.hidden = children.every((child) => child === '');
}

/** Why there is no answer, or no container starts; empty: neither. */
function troubleOf({ view, failure, reading }: PageState): string {
  if (failure !== undefined) return `${failure}. The rest of the page shows the settings before.`;
  const lacks = view.startLacks;
  if (lacks.length === 0) return '';
  const them = lacks.length === 1 ? 'it' : 'them';
  return `No container starts: ${markRuntime(reading.runtime)} itself calls ${lacks.join(', ')} under the filter, and gets ${them} denied.`;
}

/** What could not be decided; empty: nothing. */
function undecidedOf({ view }: PageState, { findings }: ReportData): readonly Child[] {
  const unsure = findings.some(({ rule }) => rule === UNDECIDED_RULE) ? ['whether lint finds more'] : [];
  const undecided = [...view.undecided, ...unsure];
  if (undecided.length === 0) return [];
  return [
    h('b', {}, 'Not everything could be decided:'),
    ' the profile takes more work than a report may do. All else on this page is decided. If you choose a call marked U, the page decides it alone. Not decided:',
    h('ul', {}, ...undecided.map((what) => h('li', {}, what))),
  ];
}

const badges = { proven: '✓ proven', unproven: '! not proven', decided: 'decided' } as const;

/** A phrase of the sentence. One about dangers or holes is a link to that part of the page, which can be far below. */
function phrase({ text, tone }: Phrase, store: Store): HTMLElement | string {
  if (tone === undefined) return text;
  const strong = h('strong', { class: `tone-${tone}` }, text);
  if (tone === 'hole') return h('a', { class: 'to-part tone-hole', href: '#findings' }, strong);
  if (tone !== 'danger' || store.get().view.counts.dangerous === 0) return strong;
  const showThem = (): void => {
    const { view } = store.get();
    const native = view.cells[0]?.arch ?? store.get().arch;
    store.set({ onlyDangerous: true, onlyChanged: false, hidden: new Set(), rule: undefined, arch: native });
  };
  return h('a', { class: 'to-part tone-danger', href: '#matrix', onclick: showThem }, strong);
}

/** Everything the proof rests on. */
function basis({ claim, profile }: ReportData): HTMLElement {
  const rows = Object.entries(claim.rows);
  const hashes = rows.some(([name]) => name === 'program sha256');
  return h(
    'details',
    { class: 'basis' },
    h(
      'summary',
      {},
      `What this rests on: ${count(rows.length, 'fact')}${hashes ? ', with the hashes of profile and program' : ''}`,
    ),
    h(
      'dl',
      {},
      ...[['dialect', profile.dialect] as const, ...rows].flatMap(([name, value]) => [
        h('dt', {}, name),
        h('dd', { class: /sha256/.test(name) ? 'mono' : '' }, value),
      ]),
    ),
  );
}
