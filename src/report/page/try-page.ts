/**
 * The page where one pastes a profile: it reads, judges and lints it, and shows the report.
 * @module
 */
import { makePaste } from './paste-box.ts';
import { listenForSearch, showReport } from './show-report.ts';

const page = document.getElementById('page');
if (page !== null) {
  const report = document.createElement('div');
  page.replaceChildren(
    makePaste((data) => {
      report.replaceChildren(...(data === undefined ? [] : [showReport(data)]));
      if (data !== undefined) report.scrollIntoView({ block: 'start' });
    }),
    report,
  );
  listenForSearch();
}
