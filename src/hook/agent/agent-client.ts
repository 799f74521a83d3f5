/**
 * Asks the agent, in place of the work that a hook does itself. It needs no native code.
 * @module
 */
import { dirname } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { ioWords } from '../io-words.ts';
import { requireTrustedSocketFolder } from './agent-folder.ts';
import {
  type AgentAnswer,
  type AgentRequest,
  decodeAgentAnswer,
  encodeAgentRequest,
  MAX_ANSWER_SIZE,
} from './agent-protocol.ts';

/** How long a container's start waits for an agent that does not answer, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Sends a request, and waits for its answer.
 *
 * @param path - absolute, of the agent's socket
 * @param patienceMs - until the whole answer is there, however it comes
 * @throws OciSeccompError `ERR_HOOK` if others can put a socket there, nobody listens there, or there is no answer: the
 *   container must not start then
 */
export async function askAgent(
  path: string,
  request: AgentRequest,
  patienceMs = PATIENCE_MS,
): Promise<AgentAnswer> {
  requireTrustedSocketFolder(dirname(path));
  const answer = decodeAgentAnswer(await exchange(path, encodeAgentRequest(request), patienceMs));
  if (answer !== undefined) return answer;
  throw failed(path, 'ended without an answer');
}

function exchange(path: string, request: Uint8Array, patienceMs: number): Promise<Uint8Array> {
  const { connect } = process.getBuiltinModule('node:net');
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const socket = connect(path);
    // Not the socket's own timeout: that one starts again with each byte.
    const timer = setTimeout(() => {
      reject(failed(path, `does not answer within ${patienceMs / 1000} seconds`));
      socket.destroy();
    }, patienceMs);
    socket.on('data', (chunk) => {
      size += chunk.length;
      if (size <= MAX_ANSWER_SIZE) chunks.push(chunk);
      else socket.destroy();
    });
    socket.once('error', (cause) => {
      // An agent that refuses without reading on resets the connection; what it said before counts.
      if (chunks.length === 0)
        reject(failed(path, reasons[codeOf(cause)] ?? `cannot be reached: ${ioWords(cause)}`, cause));
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    socket.write(request);
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not run: there is no such socket',
  ECONNREFUSED: 'does not run: nobody listens there',
  EACCES: 'cannot be reached: permission denied',
  EAGAIN: 'takes no more clients: too many wait for it',
};

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? '';
}

function failed(path: string, what: string, cause?: unknown): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `the agent at ${path} ${what}`, {
    hint: 'start it: systemctl start oci-seccomp-agent.socket, or oci-seccomp agent',
    cause,
  });
}
