/**
 * What an agent's socket shows of it, for `doctor`: nothing is asked of the agent but its page of metrics.
 * @module
 */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { reasonOf } from '../hook-log.ts';
import { requireTrustedSocketFolder } from './agent-folder.ts';

export interface AgentLook {
  readonly socket: string;
  /** User id of the owner of the socket; absent: no such file exists. */
  readonly owner?: number;
  /** The version of the agent that answers. */
  readonly version?: string;
  /** Why hooks would not use it, or why it cannot be asked. */
  readonly problem?: string;
}

const PATIENCE_MS = 3_000;
const MAX_PAGE = 256 * 1024;

/**
 * Looks at a socket. Never throws: what is wrong is the answer.
 *
 * @param isAsked - whether a person named the socket; otherwise one that is not there is no matter
 * @param patienceMs - until the whole page is there
 */
export async function lookAtAgent(
  socket: string,
  isAsked: boolean,
  patienceMs = PATIENCE_MS,
): Promise<AgentLook | undefined> {
  let owner: number | undefined;
  try {
    const stats = lstatSync(socket, { throwIfNoEntry: false });
    if (stats === undefined) {
      return isAsked ? { socket, problem: 'there is no such socket: the agent does not run' } : undefined;
    }
    owner = stats.uid;
    if (!stats.isSocket()) return { socket, owner, problem: 'this is not a socket' };
    if (owner !== 0) return { socket, owner, problem: 'it does not belong to root' };
    requireTrustedSocketFolder(dirname(socket));
    const version = /^oci_seccomp_agent_info\{version="([^"\s]{1,64})"\}/m.exec(
      await page(socket, patienceMs),
    )?.[1];
    if (version === undefined)
      return { socket, owner, problem: 'what answers is not an agent of oci-seccomp' };
    return { socket, owner, version };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem =
      error instanceof OciSeccompError ? reasonOf(error) : (reasons[code ?? ''] ?? reasonOf(error));
    return { socket, ...(owner === undefined ? {} : { owner }), problem };
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'it cannot be asked without root',
  ECONNREFUSED: 'nobody listens there: the agent does not run',
};

function page(path: string, patienceMs: number): Promise<string> {
  const { connect } = process.getBuiltinModule('node:net');
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(path);
    socket.setEncoding('latin1');
    // Not the socket's own timeout: that one starts again with each byte.
    const timer = setTimeout(() => {
      reject(new Error(`it does not answer within ${patienceMs / 1000} seconds`));
      socket.destroy();
    }, patienceMs);
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_PAGE) socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
}
