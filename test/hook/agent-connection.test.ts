/**
 * What the agent reads of a connection, and when it gives up.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeAgentAnswer,
  encodeAgentAnswer,
  encodeAgentRequest,
  MAX_ANSWER_SIZE,
} from '../../src/hook/agent/agent-protocol.ts';
import { type ConnectionRequest, readRequest } from '../../src/hook/agent/connection.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-agent-connection-'));
const path = join(folder, 'socket');
let server: Server;
let take: (socket: Socket) => void;

beforeAll(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => take(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is read of a client that does as it is told. */
async function read(patienceMs: number, behave: (client: Socket) => void): Promise<ConnectionRequest> {
  const client = connect(path);
  client.on('error', () => {});
  const accepted = new Promise<Socket>((resolve) => {
    take = resolve;
  });
  try {
    const socket = await accepted;
    socket.on('error', () => {});
    const asked = readRequest(socket, patienceMs);
    behave(client);
    return await asked.finally(() => socket.destroy());
  } finally {
    client.destroy();
  }
}

const request = { args: ['createRuntime', '--profile', '/etc/ü.json', ''], state: Buffer.from('{"id":"x"}') };
const bytes = encodeAgentRequest(request);

describe('a request', () => {
  it('is read whole, in pieces of any size', async () => {
    for (const size of [1, 7, 8, 15, 16, 17, bytes.length]) {
      const asked = await read(HANGS_AFTER, (client) => {
        for (let at = 0; at < bytes.length; at += size) client.write(bytes.subarray(at, at + size));
      });
      expect(asked).toEqual({ kind: 'start', request });
    }
  });

  it.each([0, 1, 15, 16, bytes.length - 1])(
    'of which only %i bytes come is not waited for',
    async (length) => {
      await expect(read(50, (client) => client.write(bytes.subarray(0, length)))).rejects.toThrow(
        'it was not sent within 50 ms',
      );
    },
  );

  it('that is broken off is told from one that is whole', async () => {
    await expect(read(HANGS_AFTER, (client) => client.end(bytes.subarray(0, -1)))).rejects.toThrow(
      'broken off',
    );
    const half = await read(HANGS_AFTER, (client) => client.end(bytes));
    expect(half.kind).toBe('start');
  });

  it('by HTTP is a path', async () => {
    const asked = await read(HANGS_AFTER, (client) =>
      client.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    expect(asked).toEqual({ kind: 'page', path: '/metrics' });
    await expect(read(50, (client) => client.write('GET /metrics HTTP/1.1\r\n'))).rejects.toThrow(
      'not sent within',
    );
  });
});

describe('an answer', () => {
  it('is a digit and a text', () => {
    for (const code of [0, 1, 2, 3] as const) {
      expect(decodeAgentAnswer(encodeAgentAnswer({ code, text: 'ü\n' }))).toEqual({ code, text: 'ü\n' });
    }
    expect(encodeAgentAnswer({ code: 2, text: 'x'.repeat(100_000) })).toHaveLength(MAX_ANSWER_SIZE);
  });

  it.each(['', '4', '9x', 'error', '\0', ' 0', '-1'])('is not %j', (text) => {
    expect(decodeAgentAnswer(Buffer.from(text))).toBeUndefined();
  });
});
