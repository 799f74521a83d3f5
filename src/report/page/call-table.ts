/**
 * The calls as a table: for screen readers, and for copying.
 * @module
 */
import { type Cell, verdictKinds } from '../call-cells.ts';
import { h } from './dom.ts';
import type { Store } from './page-state.ts';

export function callTable(cells: readonly Cell[], store: Store): HTMLElement {
  const { arch } = store.get();
  return h(
    'div',
    { class: 'table-box' },
    h(
      'table',
      {},
      h('caption', {}, `System calls of ${arch}`),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['Number', 'Call', 'Subsystem', 'Verdict', 'Note'].map((text) =>
            h('th', { scope: 'col' }, text),
          ),
        ),
      ),
      h('tbody', {}, ...cells.map((cell) => row(cell, store))),
    ),
  );
}

function row({ syscall, nr, subsystem, kind, verdict, dangers, isLacking }: Cell, store: Store): HTMLElement {
  const notes = [
    ...(dangers ?? []).map((what) => `dangerous: ${what}`),
    ...(isLacking === true ? ['unknown to the library'] : []),
  ];
  return h(
    'tr',
    {},
    h('td', { class: 'number' }, String(nr)),
    h(
      'th',
      { scope: 'row' },
      h(
        'button',
        {
          type: 'button',
          class: 'link mono',
          'data-call': syscall,
          onclick: () => store.set({ syscall }),
        },
        syscall,
      ),
    ),
    h('td', {}, subsystem),
    h(
      'td',
      {},
      h('span', { class: `pill v-${kind}` }, verdictKinds[kind].label),
      ' ',
      h('span', { class: 'muted' }, verdict),
    ),
    h('td', {}, notes.join('; ')),
  );
}
