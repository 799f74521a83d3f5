/**
 * What commands check of the agent's socket that they write down for others.
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { requireSocketPath, requireTrustedSocketFolder } from '../../hook/agent/agent-folder.ts';
import { MAX_SOCKET_PATH } from '../../hook/agent/agent-protocol.ts';
import { writeStderr } from '../streams.ts';

/**
 * An agent that does not run yet is no error: it may be started with the next boot.
 *
 * @throws OciSeccompError `ERR_USAGE` if a socket cannot have this path; `ERR_HOOK` if others can put a socket there
 */
export function requireAgentSocket(socket: string): void {
  requireSocketPath(socket, MAX_SOCKET_PATH);
  const folder = dirname(socket);
  // systemd makes a folder of /run that is not there yet.
  if (existsSync(folder)) requireTrustedSocketFolder(folder);
  if (existsSync(socket)) return;
  writeStderr(`note: no agent listens on ${socket} yet: until one does, containers do not start\n`);
}
