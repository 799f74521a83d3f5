/**
 * A real registry on this machine: Debian's docker-registry, in a folder that is removed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface LocalRegistry {
  /** `localhost:41234`. */
  readonly host: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** @param auth - the section `auth` of its configuration, as JSON, which is YAML too */
export async function startRegistry(auth?: object): Promise<LocalRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-registry-'));
  const port = await freePort();
  const file = join(folder, 'config.yml');
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
    ...(auth === undefined ? {} : { auth }),
  };
  writeFileSync(file, JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  const host = `localhost:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilItAnswers(host, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
}

async function untilItAnswers(host: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    const isUp = await fetch(`http://${host}/v2/`).then(
      async (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    if (isUp) return;
    await pause(20);
  }
}
