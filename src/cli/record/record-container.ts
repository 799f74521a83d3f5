/**
 * Runs a container under the recorder.
 *
 * A supervisor, which our hook starts, adds a filter to the container's program. The filter reports every call. The supervisor sends the listener here, and ends the container if this process ends.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { ioWords } from '../../hook/io-words.ts';
import { ownFiles, requireTrustedFiles } from '../../hook/own-files.ts';
import { type DescriptorState, rememberDescriptors } from '../../kernel/descriptors.ts';
import { closeConnection, listenAt } from '../../kernel/packet-socket.ts';
import { canRestartCalls } from '../../kernel/restart-registers.ts';
import { countCalls } from '../../observe/call-counts.ts';
import { recordContainers } from '../../observe/record-containers.ts';
import { watchCalls } from '../../observe/watched-calls.ts';
import { endThreads, startCommand, takeSignals } from './command-process.ts';
import { addHook, requireStarter } from './container-call.ts';
import { type CommandOptions, lacksGuard, type RecordedCommand } from './record-command.ts';

/** Seconds after which a hook counts as hanging. On a slow and busy machine, Node alone takes half a minute to start. */
const HOOK_SECONDS = 300;

/** Runs the command and records the containers that it starts, until it and they have ended. */
export async function recordContainer(options: CommandOptions): Promise<RecordedCommand> {
  requireStarter(options.words);
  if (process.geteuid?.() !== 0) {
    throw new OciSeccompError('ERR_KERNEL', 'recording a container needs root', {
      hint: 'without root, record the program itself: oci-seccomp record -- COMMAND',
    });
  }
  const descriptors = rememberDescriptors();
  const folder = makeFolder();
  const socket = join(folder, 'socket');
  let server: number | undefined;
  try {
    server = listen(socket);
    return await recordIn({ folder, socket, server, descriptors }, options);
  } finally {
    if (server !== undefined) closeConnection(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

function listen(socket: string): number {
  try {
    return listenAt(socket);
  } catch (cause) {
    throw unusable(cause instanceof OciSeccompError ? cause.message : ioWords(cause), cause);
  }
}

/** The path of a socket has at most 107 bytes (unix(7)). */
function unusable(why: string, cause: unknown): OciSeccompError {
  return new OciSeccompError('ERR_IO', `the temporary folder ${tmpdir()} cannot be used: ${why}`, {
    hint: 'name one that is there and has a short path: TMPDIR=/tmp',
    cause,
  });
}

/** A folder that is removed when this process ends, in whatever way. */
function makeFolder(): string {
  const folder = join(tmpdir(), `oci-seccomp-record-${randomBytes(8).toString('hex')}`);
  const { spawn } = process.getBuiltinModule('node:child_process');
  // It has its own session, so that a signal from the terminal that ends this process does not end it.
  const script = `trap '' HUP INT QUIT TERM; while read -r _; do :; done; rm -rf -- "$1"`;
  const keeper = spawn('/bin/sh', ['-c', script, 'sh', folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  keeper.once('error', () => {});
  keeper.unref();
  const { Socket } = process.getBuiltinModule('node:net');
  if (keeper.stdin instanceof Socket) keeper.stdin.unref();
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    throw unusable(ioWords(cause), cause);
  }
  return folder;
}

/** @throws OciSeccompError `ERR_IO` if a file cannot be made in the folder, or another one cannot be read for that */
function makeIn<T>(folder: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const { code, path = folder, dest = path } = cause as NodeJS.ErrnoException & { readonly dest?: string };
    if (cause instanceof OciSeccompError || code === undefined) throw cause;
    if (dest.startsWith(folder)) throw unusable(ioWords(cause), cause);
    throw new OciSeccompError('ERR_IO', `${path} cannot be read: ${ioWords(cause)}`, { cause });
  }
}

interface Place {
  /** For what the container's runtime reads. */
  readonly folder: string;
  /** Where supervisors connect, and the descriptor that listens there. */
  readonly socket: string;
  readonly server: number;
  readonly descriptors: DescriptorState;
}

async function recordIn(
  { folder, socket, server, descriptors }: Place,
  options: CommandOptions,
): Promise<RecordedCommand> {
  const program = realpathSync(process.argv[1] ?? '');
  requireTrustedFiles(ownFiles(program, undefined));
  const log = join(folder, 'log');
  const more = makeIn(folder, () =>
    addHook(options.words, folder, {
      stage: 'createRuntime',
      when: 'always',
      timeout: HOOK_SECONDS,
      command: { launcher: join(dirname(program), 'hook-launcher.sh'), node: process.execPath, program },
      parameters: ['--recorder', socket, '--log', log],
    }),
  );
  const counts = watchCalls(countCalls(options.wanted, options.limit, Date.now));
  const how = { method: 'container', ...(more === undefined ? {} : { more }) } as const;
  const command = startCommand(options, how, descriptors);
  closeConnection(command.socket);
  const guarded = options.guard && canRestartCalls();
  const hands = takeSignals(command, () =>
    options.note('the command has ended, and its container runs on and is recorded: Ctrl-C ends it\n'),
  );
  const notes = [...(guarded ? [] : lacksGuard(options))];
  try {
    const recorded = await recordContainers(socket, server, {
      counts,
      guard: guarded,
      isLast: hands.hasEnded,
      tick: () => {
        options.tick(counts, 'notification');
        return hands.goesOn();
      },
    });
    // Supervisors end their containers. Processes without a pid namespace of their own are ended here.
    if (!recorded.ended) notes.push(endThreads(recorded.threads, 'the container was'));
    const exitCode = await command.ended;
    if (recorded.containers === 0) throw nothingRecorded(options.words, log, exitCode);
    return { counts, method: 'notification', guarded, exitCode, notes };
  } finally {
    hands.release();
  }
}

/** The reason is what the hook and its supervisor wrote, if they wrote anything. */
function nothingRecorded(words: readonly string[], log: string, exitCode: number): OciSeccompError {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  const last = lines.findLast((line) => line.includes(' error '))?.replace(/^\S+ \S+ error /, '');
  return new OciSeccompError('ERR_HOOK', `no container was recorded: ${last ?? `${words[0]} started none`}`, {
    hint: `the exit code of ${words[0]} is ${exitCode}, and its own messages are above`,
  });
}
