/**
 * Writes profiles as lines, and lines as edits of other lines; src/compose/dated/profile-lines.ts reads both.
 * @module
 */
import { diffArrays } from 'diff';
import { argText, OLD_FORM } from '../../src/compose/dated/profile-lines.ts';
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';

/** A profile as lines. */
export function linesOfProfile({ rules, defaultActionPlace: _, ...head }: Profile): readonly string[] {
  const lines = [JSON.stringify(head)];
  let open = '';
  for (const rule of rules) {
    const isOld = rule.name !== undefined && rule.names.length === 0;
    if (rule.name !== undefined && !isOld) throw new Error(`a rule with name and names: ${rule.name}`);
    const line = `${isOld ? OLD_FORM : ''}${ruleLine(rule)}`;
    if (!isOld || line !== open) lines.push(line);
    open = line;
    lines.push(...(isOld ? [rule.name ?? ''] : rule.names));
  }
  return lines;
}

function ruleLine({ names: _names, name: _name, place: _place, args, ...rule }: ProfileRule): string {
  return JSON.stringify(args === undefined ? rule : { ...rule, args: args.map(argText) });
}

/** The edits that make lines from older ones. */
export function editsBetween(older: readonly string[], lines: readonly string[]): string {
  const edits: string[] = [];
  for (const { value, added, removed } of diffArrays([...older], [...lines])) {
    if (removed) edits.push(`-${value.length}`);
    else if (added) edits.push(...addedLines(value));
    else edits.push(`=${value.length}`);
  }
  return edits.join('\n');
}

function addedLines(lines: readonly string[]): readonly string[] {
  const edits: string[] = [];
  let names: string[] = [];
  const flush = (): void => {
    if (names.length > 0) edits.push(`+${names.join(' ')}`);
    names = [];
  };
  for (const line of lines) {
    if (!/^\*?\{/.test(line)) {
      names.push(line);
      continue;
    }
    flush();
    edits.push(`+${line}`);
  }
  flush();
  return edits;
}
