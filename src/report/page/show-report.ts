/**
 * The whole page for one report.
 * @module
 */
import type { ReportData } from '../report-data.ts';
import { makeMatrix } from './call-matrix.ts';
import { makeCallPanel } from './call-panel.ts';
import { h } from './dom.ts';
import { makeFindings } from './finding-list.ts';
import { makeHeading } from './heading.ts';
import { createJudge } from './judge-here.ts';
import { createStore } from './page-state.ts';
import { makeSettings } from './settings-bar.ts';
import { makeSource } from './source-panel.ts';
import { makeStandings } from './standings.ts';

/** Shows a report. @returns the element that holds it */
export function showReport(data: ReportData): HTMLElement {
  const store = createStore(data);
  const judge = createJudge(data);
  const source = makeSource(data, store, judge);
  return h(
    'div',
    { class: 'report' },
    makeHeading(data, store),
    makeStandings(store),
    makeSettings(data, store, judge),
    h(
      'div',
      { class: 'columns' },
      makeMatrix(store, judge),
      h(
        'div',
        { class: 'side' },
        makeCallPanel(data, store, judge),
        makeFindings(data.findings, source.goTo),
        source.panel,
      ),
    ),
    h(
      'footer',
      { class: 'muted small' },
      `Written by ${data.generator}. The page computes all answers itself and sends nothing. Keys: / goes to the search, arrow keys move in the matrix, Enter asks about a call; in the source, N and P go to the next and the previous rule.`,
    ),
  );
}

/** `/` goes to the search, wherever the focus is but in a field. */
export function listenForSearch(): void {
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
    const search = document.getElementById('search');
    if (search === null) return;
    event.preventDefault();
    search.focus();
  });
}
