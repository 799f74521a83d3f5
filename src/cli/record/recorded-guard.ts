/**
 * The process that guards a recorded one: see kernel/guard-signals.ts.
 * @module
 */
import { receiveMessage, sendNumber } from '../../kernel/descriptor-messages.ts';
import { guardSignals, seizeForSignals } from '../../kernel/guard-signals.ts';
import { dieWithParent } from '../../kernel/prctl.ts';
import { waitError } from '../../kernel/ptrace.ts';
import { ignoreGroupSignals, ignoreSignals } from '../../kernel/signals.ts';

/** SIGHUP, SIGINT, SIGQUIT, SIGTERM are for the command. This process ends when the command ends. */
const FOR_OTHERS = [1, 2, 3, 15];

/** Guards the process that the recorder names. @param socket - to the recorder; inherited */
export function guardRecorded(socket: number): void {
  ignoreSignals(FOR_OTHERS);
  ignoreGroupSignals();
  // If the recorder ends, so does this process, and with it all processes that it traces.
  dieWithParent(process.ppid);
  const asked = receiveMessage(socket);
  if (asked?.kind !== 'number') return;
  // Before it holds anything: what it holds ends with it.
  const unable = waitError();
  const errno = unable === 0 ? seizeForSignals(asked.value) : -unable;
  sendNumber(socket, errno);
  if (errno === 0) process.exitCode = guardSignals();
}
