/**
 * Findings as people read them: the place, what is wrong, the line with the place marked, the proof, what to do.
 * @module
 */
import { listNames } from '../../lint/ask/list-names.ts';
import { describeWitness } from '../../lint/engine/describe-witness.ts';
import type { Finding, Range } from '../../lint/engine/finding.ts';
import { hostsOf, otherPlacesOf } from '../../lint/engine/merge-findings.ts';
import type { Colors } from '../render/colors.ts';
import { countParts, plural } from '../render/render-problems.ts';
import { renderWorkload } from '../render/render-workload.ts';
import { visibleLine, visibleLines, visibleText } from '../render/safe-text.ts';
import type { FileReport, Totals } from './file-report.ts';

/** Columns of a line that are shown. A longer line is cut around the place. */
const FRAME_WIDTH = 100;
/** Columns shown before the place in a line that is cut. */
const FRAME_LEAD = 30;

/** The findings of a file, then the containers of its pods; an empty line after each. */
export function renderFindings({ file, findings, text, workloads }: FileReport, colors: Colors): string {
  const lines = findings.length === 0 ? undefined : shownLines(text);
  return [
    ...findings.map((finding) => `${renderFinding(finding, lines, colors)}\n`),
    ...workloads.map((each) => `${renderWorkload({ file, ...each })}\n`),
  ].join('');
}

function renderFinding(finding: Finding, lines: readonly string[] | undefined, colors: Colors): string {
  const { range, level, message, rule, hint, witness, related = [], fix, hosts } = finding;
  const { bold, dim, red, yellow, cyan, green } = colors;
  const others = otherPlacesOf(finding);
  const label = level === 'error' ? red('error') : level === 'warn' ? yellow('warning') : cyan('note');
  const parts = [
    `${bold(placeOf(range))}: ${label}: ${visibleLines(message)} ${dim(`[${rule}]`)}`,
    ...frame(range, lines, colors),
    ...(others === undefined ? [] : [`    ${others}`]),
    ...(witness === undefined ? [] : [`    ${describeWitness(witness)}`]),
    ...related.map((each) => `    see ${placeOf(each.range)}: ${visibleLines(each.message)}`),
    ...(hosts === undefined ? [] : [`    ${hostsOf(hosts)}`]),
    ...(hint === undefined ? [] : [`    ${cyan('hint')}: ${visibleLines(hint)}`]),
    ...(fix === undefined
      ? []
      : [`    ${green('fix')}: ${visibleLines(fix.description)} ${fixOption(fix.changesMeaning)}`]),
  ];
  return `${parts.join('\n')}\n`;
}

function fixOption(changesMeaning: boolean): string {
  return changesMeaning ? '(--fix-all; changes what the profile means)' : '(--fix)';
}

function placeOf({ file, line, column }: Range): string {
  return `${visibleText(file)}:${line}:${column}`;
}

/** In lines that hold them, a reader would see nothing of use. */
const UNREADABLE = /[\0\ufffd]/;

/** The lines of a file; empty for those that are no text. Made once a file, for thousands of findings may be in one line. */
function shownLines(text = ''): readonly string[] {
  const lines = text.split(/\r\n|\n|\r/);
  return UNREADABLE.test(text) ? lines.map((line) => (UNREADABLE.test(line) ? '' : line)) : lines;
}

function frame(
  { line, column, endLine, endColumn }: Range,
  lines: readonly string[] | undefined,
  { dim, red }: Colors,
): readonly string[] {
  const whole = lines?.[line - 1];
  if (whole === undefined || whole.trim() === '') return [];
  const start = whole.length > FRAME_WIDTH ? Math.max(0, column - 1 - FRAME_LEAD) : 0;
  const text = visibleLine(whole.slice(start, start + FRAME_WIDTH));
  const shown = `${start > 0 ? '…' : ''}${text}${start + FRAME_WIDTH < whole.length ? '…' : ''}`;
  const end = endLine === line ? endColumn : whole.length + 1;
  const before = column - 1 - start + (start > 0 ? 1 : 0);
  const width = Math.max(1, Math.min(end, start + FRAME_WIDTH + 1) - column);
  const gutter = `${line}`;
  const lead = blanksFor(shown.slice(0, before));
  const marked = Math.max(1, blanksFor(shown.slice(before, before + width)).length);
  return [
    `  ${dim(`${gutter} |`)} ${shown}`,
    `  ${dim(`${' '.repeat(gutter.length)} |`)} ${lead}${red('^'.repeat(marked))}`,
  ];
}

/** Characters that take two columns of a terminal: those of East Asian scripts, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/gu;
/** Characters that take none: marks on the letter before, and what joins pictures. */
const NARROW = /[\p{Mn}\p{Me}\u200d]/gu;

/** As many blanks as a text takes columns. Tabs stay: they move the marks as they move the text. */
function blanksFor(text: string): string {
  return text.replace(NARROW, '').replace(WIDE, '  ').replace(/[^\t]/gu, ' ');
}

/** `12 findings are those of docker-default itself (29.7.2): --inherited shows them` */
function inheritedLine({ inherited, bases }: Totals): readonly string[] {
  if (inherited === 0) return [];
  const named = bases.map((base) => base.replace(/@(.*)/, ' ($1)'));
  const whose = named.length === 1 ? `${(named[0] ?? '').replace(' ', ' itself ')}` : listNames(named);
  const [are, those, them] = inherited === 1 ? ['is', 'one', 'it'] : ['are', 'those', 'them'];
  return [`  ${plural(inherited, 'finding')} ${are} ${those} of ${whose}: --inherited shows ${them}\n`];
}

/** `3 profiles: 1 error and 2 warnings; 1 more in the baseline`, and what fixes could do. */
export function renderTotals(totals: Totals, fixing: 'fixed' | 'would be fixed'): string {
  const {
    errors,
    warnings,
    notes,
    known,
    gone,
    passedOver,
    suppressed,
    fixed,
    fixable,
    fixableAll,
    failures,
  } = totals;
  const named = countParts({ errors, warnings, notes });
  const parts = [
    ...(named !== '' ? [named] : failures < totals.files ? ['no findings'] : []),
    ...(known > 0 ? [`${known} in the baseline`] : []),
    ...(suppressed > 0 ? [`${suppressed} suppressed by comments`] : []),
    ...(fixed > 0 ? [`${fixed} ${fixing}`] : []),
    ...(failures > 0 ? [`${plural(failures, 'file')} could not be linted or fixed`] : []),
  ];
  const options = [
    ...(fixable > 0 ? [`--fix mends ${fixable}`] : []),
    ...(fixableAll > 0
      ? [
          `--fix-all ${fixable > 0 ? `${fixableAll} more` : `mends ${fixableAll}`}, changing what profiles mean`,
        ]
      : []),
  ];
  const lines = [
    ...inheritedLine(totals),
    ...(named === '' ? [] : ['  oci-seccomp rules RULE explains a finding: RULE is the word in brackets\n']),
    ...(options.length === 0 ? [] : [`  ${options.join('; ')}\n`]),
    ...(passedOver > 0 ? [`  ${plural(passedOver, 'file')} passed over: no profile\n`] : []),
    ...(gone > 0
      ? [
          `  ${gone} of the baseline ${gone === 1 ? 'is' : 'are'} gone: --update-baseline removes ${gone === 1 ? 'it' : 'them'}\n`,
        ]
      : []),
  ];
  const counted = failures === 0 || failures < totals.files ? `${plural(totals.files, 'profile')}: ` : '';
  return `${counted}${parts.join('; ')}\n${lines.join('')}`;
}
