/**
 * The work of `record`: takes a recording, keeps it, makes or compares a profile, proves it, prints the report.
 * @module
 */
import { join } from 'node:path';
import type { ArchName } from '../../abi/architectures.ts';
import { OciSeccompError } from '../../errors.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import { parseAskedArguments, wantedArguments } from '../../observe/recorded-arguments.ts';
import { type Recording, uniteRecordings } from '../../observe/recording.ts';
import type { Profile } from '../../oci/profile.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { isFolder } from '../../pipeline/files.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { parseRuntime, type Runtime } from '../../policy/runtimes.ts';
import type { RecordOptions } from '../define/record-options.ts';
import { exitCodeOf } from '../exit-code.ts';
import { parseArch } from '../operands/host-options.ts';
import { isOnePlace, writeOutput } from '../output.ts';
import { recordingJson, renderRecordedComparison, renderRecording } from '../render/render-recording.ts';
import { visibleReport } from '../render/safe-text.ts';
import { writeAside, writeStderr, writeStdout } from '../streams.ts';
import { addedCalls } from './added-calls.ts';
import { compareRecording } from './compare-recording.ts';
import {
  type EarlierRecording,
  holdRecording,
  type KeptRecording,
  keepRecording,
  recordingFile,
  requirePlace,
} from './keep-recording.ts';
import { profileOfRecording } from './profile-groups.ts';
import { readSource, type TraceReading, unreadWarnings } from './read-traces.ts';
import { loadFor, proveRecorded } from './record-proof.ts';
import { profileOf, rescueRecording } from './rescue-recording.ts';
import { takeRecording } from './take-recording.ts';
import { keepWithin } from './within-profile.ts';

/** How many different values of a call's arguments are kept. */
const VALUE_LIMIT = 32;
/** Calls whose values are always recorded, for some values open much of the kernel. */
const ALWAYS_ASKED = 'socket:0,personality:0,clone';

interface Task {
  readonly options: RecordOptions;
  readonly archs: readonly ArchName[];
  readonly runtimes: readonly Runtime[];
  /** What --via read. */
  readonly traces: readonly TraceReading[];
}

/** @returns the exit code */
export async function runRecording(words: readonly string[], options: RecordOptions): Promise<number> {
  checkOptions(words, options);
  const file = recordingFile(options);
  const isHeld = file !== undefined && earlierRecording(words, options) === 'add';
  const giveBack = isHeld ? holdRecording(file) : () => undefined;
  try {
    return await record(words, options);
  } finally {
    giveBack();
  }
}

async function record(words: readonly string[], options: RecordOptions): Promise<number> {
  if (options.via !== undefined) await requireOtherThan(options.via, options.output);
  const asked = new Map([
    ...parseAskedArguments(ALWAYS_ASKED),
    ...(options.args === undefined ? [] : parseAskedArguments(options.args)),
  ]);
  const wanted = wantedArguments(asked);
  const archs = options.arch === undefined ? [machineArch()] : [...new Set(options.arch.map(parseArch))];
  const runtimes = (options.runtime ?? ['runc', 'crun']).map(parseRuntime);
  const kept = keepRecording(recordingFile(options), earlierRecording(words, options), VALUE_LIMIT);
  const source = { arch: machineArch(), wanted, limit: VALUE_LIMIT, isQuiet: options.quiet === true };
  const sources = (options.via ?? []).map((each) => readSource(each, source));
  const traces = sources.flatMap(({ trace }) => trace ?? []);
  for (const warning of traces.flatMap(unreadWarnings)) writeAside(`warning: ${warning}\n`);
  const task = { options, archs, runtimes, traces };
  const read = sources.map(({ recording }) => recording);
  if (words.length === 0) {
    const recording = kept.unite(uniteRecordings(read, VALUE_LIMIT));
    if (read.length > 0) kept.write(recording);
    return exitCodeOf(await finish(recording, task));
  }
  for (const each of [options.output, recordingFile(options) ?? '-']) if (each !== '-') requirePlace(each);
  // Read before the command runs: an error must not come after hours of recording. Standard input is read only once.
  for (const each of [options.within, options.compare]) {
    if (each !== undefined && each !== '-') await loadFor(each, runtimes);
  }
  const taken = await takeRecording(words, {
    wanted,
    limit: VALUE_LIMIT,
    kept,
    quiet: options.quiet === true,
    container: options.container === true,
    guard: options.noGuard !== true,
  });
  if (taken.kind === 'not started') return taken.exitCode;
  const recording = kept.unite(uniteRecordings([...read, taken.recording], VALUE_LIMIT));
  const ending = await keepAndFinish(recording, kept, task);
  return taken.exitCode === 0 ? exitCodeOf(ending) : taken.exitCode;
}

/** One file that cannot be written after hours of recording does not cost the other one too, nor both the recording. */
async function keepAndFinish(recording: Recording, kept: KeptRecording, task: Task): Promise<'yes' | 'no'> {
  try {
    kept.write(recording);
  } catch (error) {
    const rescued = rescueRecording(recording);
    // The report would say that the recording is kept.
    await finish(recording, { ...task, options: { ...task.options, quiet: true } }).catch((also: unknown) => {
      throw withHint(also, rescued);
    });
    const { output } = task.options;
    throw withHint(error, output === '-' ? rescued : `${displayName(output)} is written; ${rescued}`);
  }
  const { file } = kept;
  // If standard output cannot be written, the process exits where that shows.
  const exited = (): void => writeStderr(`  hint: ${rescueRecording(recording)}\n`);
  if (file === undefined) process.once('exit', exited);
  try {
    return await finish(recording, task);
  } catch (error) {
    if (file === undefined) throw withHint(error, rescueRecording(recording));
    throw withHint(error, `the recording is kept: ${profileOf(file)} makes the profile of it`);
  } finally {
    process.off('exit', exited);
  }
}

function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof OciSeccompError)) {
    writeStderr(`note: ${hint}\n`);
    return error;
  }
  const { code, message, details } = error;
  const both = error.hint === undefined ? hint : `${error.hint}; ${hint}`;
  return new OciSeccompError(code, message, { hint: both, details, cause: error });
}

/** @param via - `strace:trace.txt` */
async function requireOtherThan(via: readonly string[], output: string): Promise<void> {
  const { refuseOver } = await import('../define/named-files.ts');
  refuseOver(
    output,
    via.map((each) => each.slice(each.indexOf(':') + 1)),
  );
}

function earlierRecording(words: readonly string[], { via, append }: RecordOptions): EarlierRecording {
  // Without a command and traces, the profile is made of the kept recording.
  if (words.length === 0 && via === undefined) return 'read';
  return append === true ? 'add' : 'replace';
}

function checkOptions(words: readonly string[], options: RecordOptions): void {
  const { via, append, compare, recording, list, output, format } = options;
  const refuse = (message: string, hint: string): never => {
    throw new OciSeccompError('ERR_USAGE', message, { hint });
  };
  if (options.container === true && words.length === 0) {
    refuse(
      '--container needs the command that starts the container',
      'oci-seccomp record --container -o profile.json -- podman run IMAGE; runc and crun are known too',
    );
  }
  if (words.length === 0 && via === undefined && recording === undefined) {
    refuse(
      'there is no command to record',
      'oci-seccomp record [options] -- command arguments; or name what was recorded with --via or --recording',
    );
  }
  if (append === true && recordingFile(options) === undefined) {
    refuse(
      '--append adds to a recording, and none is kept',
      'name the profile with -o FILE, or a recording with --recording',
    );
  }
  // Before the command runs, for else the recording would be lost.
  if (output !== '-' && isFolder(output)) {
    refuse(`${output} is a folder`, `name a file: -o ${join(output, 'profile.json')}`);
  }
  if (recording !== undefined && output !== '-' && isOnePlace(recording, output)) {
    refuse(
      `the profile and its recording would both go to ${output}`,
      'name another file with --recording FILE',
    );
  }
  if (list === true && compare !== undefined)
    refuse('--list and --compare exclude each other', 'use one of them');
  if (format === 'json' && output === '-' && compare === undefined) {
    refuse(
      '--json prints the report, and the profile goes to standard output',
      'write the profile to a file with -o FILE',
    );
  }
}

async function finish(recording: Recording, task: Task): Promise<'yes' | 'no'> {
  const { options } = task;
  if (options.list === true) {
    writeOutput(options.output, listOf(recording));
    return 'yes';
  }
  return options.compare === undefined
    ? makeProfile(recording, task)
    : compare(recording, task, options.compare);
}

function listOf({ calls }: Recording): string {
  const names = new Set(calls.map(({ name, nr }) => name ?? String(nr)));
  return [...names]
    .sort()
    .map((name) => `${name}\n`)
    .join('');
}

function addedTo(recording: Recording, { options, archs, runtimes }: Task) {
  return addedCalls({
    recorded: new Set(recording.calls.flatMap(({ name }) => (name === undefined ? [] : [name]))),
    archs,
    recordedArchs: [...new Set(recording.calls.map(({ arch }) => arch))],
    runtimes,
    noNewPrivileges: options.noNewPrivileges === true,
  });
}

async function makeProfile(recording: Recording, task: Task): Promise<'yes' | 'no'> {
  const { options, archs, traces } = task;
  const added = addedTo(recording, task);
  const own = profileOfRecording(recording, {
    ...{ archs, added },
    exactClone: /\bclone\b/.test(options.args ?? ''),
    allowClone3: options.allowClone3 === true,
  });
  const { profile, text, proof } = await settle(own, recording, task);
  writeOutput(options.output, text);
  const kept = recordingFile(options);
  const made = { recording, traces, profile, added, proof, file: options.output, kept };
  if (options.format === 'json') writeStdout(recordingJson(made));
  else if (options.quiet !== true) writeAside(renderRecording(made));
  return proof.heldBack.length === 0 && (proof.within?.looser ?? 0) === 0 ? 'yes' : 'no';
}

/** The profile, kept within another if that is wanted and it is not already. */
async function settle(own: Profile, recording: Recording, { options, archs, runtimes }: Task) {
  const { within } = options;
  const proved = async (profile: Profile) => {
    const text = serializeProfile(profile);
    return { profile, text, proof: await proveRecorded(text, recording, { archs, runtimes, within }) };
  };
  const first = await proved(own);
  if (within === undefined || first.proof.within?.looser === 0) return first;
  const other = await loadFor(within, runtimes);
  return proved(keepWithin(own, other.profile, other.name, archs));
}

/** @returns yes if nothing that the profile allows is unused */
async function compare(recording: Recording, task: Task, operand: string): Promise<'yes' | 'no'> {
  const { options, archs, runtimes, traces } = task;
  const input = await loadFor(operand, runtimes);
  const needed = new Map(
    addedTo(recording, task).flatMap(({ names, reason }) => names.map((name) => [name, reason] as const)),
  );
  const comparison = compareRecording(input.profile, recording, needed);
  const text = serializeProfile(comparison.tighter);
  const proof = await proveRecorded(text, recording, { archs, runtimes, within: operand });
  if (options.output !== '-') writeOutput(options.output, text);
  const made = { name: input.name, recording, traces, comparison, proof, file: options.output };
  if (options.format === 'json') writeStdout(recordingJson(made));
  else if (options.quiet !== true) writeStdout(visibleReport(renderRecordedComparison(made)));
  return comparison.unused.length === comparison.kept.size ? 'yes' : 'no';
}
