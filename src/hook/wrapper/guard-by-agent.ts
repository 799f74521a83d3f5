/**
 * The wrapper's work done by the agent, for a wrapper in Node: it asks before it becomes the real runtime.
 * @module
 */
import { resolve } from 'node:path';
import { askAgent } from '../agent/agent-client.ts';
import { requireSocketPath } from '../agent/agent-folder.ts';
import { type AgentAnswer, MAX_SOCKET_PATH, RUNTIME_CALL } from '../agent/agent-protocol.ts';
import { ownFiles, requireTrustedFiles } from '../own-files.ts';
import { type CommandLine, requireUtf8 } from './runtime-call.ts';

/**
 * @param socket - of the agent
 * @param configurationFile - that the agent reads, too
 * @param runtimePath - the real runtime
 * @param program - the wrapper's own file
 * @returns with any code but 0 the container must not start; the text is what {@link RUNTIME_CALL} says
 * @throws OciSeccompError `ERR_HOOK` for files or a socket that others can write, for words that are not UTF-8, and if there
 *   is no answer
 */
export async function guardByAgent(
  socket: string,
  configurationFile: string,
  line: CommandLine,
  runtimePath: string,
  program: string,
): Promise<AgentAnswer> {
  requireTrustedFiles([...ownFiles(program), { what: 'the real runtime', path: runtimePath }]);
  requireSocketPath(socket, MAX_SOCKET_PATH);
  requireUtf8(line);
  const words = [RUNTIME_CALL, resolve(configurationFile), runtimePath, ...line.args];
  return askAgent(socket, { args: words, state: new Uint8Array() });
}
