/**
 * Reduces the failing rule sets that tools/find-defects.ts wrote and groups what is left by its shape, most frequent first.
 *
 *   npm run tool -- tools/group-defects.ts .cache/defects/2.6.1-SEED.jsonl --library 2.6.1 --limit 500
 *
 * Options: --library a version or a path; --limit how many sets are reduced; --kind only those that fail so (`looser`).
 * @module
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findLibrary, numberOption } from './defects/asked-options.ts';
import { type Examined, openExaminer } from './defects/examine.ts';
import { describeShown } from './defects/judge.ts';
import { reduceSet } from './defects/reduce.ts';
import { formatSet, type RuleSet, readLine } from './defects/rule-set.ts';

interface Group {
  count: number;
  readonly example: RuleSet;
  readonly found: Examined;
}

/** The rules with their values left out: two values that differ stay different. */
function shapeOf(kind: string, set: RuleSet): string {
  const rules = set.rules.map(({ comparisons }) =>
    comparisons
      .map(({ index, op, value }) => `a${index} ${op}${value > 0xffff_ffffn ? ' 64-bit' : ''}`)
      .join(', '),
  );
  const words = new Set(set.rules.map(({ returnWord }) => returnWord)).size;
  return [kind, `${words} actions`, set.architectures.length, set.optimize, ...rules].join(' | ');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      library: { type: 'string', default: '2.6.1' },
      limit: { type: 'string', default: '500' },
      kind: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [file = ''] = positionals;
  const examiner = openExaminer(findLibrary(values.library));
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => values.kind === undefined || line.includes(`"kind":"${values.kind}"`));
  const groups = new Map<string, Group>();
  for (const line of lines.slice(0, numberOption('--limit', values.limit))) {
    const set = readLine(line, examiner.table);
    if (set === undefined) continue;
    const { kind } = await examiner.examine(set);
    const reduced = await reduceSet(
      set,
      async (candidate) => (await examiner.examine(candidate)).kind === kind,
    );
    const shape = shapeOf(kind, reduced);
    const group = groups.get(shape);
    if (group === undefined)
      groups.set(shape, { count: 1, example: reduced, found: await examiner.examine(reduced) });
    else group.count++;
  }
  examiner.close();
  for (const [shape, { count, example, found }] of [...groups].sort(([, a], [, b]) => b.count - a.count)) {
    const { shown, note = '' } = found;
    const call = shown === undefined ? note : describeShown(shown);
    process.stdout.write(
      `${count} × ${shape}\n${formatSet(example).replaceAll(/^/gm, '    ')}\n    → ${call}\n`,
    );
  }
}

await main();
