/**
 * Programs as rows of decimal numbers behind their count: `4,32 0 0 4,21 0 1 3221225534,6 0 0 2147418112,…`. bpf_asm and
 * nfbpf_compile print them so, and bpf_dbg loads them; `tcpdump -ddd` prints each row in a line of its own.
 *
 * Source: Linux 6.18 tools/bpf/bpf_asm.c and bpf_dbg.c.
 * @module
 */
import { BPF_MAXINSNS } from './longest-program.ts';
import { FIELD_LIMITS, type Program, type SockFilter } from './program.ts';
import { placeOf, problemList } from './text-problem.ts';

const ORDER = ['code', 'jt', 'jf', 'k'] as const;

/**
 * Reads such rows.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID` with every problem and its place: numbers out of range, or fewer or more rows
 *   than the count says
 */
export function readDecimal(text: string, name: string): Program {
  const problems = problemList(name);
  const [count, ...rows] = partsOf(text);
  const program: SockFilter[] = [];
  for (const { text: row, at } of rows) {
    const words = row.split(/ +/);
    const place = placeOf(text, at);
    if (words.length !== ORDER.length || !words.every((word) => /^\d{1,10}$/.test(word))) {
      problems.add(
        place,
        'bpf-syntax',
        `'${row.slice(0, 40)}' is not a row of four decimal numbers: code jt jf k`,
      );
      continue;
    }
    const instruction = { code: 0, jt: 0, jf: 0, k: 0 };
    for (const [i, key] of ORDER.entries()) {
      const value = Number(words[i]);
      instruction[key] = value;
      if (value > FIELD_LIMITS[key]) {
        problems.add(place, 'bpf-operand', `${key} is ${value}, not in 0..${FIELD_LIMITS[key]}`);
      }
    }
    program.push(instruction);
  }
  if (Number(count?.text) !== rows.length) {
    const message = `the count says ${count?.text} instructions, ${rows.length} follow`;
    problems.add(placeOf(text, count?.at ?? 0), 'bpf-gap', message, 'copy the whole program');
  }
  if (rows.length > BPF_MAXINSNS) {
    problems.add(placeOf(text, 0), 'bpf-too-long', `more than ${BPF_MAXINSNS} instructions`);
  }
  problems.throwIfAny('decimal form');
  return program;
}

/** The count and the rows; a comma may follow the last. */
function partsOf(text: string): readonly { readonly text: string; readonly at: number }[] {
  const parts: { text: string; at: number }[] = [];
  const head = /^\s*(?:load bpf\s+)?["']?/.exec(text)?.[0].length ?? 0;
  const body = text.slice(head).replace(/["']?\s*$/, '');
  for (const match of body.matchAll(/[^,\n]+/g)) {
    const part = match[0].trim();
    if (part !== '') parts.push({ text: part, at: head + match.index + match[0].indexOf(part) });
  }
  return parts;
}
