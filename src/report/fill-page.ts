/**
 * The page with its data. The build makes the rest: style, script, and the content security policy that lets nothing else run.
 * @module
 */
import { replaceUnsafe } from '../abi/visible-json.ts';
import { type ReportData, writeData } from './report-data.ts';
import { sentenceOf } from './sum-up.ts';

/** Where the build leaves room. */
const DATA = '<!--data-->';
const TITLE = '<!--title-->';
const SUMMARY = '<!--summary-->';

/**
 * Puts data into the page.
 *
 * @param template - dist/page/report.html
 * @returns HTML that needs no other file, no server and no network
 */
export function renderReport(template: string, data: ReportData): string {
  const sentence = `${sentenceOf(data.view.counts)
    .map(({ text }) => text)
    .join('')}.`;
  const { name } = data.profile;
  return [
    [TITLE, escapeHtml(`${name}: seccomp report`)],
    [SUMMARY, escapeHtml(`${name}: ${sentence} ${data.claim.text}`)],
    [DATA, writeData(data)],
  ].reduce((html, [mark = '', text = '']) => replaceOnce(html, mark, text), template);
}

function replaceOnce(html: string, mark: string, text: string): string {
  const at = html.indexOf(mark);
  if (at < 0) throw new RangeError(`the page has no ${mark}`);
  return html.slice(0, at) + text + html.slice(at + mark.length);
}

/** For text between tags: what turns the direction of reading is seen as U+FFFD. */
function escapeHtml(text: string): string {
  return replaceUnsafe(text, () => '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
