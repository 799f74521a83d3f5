/**
 * One connection to the agent: reads what a client sends, up to limits of size and time.
 * @module
 */
import type { Socket } from 'node:net';
import { OciSeccompError } from '../../errors.ts';
import { type AgentRequest, decodeArguments, decodeHead, HEAD_SIZE } from './agent-protocol.ts';

const GET = 'GET ';
/** The most bytes of a request by HTTP. */
const MAX_HTTP_SIZE = 8 * 1024;

export type ConnectionRequest =
  | { readonly kind: 'start'; readonly request: AgentRequest }
  /** By HTTP: the path. */
  | { readonly kind: 'page'; readonly path: string };

/**
 * Reads a whole request.
 *
 * @param patienceMs - how long the client may take to send it
 * @throws OciSeccompError `ERR_HOOK` for one that is broken off, too long, too slow, or not a request
 */
export function readRequest(socket: Socket, patienceMs: number): Promise<ConnectionRequest> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.off('data', take).off('end', broken).off('close', broken).off('error', broken);
      // Else what comes now would be kept in memory.
      socket.pause();
      settle();
    };
    const fail = (why: string): void => finish(() => reject(refused(why)));
    const broken = (): void => fail('it was broken off');
    const timer = setTimeout(() => fail(`it was not sent within ${patienceMs} ms`), patienceMs);
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      try {
        const asked = parse(chunks, size);
        if (asked !== undefined) finish(() => resolve(asked));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    socket.on('data', take).once('end', broken).once('close', broken).once('error', broken);
  });
}

/** @returns `undefined` if more is to come */
function parse(chunks: Buffer[], size: number): ConnectionRequest | undefined {
  if (size < HEAD_SIZE) return undefined;
  // What was put together once is not put together again with each chunk: a request can come in a million.
  const [first = Buffer.alloc(0)] = chunks;
  const head = first.length >= HEAD_SIZE ? first : Buffer.concat(chunks);
  if (head !== first) chunks.splice(0, chunks.length, head);
  if (head.toString('latin1', 0, GET.length) === GET) return parsePage(chunks, size);
  const { argumentsSize, stateSize } = decodeHead(head);
  const total = HEAD_SIZE + argumentsSize + stateSize;
  if (size < total) return undefined;
  if (size > total) throw refused('it is longer than it says');
  const all = Buffer.concat(chunks);
  const args = decodeArguments(all.subarray(HEAD_SIZE, HEAD_SIZE + argumentsSize));
  return { kind: 'start', request: { args, state: all.subarray(HEAD_SIZE + argumentsSize) } };
}

function parsePage(chunks: Buffer[], size: number): ConnectionRequest | undefined {
  const text = Buffer.concat(chunks).toString('latin1');
  chunks.splice(0, chunks.length, Buffer.from(text, 'latin1'));
  if (size > MAX_HTTP_SIZE) throw refused(`it is longer than ${MAX_HTTP_SIZE} bytes`);
  if (!text.includes('\r\n\r\n')) return undefined;
  return { kind: 'page', path: text.split(' ')[1] ?? '' };
}

function refused(why: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `the agent refuses the request of a client: ${why}`);
}
