/**
 * Profiles as lines of text, one a name, so that a newer profile can be stored as edits of an older one.
 *
 * The first line is the head, all of the profile but its rules, as JSON. Each rule is a line of JSON, all of the rule but
 * its names, and a line for each name. After a line that begins with `*`, each name is a rule of its own in the old
 * form, `"name": "read"`. Comparisons are texts, `0 SCMP_CMP_EQ 8 0`, because JSON has no 64-bit integers.
 * @module
 */
import type { Profile, ProfileArg, ProfileRule } from '../../oci/profile.ts';

/** The start of a line that begins rules in the old form. */
export const OLD_FORM = '*';

/** Whether a line starts a rule, or rules in the old form; the first line of a profile is not asked. */
export function startsRule(line: string): boolean {
  return line.startsWith('{') || line.startsWith(OLD_FORM);
}

interface WrittenRule extends Omit<ProfileRule, 'args' | 'names' | 'name' | 'place'> {
  readonly args?: readonly string[];
}

/** Writes a comparison as a text; {@link profileFromLines} reads it. */
export function argText({ index, op, value, valueTwo }: ProfileArg): string {
  return [index, op, value, ...(valueTwo === undefined ? [] : [valueTwo])].join(' ');
}

function argFromText(text: string): ProfileArg {
  const [index, op = '', value = '', valueTwo] = text.split(' ');
  return {
    index: Number(index),
    value: BigInt(value),
    ...(valueTwo === undefined ? {} : { valueTwo: BigInt(valueTwo) }),
    op,
  };
}

/** Reads a profile from its lines. The lines are ours: they are not checked. */
export function profileFromLines(lines: readonly string[]): Profile {
  const [head = '{}', ...rest] = lines;
  const rules: ProfileRule[] = [];
  let names: string[] = [];
  let oldForm: Omit<ProfileRule, 'names'> | undefined;
  for (const line of rest) {
    if (line.startsWith(OLD_FORM)) oldForm = ruleFromLine(line.slice(OLD_FORM.length));
    else if (line.startsWith('{')) {
      oldForm = undefined;
      names = [];
      rules.push({ names, ...ruleFromLine(line) });
    } else if (oldForm !== undefined) rules.push({ names: [], name: line, ...oldForm });
    else names.push(line);
  }
  return { ...(JSON.parse(head) as Omit<Profile, 'rules'>), rules };
}

function ruleFromLine(line: string): Omit<ProfileRule, 'names'> {
  const { args, ...rule } = JSON.parse(line) as WrittenRule;
  return args === undefined ? rule : { ...rule, args: args.map(argFromText) };
}

/** What makes a profile of an older one: lines of the older one that are kept, and lines that are new. */
export type LineEdit =
  | { readonly kept: readonly [from: number, to: number] }
  | { readonly added: readonly string[] };

/**
 * Reads the edits that make a profile.
 *
 * @param edits - one a line: `=12` keeps 12 lines, `-3` leaves 3 out, `+read write` adds a line for each word,
 *   `+{…}` and `+*{…}` add that line
 */
export function lineEdits(edits: string): readonly LineEdit[] {
  const read: LineEdit[] = [];
  let at = 0;
  for (const edit of edits.split('\n')) {
    const rest = edit.slice(1);
    if (edit.startsWith('+')) {
      read.push({ added: startsRule(rest) ? [rest] : rest.split(' ') });
      continue;
    }
    const to = at + Number(rest);
    if (edit.startsWith('=')) read.push({ kept: [at, to] });
    at = to;
  }
  return read;
}

/** Makes a profile's lines from those of an older one. */
export function editedLines(lines: readonly string[], edits: readonly LineEdit[]): readonly string[] {
  const parts = edits.map((edit) => ('kept' in edit ? lines.slice(...edit.kept) : edit.added));
  return ([] as readonly string[]).concat(...parts);
}
