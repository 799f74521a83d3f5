/**
 * The report of `record`: what was recorded, what was added, what is proven.
 * @module
 */
import { addCounts } from '../../observe/call-counts.ts';
import type { RecordedCall, Recording } from '../../observe/recording.ts';
import type { Profile } from '../../oci/profile.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { describeRuntime, formatRuntime } from '../../policy/runtimes.ts';
import { formatHost } from '../operands/host-options.ts';
import type { AddedGroup } from '../record/added-calls.ts';
import type { RecordingComparison } from '../record/compare-recording.ts';
import type { TraceReading } from '../record/read-traces.ts';
import type { RecordProof } from '../record/record-proof.ts';
import { printJson } from './print-json.ts';
import { plural } from './render-problems.ts';
import { visibleText } from './safe-text.ts';
import { wrapText } from './wrap-text.ts';

interface MadeProfile {
  readonly recording: Recording;
  readonly traces: readonly TraceReading[];
  readonly profile: Profile;
  readonly added: readonly AddedGroup[];
  readonly proof: RecordProof;
  /** `-`: standard output. */
  readonly file: string;
  /** The file that keeps the recording. */
  readonly kept: string | undefined;
}

interface ComparedProfile {
  readonly name: string;
  readonly recording: Recording;
  readonly traces: readonly TraceReading[];
  readonly comparison: RecordingComparison;
  readonly proof: RecordProof;
  readonly file: string;
}

const WIDTH = 100;
const COMMAND_WIDTH = 60;
const MAX_NUMBERS_SHOWN = 8;

/** The report on a new profile. */
export function renderRecording({ recording, profile, added, proof, file, kept }: MadeProfile): string {
  const recorded = namesOf(recording.calls);
  const extra = new Set(added.flatMap(({ names }) => names).filter((name) => !recorded.has(name)));
  const lines = [
    describeRuns(recording),
    `the profile${file === '-' ? '' : ` ${displayName(file)}`} allows ${plural(recorded.size, 'recorded call')} and ${extra.size} more, each group with its reason in a comment: ${plural(profile.rules.length, 'rule')}`,
    ...(kept === undefined
      ? []
      : [`the recording is kept in ${displayName(kept)}: --append adds runs to it`]),
    ...proofLines(proof),
  ];
  return `${lines.map((line) => wrapText(line, { width: WIDTH, indent: 2 })).join('\n')}\n`;
}

function namesOf(calls: readonly RecordedCall[]): ReadonlySet<string> {
  return new Set(calls.flatMap(({ name }) => (name === undefined ? [] : [name])));
}

function describeRuns({ runs, calls }: Recording): string {
  const total = runs.reduce((sum, run) => addCounts(sum, run.calls), 0);
  const different = plural(calls.length, 'different call');
  const [first] = runs;
  if (runs.length !== 1 || first === undefined) {
    return `${plural(runs.length, 'run')}: ${plural(total, 'call')}, ${different}`;
  }
  const exit = first.exitCode === undefined ? '' : `, exit code ${first.exitCode}`;
  return `${describeCommand(first.command)}: ${plural(total, 'call')}, ${different}${exit}, by ${first.method}`;
}

function describeCommand(words: readonly string[]): string {
  const text = words.join(' ').replace(/\s+/g, ' ');
  return text.length > COMMAND_WIDTH ? `${text.slice(0, COMMAND_WIDTH)}…` : text;
}

function proofLines(proof: RecordProof): readonly string[] {
  const { hosts, runtimes, asked, heldBack, replaced, nameless, within } = proof;
  const where = `${hosts.map(formatHost).join(' and ')}, ${runtimes.map(describeRuntime).join(' and ')}`;
  const passes =
    heldBack.length === 0
      ? `proven: ${replaced ? `${asked - 1} of ${asked}` : `all ${asked}`} recorded calls get through, with every recorded value (${where})`
      : `NOT proven: ${heldBack.length} of ${asked} recorded calls do not get through (${where}):`;
  return [
    passes,
    ...heldBack.map(
      ({ call, how }) =>
        `  ${nameOf(call)} on ${call.arch}, ${plural(call.count, 'call')}: ${how === 'denied' ? 'denied' : 'it depends on arguments that were not recorded; --args records them'}`,
    ),
    ...proof.translated.map(
      ({ arch, calls }) =>
        `nothing was recorded on ${arch}: ${calls} of the recorded calls exist there, and only these were looked up`,
    ),
    ...(replaced
      ? [
          'clone3 gets ENOSYS, after which C libraries call clone; --allow-clone3 is for programs that need it',
        ]
      : []),
    ...describeNameless(nameless),
    ...(within === undefined
      ? []
      : [
          within.looser === 0
            ? `proven: it allows nothing that ${within.name} denies`
            : `NOT proven: it allows ${plural(within.looser, 'kind')} of calls that ${within.name} denies`,
        ]),
    'this rests on what the runs did: a path that no run took may call more',
  ];
}

function describeNameless(nameless: readonly RecordedCall[]): readonly string[] {
  const archs = [...new Set(nameless.map(({ arch }) => arch))];
  return archs.map((arch) => {
    const numbers = nameless.flatMap((call) => (call.arch === arch ? [call.nr] : [])).sort((a, b) => a - b);
    const [first] = numbers;
    if (numbers.length === 1)
      return `warning: call ${first} on ${arch} has no name here: no rule can allow it`;
    const shown = numbers.slice(0, MAX_NUMBERS_SHOWN).join(', ');
    const more = numbers.length > MAX_NUMBERS_SHOWN ? ', …' : '';
    return `warning: ${numbers.length} numbers on ${arch} have no name here: no rule can allow them: ${shown}${more}`;
  });
}

function nameOf({ name, nr }: RecordedCall): string {
  return name ?? `call ${nr}`;
}

/** The report of `--compare`, on an existing profile. */
export function renderRecordedComparison({
  name,
  recording,
  comparison,
  proof,
  file,
}: ComparedProfile): string {
  const { unused, kept, used, missing } = comparison;
  const dropped = unused.filter((each) => !kept.has(each));
  const reasons = new Map<string, string[]>();
  for (const [call, reason] of kept) reasons.set(reason, [...(reasons.get(reason) ?? []), call]);
  const wrap = (text: string): string => wrapText(text, { width: WIDTH, indent: 4 });
  const lines = [
    `${name} against ${describeRuns(recording)}`,
    `allowed and called: ${used.length}`,
    ...used.map((call) => `  ${describeUse(call)}`),
    `allowed, and no run called them: ${dropped.length}`,
    ...(dropped.length === 0 ? [] : [wrap(`  ${dropped.map(visibleText).join(' ')}`)]),
    ...(kept.size === 0 ? [] : [`not called, but needed: ${kept.size}`]),
    ...[...reasons].map(([reason, calls]) => wrap(`  ${calls.join(' ')}: ${reason}`)),
    ...(missing.length === 0 ? [] : [`called, and no rule allows them: ${missing.length}`]),
    ...missing.map((call) => `  ${describeUse(call)}`),
    ...(file === '-' ? [] : [`${displayName(file)} is ${name} without what no run called and nothing needs`]),
    ...proofLines(proof).map(wrap),
  ];
  return `${lines.join('\n')}\n`;
}

function describeUse({ name = '', arch, count, runs, first, last }: RecordedCall): string {
  const dates = [first?.slice(0, 10), last?.slice(0, 10)].filter((each) => each !== undefined);
  const when = [...new Set(dates)].join(' to ');
  return `${name.padEnd(20)} ${arch}  ${plural(count, 'call')} in ${plural(runs, 'run')}${when === '' ? '' : `, ${when}`}`;
}

/** Either report as JSON. */
export function recordingJson(made: MadeProfile | ComparedProfile): string {
  const { recording, traces, proof, file } = made;
  const { asked, heldBack, replaced, nameless, within, hosts, runtimes } = proof;
  return printJson({
    runs: recording.runs,
    traces,
    calls: recording.calls.map(({ values, arguments: indexes, unkept, ...call }) => ({
      ...call,
      ...(indexes.length === 0 ? {} : { arguments: indexes, values, unkept }),
    })),
    ...('comparison' in made
      ? {
          compared: made.name,
          unused: made.comparison.unused.filter((name) => !made.comparison.kept.has(name)),
          needed: [...made.comparison.kept].map(([name, reason]) => ({ name, reason })),
          missing: [...namesOf(made.comparison.missing)],
        }
      : { added: made.added, rules: made.profile.rules.length, recording: made.kept }),
    profile: file === '-' ? undefined : file,
    proof: {
      holds: heldBack.length === 0 && (within?.looser ?? 0) === 0,
      calls: asked,
      translated: proof.translated,
      clone3Replaced: replaced,
      heldBack: heldBack.map(({ call, how }) => ({ arch: call.arch, name: call.name, how })),
      nameless: nameless.map(({ arch, nr }) => ({ arch, nr })),
      within,
      hosts: hosts.map(formatHost),
      runtimes: runtimes.map(formatRuntime),
    },
  });
}
