/**
 * Differences between filters as Markdown, fit for a comment on a pull request.
 * @module
 */
import type { ArchDifference } from '../../decision/difference.ts';
import { type Group, groupsOf, kindWords } from '../../report/diff-groups.ts';
import { type Basis, describeBasis } from './answer-basis.ts';
import { callsText, mergeArchitectures, type Sides, sightingText, summarize } from './render-diff.ts';

/** A summary, then a table of changes for each architecture; the first is open, the others unfold. */
export function renderDifferencesMarkdown(differences: readonly ArchDifference[], sides: Sides): string {
  const head = `**${escapeText(summarize(differences, sides))}**\n`;
  const parts = mergeArchitectures(differences).map(({ title, difference, whole }, i) => {
    if (whole !== undefined) {
      return `\n${escapeText(title)}: every call ${code(whole[0])} → ${code(whole[1])}\n`;
    }
    const open = i === 0 ? ' open' : '';
    const rows = groupsOf(difference).map(renderRow).join('');
    const table = `| | system calls | before | after | for instance |\n| --- | --- | --- | --- | --- |\n${rows}`;
    return `\n<details${open}><summary>${escapeHtml(title)}</summary>\n\n${table}\n</details>\n`;
  });
  return [head, ...parts].join('');
}

/** What the comparison rests on, folded. */
export function renderBasisMarkdown(bases: readonly Basis[]): string {
  const rows = bases.map((side) => `- ${escapeText(side.name)}: ${escapeText(describeBasis(side))}\n`);
  return `\n<details><summary>What this rests on</summary>\n\n${rows.join('')}\n</details>\n`;
}

function renderRow(group: Group): string {
  const calls = group.names.length > 0 ? group.names.map(code).join(', ') : callsText(group);
  const also = group.names.length > 0 && group.unnamed.length > 0 ? ', and numbers no system call has' : '';
  const sightings = group.sightings.map((each) =>
    code(sightingText(each, group).replace(/^for instance /, '')),
  );
  const cells = [
    kindWords[group.kind],
    calls + also,
    group.before.map(code).join('<br>'),
    group.after.map(code).join('<br>'),
    sightings.join('<br>'),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

/** A pipe would end the cell, inside of code too. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function escapeText(text: string): string {
  return escapeHtml(text).replace(/[*`|]/g, '\\$&');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
