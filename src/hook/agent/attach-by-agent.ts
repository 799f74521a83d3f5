/**
 * A hook that leaves its work to the agent.
 * @module
 */
import type { AttachWorld } from '../attach-filter.ts';
import { reasonOf, tryWriteRecord } from '../hook-log.ts';
import type { LogTarget } from '../supervisor/supervisor-protocol.ts';
import { askAgent } from './agent-client.ts';
import { requireSocketPath } from './agent-folder.ts';
import { type AgentAnswer, MAX_SOCKET_PATH } from './agent-protocol.ts';

/**
 * Hands the state to the agent. The agent logs what it does; what keeps it from answering is logged here.
 *
 * @param args - behind `hook`, for the agent
 * @returns the agent's answer: with any code but 0 the container must not start
 * @throws OciSeccompError if there is no answer; the container must not start then either
 */
export async function attachByAgent(
  socket: string,
  args: readonly string[],
  log: LogTarget,
  { requireOwnFiles, readInput, elapsed }: Pick<AttachWorld, 'requireOwnFiles' | 'readInput' | 'elapsed'>,
): Promise<AgentAnswer> {
  try {
    requireSocketPath(socket, MAX_SOCKET_PATH);
    requireOwnFiles();
    return await askAgent(socket, { args, state: readInput() });
  } catch (error) {
    tryWriteRecord(log, { result: 'refused', milliseconds: elapsed(), reason: reasonOf(error) });
    throw error;
  }
}
