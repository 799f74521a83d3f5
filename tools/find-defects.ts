/**
 * Compiles random rule sets with a libseccomp, judges each program against what its rules say, for every call there
 * can be, and counts. Each wrong verdict is asked again of an interpreter and, where the call can be made, of the kernel.
 *
 *   npm run tool -- tools/find-defects.ts --library 2.6.1 --sets 20000
 *
 * Sets that libseccomp compiles wrongly go to .cache/defects/VERSION-SEED.jsonl, one line each, `profile` last.
 * tools/reduce-rules.ts takes such a line. The counts are in a file beside it. A run continues where the last one with the same
 * seed stopped.
 * @module
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { parseArgs } from 'node:util';
import { formatCall } from '../src/decision/format-call.ts';
import { writeWhole } from '../src/pipeline/files.ts';
import { projectRoot } from './debian-cache.ts';
import { findLibrary, numberOption } from './defects/asked-options.ts';
import { interpreted, isCallable, kernelObjections, type Question } from './defects/confirm.ts';
import { type Examiner, type Kind, openExaminer } from './defects/examine.ts';
import { describeShown, type Shown } from './defects/judge.ts';
import { randomSet } from './defects/random-sets.ts';
import { profileLine, type RuleSet } from './defects/rule-set.ts';
import { shapesOf } from './defects/shapes.ts';

interface State {
  next: number;
  /** Length of the file of failing sets up to `next`. */
  bytes: number;
  readonly shapes: Record<string, Partial<Record<Kind, number>>>;
  readonly other: Record<string, number>;
}

const SAVE_EVERY = 500;

interface Run {
  readonly version: string;
  readonly seed: number;
  readonly examiner: Examiner;
  readonly state: State;
  readonly lines: string[];
  readonly questions: Question[];
}

interface Finding {
  readonly kind: Kind;
  readonly also: readonly string[];
  readonly shown?: Shown;
  readonly note?: string;
}

async function find(run: Run, set: RuleSet): Promise<Finding> {
  const { kind, shown, note, program, judgement } = await run.examiner.examine(set);
  const rest = { ...(shown === undefined ? {} : { shown }), ...(note === undefined ? {} : { note }) };
  if (program === undefined || judgement === undefined) return { kind, also: [], ...rest };
  const { conflict, outside, wrong } = judgement;
  for (const each of Object.values(wrong)) confirm(run, program, each, set);
  const also = [
    ...Object.keys(wrong).map((relation) => `wrong somewhere: ${relation}`),
    ...(conflict === undefined ? [] : ['rules contradict each other']),
    ...(outside === undefined ? [] : ['rules contradict each other, the answer is none of theirs']),
  ];
  return { kind, also, ...rest };
}

function confirm(run: Run, program: Uint8Array, { call, done, meant }: Shown, set: RuleSet): void {
  if (done.kind !== 'word') return;
  const answer = interpreted(program, call, set.architectures[0]);
  if (answer !== done.word)
    throw new Error(`the interpreter disagrees on ${formatCall(call)}: ${answer}, not ${done.word}`);
  const words = meant.kind === 'word' ? [meant.word] : meant.kind === 'conflict' ? meant.words : [];
  if (words.includes(answer)) throw new Error(`${formatCall(call)} is not wrong`);
  count(run.state, 'wrong verdicts confirmed by the interpreter');
  if (isCallable(call)) run.questions.push({ program, call, done: done.word });
}

function count(state: State, name: string, by = 1): void {
  state.other[name] = (state.other[name] ?? 0) + by;
}

function note(run: Run, index: number, set: RuleSet, { kind, also, shown, note: text }: Finding): void {
  for (const shape of shapesOf(set)) {
    const counts = run.state.shapes[shape] ?? {};
    counts[kind] = (counts[kind] ?? 0) + 1;
    run.state.shapes[shape] = counts;
  }
  for (const name of also) count(run.state, name);
  if (kind === 'right') return;
  const witness = shown && describeShown(shown);
  const head = { set: index, library: run.version, kind, witness, note: text, optimize: set.optimize };
  run.lines.push(`${JSON.stringify(head).slice(0, -1)},"profile":${profileLine(set)}}\n`);
}

function save(run: Run, base: string): void {
  const objections = kernelObjections(run.questions);
  if (objections.length > 0) throw new Error(`the kernel disagrees:\n${objections.join('\n')}`);
  count(run.state, 'wrong verdicts confirmed by the kernel', run.questions.length);
  run.questions.length = 0;
  appendFileSync(`${base}.jsonl`, run.lines.join(''));
  run.lines.length = 0;
  run.state.bytes = statSync(`${base}.jsonl`).size;
  writeWhole(`${base}.json`, `${JSON.stringify(run.state, null, 2)}\n`);
}

function readState(base: string): State {
  if (!existsSync(`${base}.json`)) {
    writeFileSync(`${base}.jsonl`, '');
    return { next: 0, bytes: 0, shapes: {}, other: {} };
  }
  const state = JSON.parse(readFileSync(`${base}.json`, 'utf8')) as State;
  truncateSync(`${base}.jsonl`, state.bytes);
  return state;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      library: { type: 'string', default: '2.6.1' },
      sets: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '20261122' },
    },
  });
  const library = findLibrary(values.library);
  const folder = `${projectRoot()}/.cache/defects`;
  mkdirSync(folder, { recursive: true });
  const seed = numberOption('--seed', values.seed);
  const base = `${folder}/${library.name}-${seed}`;
  const examiner = openExaminer(library);
  const state = readState(base);
  const run: Run = { version: library.name, seed, examiner, state, lines: [], questions: [] };
  const end = numberOption('--sets', values.sets);
  while (state.next < end) {
    const set = randomSet(seed, state.next);
    note(run, state.next, set, await find(run, set));
    state.next++;
    if (state.next % SAVE_EVERY === 0 || state.next === end) save(run, base);
  }
  examiner.close();
  report(run, base);
}

function report({ version, seed, state }: Run, base: string): void {
  const text = [`libseccomp ${version}, seed ${seed}, ${state.next} sets; failing ones in ${base}.jsonl`];
  for (const [shape, counts] of Object.entries(state.shapes)) {
    const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
    const parts = Object.entries(counts).map(([kind, each]) => `${kind} ${each}`);
    text.push(`  ${shape}: ${total}: ${parts.join(', ')}`);
  }
  for (const [name, each] of Object.entries(state.other)) text.push(`  ${name}: ${each}`);
  process.stdout.write(`${text.join('\n')}\n`);
}

await main();
