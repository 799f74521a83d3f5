/**
 * How the profile stands to others: a strip with counts, and what differs, looser first.
 * @module
 */
import type { Standing } from '../report-data.ts';
import type { ArchChanges, ChangedGroup } from '../weigh-profiles.ts';
import { type Child, count, fill, h, nameList } from './dom.ts';
import type { PageState, Store } from './page-state.ts';

export function makeStandings(store: Store): HTMLElement {
  const strip = h('div', { class: 'strip' });
  const diff = h('div', { class: 'diff', id: 'diff' });
  const draw = (): void => {
    const state = store.get();
    fill(strip, ...all(state).map((standing) => card(standing, state, store)));
    const chosen = all(state).find(({ name }) => name === state.diff);
    fill(diff, ...(chosen === undefined ? [] : differences(chosen, store)));
    diff.hidden = chosen === undefined;
  };
  store.subscribe((state, before) => {
    if (state.view !== before.view || state.diff !== before.diff) draw();
  });
  draw();
  return h('section', { class: 'standings', 'aria-label': 'Compared with other profiles' }, strip, diff);
}

function all({ view }: PageState): readonly Standing[] {
  return [...(view.against === undefined ? [] : [view.against]), ...view.strip];
}

function card({ name, weighing, failure }: Standing, { diff }: PageState, store: Store): HTMLElement {
  const isChosen = diff === name;
  const isSame = weighing !== undefined && weighing.changes.length === 0;
  return h(
    'button',
    {
      type: 'button',
      class: 'standing',
      id: `standing-${name}`,
      'aria-pressed': String(isChosen),
      'aria-controls': 'diff',
      disabled: weighing === undefined || isSame,
      onclick: () => {
        store.set({ diff: isChosen ? undefined : name, onlyChanged: !isChosen });
        document.getElementById(`standing-${name}`)?.focus();
      },
    },
    h('span', { class: 'muted' }, 'compared with ', h('b', {}, name)),
    ...(weighing === undefined
      ? [h('span', { class: 'muted small' }, `not compared: ${failure}`)]
      : isSame
        ? [h('span', {}, 'the same for every call')]
        : [
            h('span', { class: 'looser' }, h('b', {}, `+${weighing.looser}`), ' looser'),
            h('span', { class: 'stricter' }, h('b', {}, `−${weighing.stricter}`), ' stricter'),
            weighing.different > 0 && h('span', {}, h('b', {}, `±${weighing.different}`), ' different'),
            weighing.undecided > 0 && h('span', {}, h('b', {}, `${weighing.undecided}`), ' not decided'),
          ]),
  );
}

function differences({ name, weighing }: Standing, store: Store): readonly Child[] {
  return [
    h(
      'div',
      { class: 'diff-head' },
      h('h2', {}, `What differs from ${name}`),
      h('span', { class: 'muted small' }, 'looser first; the matrix marks the same calls'),
    ),
    ...(weighing?.changes ?? []).map((changes, at) => archChanges(changes, at === 0, store)),
  ];
}

/** The first architecture is open; the others mostly repeat it. */
function archChanges({ arch, groups }: ArchChanges, isOpen: boolean, store: Store): HTMLElement {
  const calls = groups.reduce((sum, { names }) => sum + names.length, 0);
  return h(
    'details',
    { open: isOpen, class: 'arch-changes' },
    h('summary', {}, h('b', {}, arch), ` ${count(calls, 'call')}`),
    h('div', { class: 'changes' }, ...groups.map((group) => changedGroup(group, arch, store))),
  );
}

function changedGroup(
  { kind, label, names, before, after, witnesses }: ChangedGroup,
  arch: ArchChanges['arch'],
  store: Store,
): HTMLElement {
  const isShort = before.length === 1 && after.length === 1;
  const have = store.get().view.cells.some((each) => each.arch === arch);
  const pick = have ? (syscall: string): void => store.set({ syscall, arch }) : undefined;
  return h(
    'div',
    { class: `change c-${kind}` },
    h(
      'div',
      { class: 'change-head' },
      h('span', { class: 'tag' }, label),
      ' ',
      h('b', {}, count(names.length, 'call')),
      isShort ? `: ${before[0]} → ${after[0]}` : '',
    ),
    h('p', {}, ...nameList(names, 30, pick)),
    !isShort &&
      h(
        'pre',
        { class: 'cases' },
        [...before.map((text) => `− ${text}`), ...after.map((text) => `+ ${text}`)].join('\n'),
      ),
    ...witnesses.map((text) => h('p', { class: 'mono small witness' }, `for instance ${text}`)),
  );
}
