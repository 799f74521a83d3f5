/**
 * What commands check of the agent's socket that they write down for others.
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeStderr } from './streams.ts';

/**
 * An agent that does not run yet is no error: it may be started with the next boot.
 *
 * @throws OciSeccompError `ERR_USAGE` for what is no path of a socket; `ERR_HOOK` if others can put a socket there
 */
export async function requireAgentSocket(socket: string): Promise<void> {
  // Loaded here: most hooks work without one.
  const [{ requireSocketPath, requireTrustedSocketFolder }, { MAX_SOCKET_PATH }] = await Promise.all([
    import('../hook/agent/agent-folder.ts'),
    import('../hook/agent/agent-protocol.ts'),
  ]);
  requireSocketPath(socket, MAX_SOCKET_PATH);
  const folder = dirname(socket);
  // systemd makes a folder of /run that is not there yet.
  if (existsSync(folder)) requireTrustedSocketFolder(folder);
  if (existsSync(socket)) return;
  writeStderr(`note: no agent listens on ${socket} yet: until one does, containers do not start\n`);
}
