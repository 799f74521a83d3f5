/**
 * What tests of the static clients answer in an agent's place.
 * @module
 */
import type { Socket } from 'node:net';
import { decodeHead, HEAD_SIZE } from '../../../src/hook/agent/agent-protocol.ts';

/** Whether a request is there as a whole, as the agent finds its end. */
export function isWhole(bytes: Buffer): boolean {
  if (bytes.length < HEAD_SIZE) return false;
  const { argumentsSize, stateSize } = decodeHead(bytes);
  return bytes.length === HEAD_SIZE + argumentsSize + stateSize;
}

/** Sends an answer when the request is whole. */
export function answering(answer: string | Buffer) {
  return (socket: Socket, request: () => Buffer): void => {
    socket.on('data', () => {
      if (isWhole(request())) socket.end(answer);
    });
  };
}
