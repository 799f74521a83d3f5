/**
 * What a hook would do with running containers, as text and as JSON.
 * @module
 */
import type { CallChanges, ExplainedContainer } from '../../hook/explain-container.ts';
import type { UnreadableContainer } from '../../hook/node-containers.ts';
import { printJson } from './print-json.ts';

type Explained = ExplainedContainer | UnreadableContainer;

const MAX_NAMES = 12;

export function renderContainers(all: readonly Explained[], format: 'human' | 'json'): string {
  if (format === 'json') return printJson({ containers: all.map(toJson) });
  if (all.length === 0)
    return 'there are no containers here: --root names the folder where a runtime keeps them\n';
  return all.map((each) => `${linesOf(each).join('\n  ')}\n`).join('');
}

function toJson(each: Explained) {
  if (!('outcome' in each)) return { id: each.id, outcome: 'unreadable', reason: each.reason };
  const { container, outcome, row, profile, reason, claim, hasOwn, running, changes } = each;
  const { id, runtime, pid, bundle } = container;
  const filters =
    typeof running === 'string' ? { unreadable: running } : { count: running.count, hasProfile: running.has };
  return {
    id,
    runtime,
    pid,
    bundle,
    outcome,
    row,
    profile,
    reason,
    claim,
    ownFilter: hasOwn,
    running: filters,
    changes,
  };
}

function linesOf(each: Explained): readonly string[] {
  if (!('outcome' in each)) return [`${each.id}: its state cannot be read: ${each.reason}`];
  const { container, outcome, row, profile, reason, hasOwn, running, changes } = each;
  const { id, runtime, pid } = container;
  const head = `${id} (${runtime}, process ${pid})`;
  const by =
    row === undefined ? '' : `, by the ${row === 'default' ? 'default' : `row "${row}"`} of the table`;
  if (outcome === 'refused') return [`${head}: would not start${by}: ${reason ?? ''}`];
  if (outcome === 'unfiltered') return [`${head}: would get no filter of ours${by}`, countOf(running)];
  const would = `${head}: would get ${profile ?? ''}${by}`;
  if (typeof running !== 'string' && running.has) return [would, 'it runs under this filter'];
  if (changes === undefined) return [would, countOf(running)];
  const lines = changeLines(changes);
  const note = hasOwn && changes.looser.length > 0 ? [OWN_STAYS] : [];
  return [
    would,
    countOf(running),
    ...(lines.length === 0 ? ['the filter means the same for every call'] : lines),
    ...note,
  ];
}

const OWN_STAYS =
  "the engine's own filter stays beside that of a createRuntime hook: what it denies stays denied; precreate and the wrapper replace it";

function countOf(running: ExplainedContainer['running']): string {
  if (typeof running === 'string') return `its filters cannot be read: ${running}`;
  const { count } = running;
  if (count === 0) return 'it runs without a filter';
  return count === 1 ? 'it runs under another filter' : `it runs under ${count} other filters`;
}

const words = [
  ['looser', 'looser for'],
  ['stricter', 'stricter for'],
  ['different', 'another answer for'],
  ['unknown', 'cannot be decided for'],
] as const;

function changeLines(changes: CallChanges): readonly string[] {
  return words.flatMap(([kind, text]) => {
    const names = changes[kind];
    if (names.length === 0) return [];
    const shown = names.slice(0, MAX_NAMES).join(', ');
    const more =
      names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more (--format json lists them)` : '';
    return [`${text} ${shown}${more}`];
  });
}
