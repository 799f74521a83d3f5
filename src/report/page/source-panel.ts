/**
 * The profile's text: which lines lint speaks of, which rules decide nothing, and the way from a rule to its cells.
 *
 * Only the lines that are in view are elements, so a text of a million lines opens as fast as one of ten.
 * @module
 */
import type { ReportData, ReportFinding } from '../report-data.ts';
import { type RuleSpan, spansOfRules } from '../rule-spans.ts';
import { type Child, count, fill, h, nameList } from './dom.ts';
import type { Judge } from './judge-here.ts';
import type { PageState, Store } from './page-state.ts';

/** Pixels; the style sheet says the same. */
const LINE_HEIGHT = 18;
/** Drawn above and below what is in view. */
const MARGIN = 20;
/** Longer lines are cut: nobody reads them, and each character takes layout. */
const LONGEST_LINE = 1000;

/** @returns the panel, and a function that shows a line of it */
export function makeSource(
  data: ReportData,
  store: Store,
  judge: Judge,
): { readonly panel: HTMLElement; readonly goTo: (line: number) => void } {
  const text = makeText(data, store);
  const about = h('div', { class: 'about-rule', role: 'status' });
  store.subscribe((state, before) => {
    if (state.rule === before.rule && state.view === before.view) return;
    const line = state.rule === undefined ? null : (data.profile.lines[state.rule] ?? null);
    text.draw(state.rule === before.rule ? null : line);
    fill(about, ...aboutRule(state, data, store, judge));
  });
  const panel = h(
    'section',
    { class: 'panel source', 'aria-label': 'Source' },
    h(
      'div',
      { class: 'source-head' },
      h('h2', {}, 'Source'),
      h('span', { class: 'muted small' }, `${count(text.length, 'line')}; grey rules decide nothing here`),
    ),
    about,
    text.view,
  );
  return { panel, goTo: text.goTo };
}

interface ShownText {
  readonly view: HTMLElement;
  /** In lines. */
  readonly length: number;
  readonly goTo: (line: number) => void;
  /** Draws anew. @param line - goes there first; `null`: stays */
  readonly draw: (line: number | null) => void;
}

function makeText({ profile, findings }: ReportData, store: Store): ShownText {
  const lines = profile.text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const spans = spansOfRules(profile.text, profile.lines);
  const ruleAt = rulesByLine(spans);
  const findingsAt = findingsByLine(findings);
  const room = h('div', { class: 'source-room' });
  room.style.setProperty('height', `${lines.length * LINE_HEIGHT}px`);
  const view = scrolledView(profile.name, room, (event) => chooseByKey(event, spans, store));
  view.style.setProperty('--digits', String(String(lines.length).length));
  let drawn = '';
  const draw = (): void => {
    const { rule, view: seen } = store.get();
    const [from, to] = linesInView(view, lines.length);
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
    view.scrollIntoView({ block: 'nearest' });
    view.scrollTop = Math.max(0, (line - 4) * LINE_HEIGHT);
    draw();
  };
  const drawAnew = (line: number | null): void => {
    drawn = '';
    if (line === null) draw();
    else goTo(line);
  };
  view.addEventListener('scroll', draw);
  requestAnimationFrame(draw);
  return { view, length: lines.length, goTo, draw: drawAnew };
}

function scrolledView(name: string, room: HTMLElement, onkey: (event: KeyboardEvent) => void): HTMLElement {
  return h(
    'div',
    {
      class: 'source-view mono',
      tabindex: 0,
      role: 'region',
      'aria-label': `Text of ${name}. N and P go to the next and the previous rule.`,
      onkeydown: (event) => onkey(event as KeyboardEvent),
    },
    room,
  );
}

function rulesByLine(spans: readonly RuleSpan[]): ReadonlyMap<number, number> {
  const rules = new Map<number, number>();
  for (const { rule, from, to } of spans) for (let line = from; line <= to; line += 1) rules.set(line, rule);
  return rules;
}

function findingsByLine(findings: readonly ReportFinding[]): ReadonlyMap<number, readonly ReportFinding[]> {
  const byLine = new Map<number, readonly ReportFinding[]>();
  for (const each of findings) {
    for (const line of each.lines) byLine.set(line, [...(byLine.get(line) ?? []), each]);
  }
  return byLine;
}

/** The lines to draw, from 0, the second not included: those in view, and some above and below. */
function linesInView({ scrollTop, clientHeight }: HTMLElement, count: number): readonly [number, number] {
  const from = Math.floor(scrollTop / LINE_HEIGHT) - MARGIN;
  const to = Math.ceil((scrollTop + (clientHeight || 600)) / LINE_HEIGHT) + MARGIN;
  return [Math.max(0, from), Math.min(count, to)];
}

/** The way from a rule to its cells without a mouse: N and P choose a rule in the order of the text, Escape none. */
function chooseByKey(
  { key, ctrlKey, metaKey, altKey }: KeyboardEvent,
  spans: readonly { readonly rule: number }[],
  store: Store,
): void {
  if (ctrlKey || metaKey || altKey) return;
  if (key === 'Escape') store.set({ rule: undefined });
  const step = key === 'n' ? 1 : key === 'p' ? -1 : 0;
  if (step === 0) return;
  const at = spans.findIndex(({ rule }) => rule === store.get().rule);
  const next = at < 0 ? spans.at(step === 1 ? 0 : -1) : spans[at + step];
  if (next !== undefined) store.set({ rule: next.rule });
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
