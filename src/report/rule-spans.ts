/**
 * Which lines of a profile's text belong to which rule.
 * @module
 */

export interface RuleSpan {
  /** Index into `Profile.rules`. */
  readonly rule: number;
  /** Lines from 1, both ends included. */
  readonly from: number;
  readonly to: number;
}

/**
 * The lines of each rule: from where it starts to before the next one, but not past the bracket that ends a JSON object.
 *
 * @param starts - the line of each rule; `null`: it is not in this text
 */
export function spansOfRules(text: string, starts: readonly (number | null)[]): readonly RuleSpan[] {
  const lines = text.split('\n');
  const known = starts
    .flatMap((from, rule) => (from === null ? [] : [{ rule, from }]))
    .sort((a, b) => a.from - b.from);
  return known.map(({ rule, from }, at) => {
    const before = (known[at + 1]?.from ?? lines.length + 1) - 1;
    return { rule, from, to: Math.max(from, endOfObject(lines, from, before)) };
  });
}

/** The line where the object that starts on a line ends; `last` if it does not start with a bracket there. */
function endOfObject(lines: readonly string[], from: number, last: number): number {
  let depth = 0;
  let inString = false;
  for (let line = from; line <= last; line += 1) {
    const text = lines[line - 1] ?? '';
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at];
      if (inString) {
        if (char === '\\') at += 1;
        else if (char === '"') inString = false;
      } else if (char === '"') inString = true;
      else if (char === '{') depth += 1;
      else if (char === '}') {
        depth -= 1;
        if (depth <= 0) return line;
      }
    }
    if (depth === 0) return last;
  }
  return last;
}
