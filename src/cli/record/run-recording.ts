/**
 * The work of `record`: run, record, make the profile, say what was made.
 * @module
 */

import { OciSeccompError } from '../../errors.ts';
import { machineArch, machineKernelRelease } from '../../kernel/this-machine.ts';
import { parseAskedArguments, wantedArguments } from '../../observe/recorded-arguments.ts';
import { type Recording, recordedCalls } from '../../observe/recording.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import { writeOutput } from '../output.ts';
import { renderError } from '../render/render-error.ts';
import { plural } from '../render/render-problems.ts';
import { findExecutable } from '../run/executable.ts';
import { writeAside, writeStderr } from '../streams.ts';
import { addedCalls } from './added-calls.ts';
import { profileOfRecording } from './profile-groups.ts';
import { recordCommand } from './record-command.ts';

export interface RecordOptions {
  readonly output: string;
  readonly list?: true;
  readonly args?: string;
  readonly quiet?: true;
}

/** How many different values of a call's arguments are kept. */
const VALUE_LIMIT = 32;

/** @returns the exit code */
export async function runRecording(words: readonly string[], options: RecordOptions): Promise<number> {
  const [command = ''] = words;
  const found = findExecutable(command, process.env.PATH);
  if (!found.found) {
    writeStderr(renderError(new OciSeccompError('ERR_IO', `cannot run '${command}': ${found.reason}`)));
    return found.exitCode;
  }
  const wanted = wantedArguments(options.args === undefined ? new Map() : parseAskedArguments(options.args));
  const started = new Date().toISOString();
  const recorded = await recordCommand({
    words,
    path: found.path,
    wanted,
    limit: VALUE_LIMIT,
    tick: () => {},
  });
  const arch = machineArch();
  const recording: Recording = {
    runs: [
      {
        command: words,
        method: recorded.method,
        started,
        ended: new Date().toISOString(),
        exitCode: recorded.exitCode,
        arch,
        kernel: machineKernelRelease(),
        calls: recorded.counts.total(),
      },
    ],
    calls: recordedCalls(recorded.counts.calls(), wanted),
  };
  writeOutput(options.output, options.list === true ? listOf(recording) : profileText(recording));
  if (options.quiet !== true) {
    const { calls } = recording;
    writeAside(
      `${plural(recorded.counts.total(), 'call')}, ${calls.length} different; exit code ${recorded.exitCode}\n`,
    );
  }
  return recorded.exitCode;
}

function listOf({ calls }: Recording): string {
  const names = new Set(calls.map(({ name, nr }) => name ?? String(nr)));
  return [...names]
    .sort()
    .map((name) => `${name}\n`)
    .join('');
}

function profileText(recording: Recording): string {
  const recordedArchs = [...new Set(recording.calls.map(({ arch }) => arch))];
  const archs = [machineArch()];
  const added = addedCalls({
    recorded: new Set(recording.calls.flatMap(({ name }) => (name === undefined ? [] : [name]))),
    archs,
    recordedArchs,
    runtimes: [parseRuntime('runc'), parseRuntime('crun')],
    noNewPrivileges: false,
  });
  return serializeProfile(profileOfRecording(recording, { archs, added }));
}
