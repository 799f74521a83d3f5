/**
 * Checks what the static runtime wrapper is going to need, and writes it.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { DEFAULT_SOCKET } from '../../hook/agent/agent-protocol.ts';
import { readNamed } from '../../hook/choice.ts';
import { claimsOfTable } from '../../hook/choices/rehearse-table.ts';
import { installRuntimeClient, requireClientPlace } from '../../hook/client/install-client.ts';
import { loadedFiles, requireTrustedFiles } from '../../hook/own-files.ts';
import type { CompileChoices } from '../../hook/prepare-filter.ts';
import { readTrustedFile } from '../../hook/trusted-file.ts';
import { rehearse } from '../../hook/try-profile.ts';
import { findRuntime } from '../../hook/wrapper/find-runtime.ts';
import { identifyRuntime } from '../../hook/wrapper/identify-runtime.ts';
import { readConfiguration, type WrapperConfiguration } from '../../hook/wrapper/wrapper-configuration.ts';
import { refuseOver } from '../define/named-files.ts';
import { writeStderr, writeStdout } from '../streams.ts';
import { requireAgentSocket } from './require-agent-socket.ts';

/**
 * @param client - the file to write
 * @param asked - the agent's socket; `undefined`: what the configuration names
 * @param file - the configuration of the wrapper
 * @throws OciSeccompError if the wrapper could start no container, or its files are not safe from others
 */
export async function writeWrapper(client: string, asked: string | undefined, file: string): Promise<void> {
  requireClientPlace(client);
  const configuration = readConfiguration(readTrustedFile(file, 'the configuration'), file);
  const socket = asked ?? configuration.agent ?? DEFAULT_SOCKET;
  requireAgentSocket(socket);
  const runtime = requireRuntime(configuration, client, file);
  const claims = await claimsOf(configuration, runtime);
  const { profile, choices, library } = configuration;
  const read = [file, profile, choices, library].filter((each) => each !== undefined);
  refuseOver(client, [...read, ...claims.map(({ name }) => name)]);
  for (const { name, claim } of claims) {
    if (claim !== undefined) writeStderr(`${name}: ${claim}\n`);
  }
  requireTrustedFiles(loadedFiles());
  const paths = { socket, configuration: file, runtime };
  const size = await untilInterrupted((signal) => installRuntimeClient(client, paths, signal));
  writeStdout(`${client}: ${size} bytes; it asks the agent at ${socket}, then becomes ${runtime}\n`);
}

/** While it works, a signal that would end this program aborts the work: that ends the real runtime and removes its file. */
async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, abort);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of names) process.off(name, abort);
  }
}

function requireRuntime({ runtime }: WrapperConfiguration, client: string, file: string): string {
  if (!runtime.startsWith('/')) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `${file} names the real runtime as '${runtime}', without its folder`,
      {
        hint: 'the static wrapper looks nothing up: write the absolute path, for instance "runtime": "/usr/bin/runc"',
      },
    );
  }
  findRuntime(runtime, undefined, client);
  requireTrustedFiles([{ what: 'the real runtime', path: runtime }]);
  return runtime;
}

/** What the profiles of the configuration mean for an ordinary container: a mistake shows here, and not at a start. */
async function claimsOf(configuration: WrapperConfiguration, path: string) {
  const { as, backend, library, strict, behavesAs, profile, choices } = configuration;
  const { spelling } = await untilInterrupted((signal) => identifyRuntime(path, behavesAs, signal));
  const compiling: CompileChoices = {
    runtime: spelling,
    ...(as === 'oci' ? { backend: 'libseccomp' } : backend === undefined ? {} : { backend }),
    ...(library === undefined ? {} : { library }),
    strict,
  };
  if (choices === undefined) {
    const source = readNamed(profile ?? '');
    return [{ name: source.name, claim: await rehearse(source, compiling) }];
  }
  return claimsOfTable(choices, compiling);
}
