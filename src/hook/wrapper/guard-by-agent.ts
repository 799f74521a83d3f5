/**
 * The wrapper's work done by the agent, for a wrapper in Node: it asks before it becomes the real runtime.
 * @module
 */
import { resolve } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { askAgent } from '../agent/agent-client.ts';
import { requireSocketPath } from '../agent/agent-folder.ts';
import { type AgentAnswer, MAX_SOCKET_PATH, RUNTIME_CALL } from '../agent/agent-protocol.ts';
import { ownFiles, requireTrustedFiles } from '../own-files.ts';

/** The words of a runtime's command line, without its name: as text, and as the kernel has them. */
export interface CommandLine {
  readonly args: readonly string[];
  readonly raw: readonly Uint8Array[];
}

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
  { args, raw }: CommandLine,
  runtimePath: string,
  program: string,
): Promise<AgentAnswer> {
  requireTrustedFiles([...ownFiles(program), { what: 'the real runtime', path: runtimePath }]);
  requireSocketPath(socket, MAX_SOCKET_PATH);
  // The agent would look at another bundle than the runtime.
  if (args.some((word, at) => Buffer.compare(Buffer.from(word), raw[at] ?? new Uint8Array()) !== 0)) {
    throw new OciSeccompError('ERR_HOOK', 'the arguments are not UTF-8, so the agent cannot read them', {
      hint: 'give the bundle a path in UTF-8, or take "agent" out of the configuration',
    });
  }
  const words = [RUNTIME_CALL, resolve(configurationFile), runtimePath, ...args];
  return askAgent(socket, { args: words, state: new Uint8Array() });
}
