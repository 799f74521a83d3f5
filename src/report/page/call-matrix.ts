/**
 * The matrix: a cell a system call, by subsystem; a tab an ABI; or the same as a table.
 * @module
 */
import { type Cell, type VerdictName, verdictKinds } from '../call-cells.ts';
import { subsystemNames } from '../subsystems.ts';
import { callTable } from './call-table.ts';
import { type Child, count, fill, h } from './dom.ts';
import type { Judge } from './judge-here.ts';
import { moveFocus } from './move-focus.ts';
import type { PageState, Store } from './page-state.ts';

/** What a cell's look depends on beside the cell. */
interface Marks {
  /** Calls that the settings, or the other profile, changed: `+` opened, `−` closed, `±` otherwise. */
  readonly changed: ReadonlyMap<string, '+' | '−' | '±'>;
  /** The calls of the chosen rule. */
  readonly ofRule: ReadonlySet<string> | undefined;
}

export function makeMatrix(store: Store, judge: Judge): HTMLElement {
  const tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Architectures of the filter' });
  const legend = h('div', { class: 'legend', role: 'group', 'aria-label': 'Show calls by verdict' });
  const body = h('div', { class: 'matrix-body', id: 'calls', role: 'tabpanel' });
  const found = h('p', { class: 'muted small found', role: 'status' });
  body.addEventListener('keydown', (event) => moveFocus(body, event));
  const draw = (): void => {
    const state = store.get();
    fill(tabs, ...tabsOf(state, store));
    const marks = marksOf(state, judge);
    fill(legend, ...legendOf(state, marks, store));
    const shown = shownCells(state, marks);
    body.setAttribute('aria-label', `System calls of ${state.arch}`);
    fill(
      body,
      ...(state.layout === 'table' ? [callTable(shown, store)] : groupsOf(shown, state, marks, store)),
    );
    const total = cellsOf(state).length;
    fill(found, shown.length === total ? '' : `${shown.length} of ${count(total, 'call')} shown`);
    const first =
      body.querySelector<HTMLElement>('.cell[aria-pressed="true"]') ??
      body.querySelector<HTMLElement>('.cell');
    first?.setAttribute('tabindex', '0');
  };
  store.subscribe((state, before) => {
    if (drawnParts.some((key) => state[key] !== before[key])) draw();
    else if (state.syscall !== before.syscall) choose(body, state.syscall);
  });
  draw();
  return h(
    'section',
    { class: 'panel matrix', id: 'matrix', 'aria-label': 'System calls' },
    h('div', { class: 'matrix-head' }, tabs, searchField(body, store), layoutSwitch(store)),
    legend,
    found,
    body,
  );
}

/** The parts of the state that all cells depend on. */
const drawnParts = [
  ...(['view', 'arch', 'layout', 'search', 'hidden', 'rule'] as const),
  ...(['diff', 'changes', 'onlyChanged', 'onlyDangerous'] as const),
];

/** The search for calls; the arrow down goes on to the first cell. */
function searchField(body: HTMLElement, store: Store): HTMLElement {
  const search = h('input', {
    type: 'search',
    id: 'search',
    placeholder: 'Search calls  /',
    'aria-label': 'Search system calls by name or number',
    spellcheck: 'false',
    oninput: () => store.set({ search: search.value.trim().toLowerCase() }),
    onkeydown: (event) => {
      if ((event as KeyboardEvent).key !== 'ArrowDown') return;
      event.preventDefault();
      body.querySelector<HTMLElement>('.cell')?.focus();
    },
  });
  return search;
}

export function cellsOf({ view, arch }: PageState): readonly Cell[] {
  return view.cells.find((each) => each.arch === arch)?.cells ?? [];
}

function shownCells(state: PageState, { changed }: Marks): readonly Cell[] {
  const { search, hidden } = state;
  const all = cellsOf(state);
  const onlyChanged = state.onlyChanged && changed.size > 0;
  const onlyDangerous = state.onlyDangerous && all.some(({ dangers }) => dangers !== undefined);
  return all.filter(
    ({ syscall, nr, kind, subsystem, dangers }) =>
      !hidden.has(kind) &&
      (!onlyChanged || changed.has(syscall)) &&
      (!onlyDangerous || dangers !== undefined) &&
      (search === '' || syscall.includes(search) || String(nr) === search || subsystem.includes(search)),
  );
}

function marksOf(state: PageState, judge: Judge): Marks {
  const { rule, reading, failure } = state;
  const changed = new Map<string, '+' | '−' | '±'>();
  for (const { arch, groups } of weighingOf(state)?.changes ?? []) {
    if (arch !== state.arch) continue;
    for (const { kind, names } of groups) {
      const sign = kind === 'looser' || kind === 'mixed' ? '+' : kind === 'stricter' ? '−' : '±';
      for (const name of names) changed.set(name, sign);
    }
  }
  const ofRule =
    rule === undefined || failure !== undefined
      ? undefined
      : (judge.callsOfRules(reading).get(rule) ?? new Set<string>());
  return { changed, ofRule };
}

/** The comparison whose changes the matrix marks: with another profile if one is chosen, else with other settings. */
function weighingOf({ diff, view, changes }: PageState) {
  if (diff === undefined) return changes;
  return [view.against, ...view.strip].find((each) => each?.name === diff)?.weighing;
}

function tabsOf({ view, arch }: PageState, store: Store): readonly Child[] {
  return view.cells.map(({ arch: name, cells }) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${name}`,
        'aria-selected': String(name === arch),
        'aria-controls': 'calls',
        tabindex: name === arch ? 0 : -1,
        onclick: () => store.set({ arch: name }),
        onkeydown: (event) => {
          const { key } = event as KeyboardEvent;
          const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
          const at = view.cells.findIndex((each) => each.arch === name);
          const next = view.cells[(at + step + view.cells.length) % view.cells.length];
          if (step === 0 || next === undefined) return;
          store.set({ arch: next.arch });
          document.getElementById(`tab-${next.arch}`)?.focus();
        },
      },
      name,
      h('span', { class: 'muted' }, ` ${cells.length}`),
    ),
  );
}

function legendOf(state: PageState, { changed }: Marks, store: Store): readonly Child[] {
  const cells = cellsOf(state);
  const buttons = (Object.keys(verdictKinds) as VerdictName[]).flatMap((kind) => {
    const own = cells.filter((cell) => cell.kind === kind).length;
    if (own === 0) return [];
    return [verdictButton(kind, own, state.hidden, store)];
  });
  const dangers = cells.filter(({ dangers: own }) => own !== undefined).length;
  const lacking = cells.filter(({ isLacking }) => isLacking).length;
  const { onlyChanged, onlyDangerous } = state;
  return [
    ...buttons,
    changed.size > 0 &&
      onlyButton('legend-changed', onlyChanged, () => store.set({ onlyChanged: !onlyChanged }), [
        `only what changed ${changed.size}`,
      ]),
    dangers > 0 &&
      onlyButton('legend-dangerous', onlyDangerous, () => store.set({ onlyDangerous: !onlyDangerous }), [
        h('i', { class: 'swatch ring' }),
        `only dangerous ${dangers}`,
      ]),
    lacking > 0 &&
      h(
        'span',
        {
          class: 'key-note',
          title: 'The library does not know these names, so rules for them have no effect',
        },
        h('i', { class: 'swatch hatch' }),
        `unknown to the library ${lacking}`,
      ),
  ];
}

/** Shows and hides the cells of a verdict. */
function verdictButton(
  kind: VerdictName,
  count: number,
  hidden: PageState['hidden'],
  store: Store,
): HTMLElement {
  const { letter, label, meaning } = verdictKinds[kind];
  const toggle = (): void => {
    const others = new Set(hidden);
    if (!others.delete(kind)) others.add(kind);
    store.set({ hidden: others });
    document.getElementById(`legend-${kind}`)?.focus();
  };
  return h(
    'button',
    {
      type: 'button',
      id: `legend-${kind}`,
      class: `key v-${kind}`,
      title: `${letter}: ${meaning}`,
      'aria-pressed': String(!hidden.has(kind)),
      onclick: toggle,
    },
    h('span', { class: 'letter', 'aria-hidden': 'true' }, letter),
    `${label} ${count}`,
  );
}

/** A choice to show some cells only. The legend is drawn anew then, so the focus goes to the new button. */
function onlyButton(id: string, isOn: boolean, toggle: () => void, children: readonly Child[]): HTMLElement {
  const onclick = (): void => {
    toggle();
    document.getElementById(id)?.focus();
  };
  return h(
    'button',
    { type: 'button', id, class: 'key only', 'aria-pressed': String(isOn), onclick },
    ...children,
  );
}

function groupsOf(
  cells: readonly Cell[],
  state: PageState,
  marks: Marks,
  store: Store,
): readonly HTMLElement[] {
  const groups = subsystemNames.flatMap((name) => {
    const own = cells.filter(({ subsystem }) => subsystem === name);
    if (own.length === 0) return [];
    const how = openness(cellsOf(state).filter(({ subsystem }) => subsystem === name));
    return [
      h(
        'section',
        { class: 'group', 'aria-label': `${name}: ${how}` },
        h('h3', {}, name, h('span', { class: 'muted' }, ` ${how}`)),
        h('div', { class: 'cells' }, ...own.map((cell) => cellButton(cell, state, marks, store))),
      ),
    ];
  });
  return groups.length > 0
    ? groups
    : [h('p', { class: 'muted' }, 'No call matches the search and the choices above.')];
}

function cellButton(cell: Cell, { syscall, rule, arch }: PageState, marks: Marks, store: Store): HTMLElement {
  const { kind, dangers, isLacking, verdict } = cell;
  const { letter, label } = verdictKinds[kind];
  const sign = marks.changed.get(cell.syscall);
  const isOfRule = marks.ofRule?.has(cell.syscall) === true;
  const classes = [
    'cell',
    `v-${kind}`,
    dangers !== undefined && 'is-danger',
    isLacking && 'is-lacking',
    sign !== undefined && 'is-changed',
    rule !== undefined && (isOfRule ? 'is-of-rule' : 'is-dim'),
  ];
  const says = [
    `${cell.syscall}: ${label}`,
    dangers !== undefined && 'dangerous',
    isLacking && 'unknown to the library',
    sign !== undefined && { '+': 'opened', '−': 'closed', '±': 'changed' }[sign],
  ];
  return h(
    'button',
    {
      type: 'button',
      class: classes.filter(Boolean).join(' '),
      'data-call': cell.syscall,
      'data-nr': cell.nr,
      'data-verdict': verdict,
      tabindex: -1,
      title: `${cell.syscall} (${cell.nr}): ${verdict}${dangers === undefined ? '' : `; it ${dangers[0]}`}`,
      'aria-label': says.filter(Boolean).join(', '),
      'aria-pressed': String(cell.syscall === syscall),
      onclick: () => store.set({ syscall: cell.syscall, arch }),
    },
    h('span', { class: 'letter', 'aria-hidden': 'true' }, letter),
    h('span', { class: 'name' }, ...breakable(cell.syscall)),
    dangers !== undefined && h('span', { class: 'bang', 'aria-hidden': 'true' }, '!'),
    sign !== undefined &&
      h('span', { class: `sign s${sign === '+' ? 'p' : sign === '−' ? 'm' : 'x'}` }, sign),
  );
}

/** A name that may go on in a second line after `_`: cut names, such as those of `sched_get_priority_…`, look alike. */
function breakable(name: string): readonly Child[] {
  return name.split(/(?<=_)/).flatMap((part, at) => (at === 0 ? [part] : [h('wbr'), part]));
}

/** Marks another cell without drawing all of them anew. */
function choose(body: HTMLElement, syscall: string | undefined): void {
  for (const cell of body.querySelectorAll<HTMLElement>('[data-call]')) {
    const isChosen = cell.dataset.call === syscall;
    if (cell.hasAttribute('aria-pressed')) cell.setAttribute('aria-pressed', String(isChosen));
    if (cell.classList.contains('cell')) cell.tabIndex = isChosen ? 0 : -1;
  }
  if (body.querySelector('.cell[tabindex="0"]') === null) {
    body.querySelector('.cell')?.setAttribute('tabindex', '0');
  }
}

function layoutSwitch(store: Store): HTMLElement {
  const button = (layout: PageState['layout'], label: string): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        id: `layout-${layout}`,
        'aria-pressed': String(store.get().layout === layout),
        onclick: () => store.set({ layout }),
      },
      label,
    );
  const both = [button('matrix', 'Matrix'), button('table', 'Table')];
  store.subscribe(({ layout }) => {
    for (const each of both) each.setAttribute('aria-pressed', String(each.id === `layout-${layout}`));
  });
  return h('div', { class: 'switch', role: 'group', 'aria-label': 'Form' }, ...both);
}

/** `3 of 34 open`, of the calls of a subsystem. */
function openness(cells: readonly Cell[]): string {
  const undecided = cells.filter(({ kind }) => kind === 'undecided').length;
  const open = cells.filter(({ kind }) => verdictKinds[kind].isOpen).length;
  if (undecided > 0) return `${open} of ${cells.length} open, ${undecided} not decided`;
  return open === 0 ? 'all closed' : open === cells.length ? 'all open' : `${open} of ${cells.length} open`;
}
