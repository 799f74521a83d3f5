/**
 * A listener that is sent to a seccomp agent, which is not there, or takes nothing: the error says what to do.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendDescriptor } from '../../src/kernel/unix-socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-socket-error-'));
const at = (name: string): string => join(folder, name);
let server: Server;

beforeAll(async () => {
  writeFileSync(at('file'), '');
  // It cannot read while this thread sends.
  server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(at('busy'), resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a descriptor for a socket', () => {
  it.each([
    ['nobody', 'there is no such file: connect: ENOENT (2)', 'start the program'],
    ['file', 'no program listens there: connect: ECONNREFUSED (111)', 'start the program'],
    [
      'busy',
      'the program that listens there did not take it in time: send: EAGAIN (11)',
      'whether that program hangs',
    ],
  ])('named %s is not sent: %s', (name, reason, hint) => {
    const message = Buffer.alloc(4 << 20);
    expect(() => sendDescriptor(at(name), message, 0, 50)).toThrow(
      expect.objectContaining({
        message: `the socket ${at(name)}: ${reason}`,
        hint: expect.stringContaining(hint) as string,
      }) as Error,
    );
  });
});
