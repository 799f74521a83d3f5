/**
 * The script of a report: reads the data that stands in the page, and shows it.
 * @module
 */
import { readData } from '../report-data.ts';
import { listenForSearch, showReport } from './show-report.ts';

const data = readData(document.getElementById('data')?.textContent ?? '');
document.getElementById('page')?.replaceChildren(showReport(data));
listenForSearch();
