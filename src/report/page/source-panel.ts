/**
 * The profile's text: what lint found in it, which rules decide nothing, and the way from a rule to its cells.
 *
 * Only the lines that are in view are elements, so a text of a million lines opens as fast as one of ten.
 * @module
 */

import type { ReportData, ReportFinding } from '../report-data.ts';
import { spansOfRules } from '../rule-spans.ts';
import { type Child, count, fill, h, nameList } from './dom.ts';
import type { Judge } from './judge-here.ts';
import type { PageState, Store } from './page-state.ts';

/** Pixels; the style sheet says the same. */
const LINE_HEIGHT = 18;
/** Drawn above and below what is in view. */
const MARGIN = 20;
/** Longer lines are cut: nobody reads them, and each character takes layout. */
const LONGEST_LINE = 1000;

export function makeSource(data: ReportData, store: Store, judge: Judge): HTMLElement {
  const { profile, findings } = data;
  const lines = profile.text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const spans = spansOfRules(profile.text, profile.lines);
  const ruleAt = new Map<number, number>();
  for (const { rule, from, to } of spans) for (let line = from; line <= to; line += 1) ruleAt.set(line, rule);
  const findingsAt = new Map<number, readonly ReportFinding[]>();
  for (const each of findings) findingsAt.set(each.line, [...(findingsAt.get(each.line) ?? []), each]);
  const room = h('div', { class: 'source-room' });
  room.style.setProperty('height', `${lines.length * LINE_HEIGHT}px`);
  const view = h(
    'div',
    { class: 'source-view mono', tabindex: 0, role: 'region', 'aria-label': `Text of ${profile.name}` },
    room,
  );
  let drawn = '';
  const draw = (): void => {
    const { rule, view: seen } = store.get();
    const from = Math.max(0, Math.floor(view.scrollTop / LINE_HEIGHT) - MARGIN);
    const to = Math.min(
      lines.length,
      Math.ceil((view.scrollTop + (view.clientHeight || 600)) / LINE_HEIGHT) + MARGIN,
    );
    const key = `${from} ${to} ${rule}`;
    if (key === drawn) return;
    drawn = key;
    const dead = new Map(seen.dead.map((each) => [each.rule, each.why]));
    const slice = lines.slice(from, to).map((text, at) => {
      const line = from + at + 1;
      return lineElement({ text, line, rule: ruleAt.get(line), dead, findings: findingsAt.get(line) }, store);
    });
    fill(room, ...slice);
    room.style.setProperty('padding-top', `${from * LINE_HEIGHT}px`);
  };
  const goTo = (line: number): void => {
    view.scrollTop = Math.max(0, (line - 4) * LINE_HEIGHT);
    draw();
  };
  view.addEventListener('scroll', draw);
  const about = h('div', { class: 'about-rule', role: 'status' });
  store.subscribe((state, before) => {
    if (state.rule !== before.rule || state.view !== before.view) {
      drawn = '';
      const line = state.rule === undefined ? null : (profile.lines[state.rule] ?? null);
      if (state.rule !== before.rule && line !== null) goTo(line);
      else draw();
      fill(about, ...aboutRule(state, data, store, judge));
    }
  });
  requestAnimationFrame(draw);
  return h(
    'section',
    { class: 'panel source', 'aria-label': 'Source and findings' },
    h(
      'div',
      { class: 'source-head' },
      h('h2', {}, 'Source'),
      h('span', { class: 'muted small' }, `${count(lines.length, 'line')}; grey rules decide nothing here`),
    ),
    findingList(findings, goTo),
    about,
    view,
  );
}

interface Line {
  readonly text: string;
  readonly line: number;
  readonly rule: number | undefined;
  readonly dead: ReadonlyMap<number, string>;
  readonly findings: readonly ReportFinding[] | undefined;
}

function lineElement({ text, line, rule, dead, findings }: Line, store: Store): HTMLElement {
  const why = rule === undefined ? undefined : dead.get(rule);
  const isChosen = rule !== undefined && store.get().rule === rule;
  const worst = findings?.find(({ level }) => level === 'error') ?? findings?.[0];
  const classes = [
    'line',
    why !== undefined && 'is-dead',
    isChosen && 'is-chosen',
    worst && `f-${worst.level}`,
  ];
  const title = [
    ...(why === undefined ? [] : [`Decides nothing here: ${why}`]),
    ...(findings ?? []).map(({ message }) => message),
  ];
  return h(
    'div',
    {
      class: classes.filter(Boolean).join(' '),
      title: title.length === 0 ? undefined : title.join('\n'),
      onclick: () => {
        if (rule !== undefined) store.set({ rule: isChosen ? undefined : rule });
      },
    },
    h('span', { class: 'no' }, worst === undefined ? '' : worst.level === 'error' ? '✗' : '!', ` ${line}`),
    text.length > LONGEST_LINE
      ? `${text.slice(0, LONGEST_LINE)} … ${text.length - LONGEST_LINE} more characters`
      : text,
  );
}

function aboutRule(state: PageState, { profile }: ReportData, store: Store, judge: Judge): readonly Child[] {
  const { rule, view, failure, reading } = state;
  if (rule === undefined) return [];
  const why = view.dead.find((each) => each.rule === rule)?.why;
  const calls = failure === undefined ? [...(judge.callsOfRules(reading).get(rule) ?? [])].sort() : [];
  const line = profile.lines[rule];
  const what = typeof line === 'number' ? `The rule at line ${line}` : `Rule ${rule + 1}, of another file,`;
  return [
    h(
      'p',
      {},
      h('strong', {}, what),
      why === undefined ? ` speaks of ${count(calls.length, 'call')}: ` : ` decides nothing: ${why}. `,
      ...nameList(calls, 10, (syscall) => store.set({ syscall })),
      ' ',
      h(
        'button',
        { type: 'button', class: 'quiet', onclick: () => store.set({ rule: undefined }) },
        'Show all calls',
      ),
    ),
  ];
}

/** So many findings are listed before the reader asks for the rest. */
const FINDINGS_SHOWN = 4;
const FINDINGS_MOST = 300;

function findingList(findings: readonly ReportFinding[], goTo: (line: number) => void): HTMLElement {
  if (findings.length === 0) return h('p', { class: 'muted small' }, 'Lint found nothing.');
  const order = { error: 0, warn: 1, note: 2 };
  const sorted = findings.toSorted((a, b) => order[a.level] - order[b.level] || a.line - b.line);
  const items = sorted.slice(0, FINDINGS_MOST).map((finding) => findingItem(finding, goTo));
  const left = sorted.length - items.length;
  return h(
    'div',
    { class: 'findings' },
    h('ul', {}, ...items.slice(0, FINDINGS_SHOWN)),
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

function findingItem(finding: ReportFinding, goTo: (line: number) => void): HTMLElement {
  const { rule, level, message, hint, line, witness, isHole } = finding;
  const word = isHole ? 'hole' : level === 'warn' ? 'warning' : level;
  return h(
    'li',
    { class: `finding f-${isHole ? 'hole' : level}` },
    h('span', { class: 'tag' }, word),
    ' ',
    h('button', { type: 'button', class: 'link', onclick: () => goTo(line) }, `line ${line}`),
    ' ',
    message,
    ' ',
    h('span', { class: 'muted small' }, rule),
    witness !== undefined && h('div', { class: 'mono small' }, witness),
    hint !== undefined &&
      h(
        'details',
        { class: 'hint' },
        h('summary', {}, 'What to do'),
        h('p', { class: 'muted small' }, `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`),
      ),
  );
}
