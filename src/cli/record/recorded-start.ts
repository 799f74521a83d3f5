/**
 * The process that becomes the recorded command: it loads the recorder's filter, hands the listener to the recorder, and
 * executes the command. It runs in a process of its own, because a filter cannot be taken back.
 * @module
 */
import { writeSync } from 'node:fs';
import { errnoName } from '../../abi/errno.ts';
import { hostEndian } from '../../abi/host-endian.ts';
import { encodeProgram } from '../../bpf/program.ts';
import { prepareMessage, receiveMessage, sendNumber } from '../../kernel/descriptor-messages.ts';
import { rememberDescriptors, restoreDescriptors } from '../../kernel/descriptors.ts';
import { restoreFileLimit } from '../../kernel/file-limit.ts';
import { allowTracers, dieWithParent, hasSysAdmin, setNoNewPrivs } from '../../kernel/prctl.ts';
import { prepareExec, prepareExit } from '../../kernel/prepare-exec.ts';
import { rawArguments } from '../../kernel/raw-arguments.ts';
import { prepareListener } from '../../kernel/seccomp.ts';
import { restoreSignals } from '../../kernel/signals.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import { recorderFilter } from '../../observe/recorder-filter.ts';
import type { RecordedStart } from './recorded-word.ts';

const STDERR = 2;
const CANNOT_RUN = 126;

/** Waits until the recorder has seized this process, or its guard has or cannot. @returns whether the recorder still runs */
function awaitTracer(socket: number): boolean {
  return sendNumber(socket, 0) && receiveMessage(socket) !== undefined;
}

/** The words to execute: those of the command, and the added ones. */
function commandOf({ words, more }: RecordedStart): readonly Uint8Array[] {
  const own = rawArguments(words, process.ppid);
  const added = (more?.words ?? []).map((word) => new TextEncoder().encode(word));
  return [...own.slice(0, more?.at), ...added, ...(more === undefined ? [] : own.slice(more.at))];
}

/** Becomes the command. Returns only if that fails, and then the recorder is told why. */
export function startRecorded(text: string): number {
  const start = JSON.parse(text) as RecordedStart;
  const descriptors = rememberDescriptors();
  // Not for a container: its runtime must clean up after it, and the container does not outlive the recorder.
  if (start.method !== 'container' && !dieWithParent(start.recorder)) return CANNOT_RUN;
  const { socket, path } = start;
  const words = commandOf(start);
  const exec = prepareExec(new TextEncoder().encode(path), words);
  const exit = prepareExit();
  const message = prepareMessage(socket);
  const program = encodeProgram(recorderFilter(machineArch(), message.arguments), hostEndian());
  const listen = prepareListener(program);
  restoreDescriptors({
    ...descriptors,
    inherited: descriptors.inherited.filter((each) => each !== socket),
  });
  restoreFileLimit(start.grandparent);
  if (start.method === 'container') {
    restoreSignals();
  } else if (start.method === 'ptrace') {
    if (!awaitTracer(socket)) return CANNOT_RUN;
    restoreSignals();
  } else {
    if (!hasSysAdmin()) setNoNewPrivs();
    if (start.guarded === true) {
      allowTracers(true);
      if (!awaitTracer(socket)) return CANNOT_RUN;
      allowTracers(false);
    }
    restoreSignals();
    // From here to the end of exec nothing else is called: it would wait until the recorder fetches the listener (awaitListener).
    const listener = listen();
    if (listener < 0) {
      sendNumber(socket, -listener);
      return CANNOT_RUN;
    }
    const unsent = message.send(listener);
    if (unsent !== 0) {
      // The recorder ends this process: it waits at its next call, for its own listener.
      message.tell(-unsent);
      return CANNOT_RUN;
    }
  }
  const errno = exec();
  writeSync(STDERR, `error: cannot run '${path}': ${errnoName(errno) ?? errno} (${errno}) [ERR_IO]\n`);
  exit(CANNOT_RUN);
  return CANNOT_RUN;
}
