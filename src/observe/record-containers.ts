/**
 * Recording of containers. Each has a supervisor, which connects while the container is made. It sends the listener when
 * the container's program starts. If the recorder closes the connection after that, the supervisor ends the container.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { receiveMessage, sendNumber } from '../kernel/descriptor-messages.ts';
import { type NotifyChannel, openNotifyChannel } from '../kernel/notify-channel.ts';
import { acceptConnection, closeConnection } from '../kernel/packet-socket.ts';
import { openPollSet, type Readiness } from '../kernel/poll-set.ts';
import { GUARDED } from '../kernel/recorder-link.ts';
import type { CallCounter } from './call-counts.ts';
import {
  CLOCK_EVERY,
  countCall,
  noteThread,
  type RecordedThreads,
  type ThreadStarts,
  TICK_MS,
} from './record-notifications.ts';

interface ContainersOptions {
  readonly counts: CallCounter;
  /** Whether the containers are traced for their signals: see kernel/guard-signals.ts. */
  readonly guard: boolean;
  /** Called between calls, at least 20 times a second; returns whether to go on. */
  readonly tick: () => boolean;
  /** Whether no further container will be made. */
  readonly isLast: () => boolean;
}

interface RecordedContainers extends RecordedThreads {
  /** How many containers ran a program. */
  readonly containers: number;
}

interface Container {
  /** To its supervisor; `undefined`: that has ended. */
  connection: number | undefined;
  listener: number | undefined;
  channel: NotifyChannel | undefined;
}

type Source =
  | { readonly kind: 'server'; readonly fd: number }
  | { readonly kind: 'connection' | 'listener'; readonly fd: number; readonly container: Container };

interface Served {
  readonly path: string;
  readonly guard: boolean;
  readonly counts: CallCounter;
  readonly open: Set<Container>;
  readonly threads: ThreadStarts;
  containers: number;
}

/**
 * Serves all containers that come, until none is left and no further one will come, or `tick` says so.
 *
 * @param server - listens at `path`; the caller closes it
 */
export async function recordContainers(
  path: string,
  server: number,
  { counts, guard, tick, isLast }: ContainersOptions,
): Promise<RecordedContainers> {
  const served: Served = { path, guard, counts, open: new Set(), threads: new Map(), containers: 0 };
  try {
    const ended = await serveAll(served, server, tick, isLast);
    return { threads: served.threads, ended, containers: served.containers };
  } finally {
    for (const { connection, listener } of served.open) close(connection, listener);
  }
}

/** @returns whether all containers have ended */
async function serveAll(
  served: Served,
  server: number,
  tick: () => boolean,
  isLast: () => boolean,
): Promise<boolean> {
  let sources = sourcesOf(served.open, server);
  let set = openPollSet(sources.map(({ fd }) => fd));
  let since = performance.now();
  for (let rounds = 1; ; rounds += 1) {
    // Asked before the wait: what the command has done until its end is in the queue by now.
    const wasLast = isLast();
    const found = set.wait(TICK_MS);
    let changed = false;
    if (found > 0) {
      for (const [index, source] of sources.entries()) {
        const state = set.state(index);
        if (state !== 'quiet' && serve(served, source, state)) changed = true;
      }
    }
    if (found === 0 && wasLast && served.open.size === 0) return true;
    if (changed) {
      sources = sourcesOf(served.open, server);
      set = openPollSet(sources.map(({ fd }) => fd));
    }
    if (found > 0 && (rounds % CLOCK_EVERY !== 0 || performance.now() - since < TICK_MS)) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
    if (!tick()) return false;
  }
}

function sourcesOf(open: ReadonlySet<Container>, server: number): readonly Source[] {
  const ofContainers = [...open].flatMap((container) =>
    (['connection', 'listener'] as const).flatMap((kind) => {
      const fd = container[kind];
      return fd === undefined ? [] : [{ kind, fd, container }];
    }),
  );
  return [{ kind: 'server', fd: server }, ...ofContainers];
}

/** @returns whether there is something else to wait for from now on */
function serve(served: Served, source: Source, state: Readiness): boolean {
  if (source.kind === 'server') {
    accept(served, source.fd);
    return true;
  }
  const { container } = source;
  if (source.kind === 'connection') {
    serveConnection(served, container, state);
    return true;
  }
  if (state === 'closed') {
    closeListener(served, container);
    return true;
  }
  const { channel } = container;
  if (channel === undefined || !channel.receive()) return false;
  countCall(served.counts, channel);
  noteThread(served.threads, channel.pid);
  channel.proceed();
  return false;
}

function accept({ path, guard, open }: Served, server: number): void {
  const connection = acceptConnection(path, server);
  try {
    sendNumber(connection, guard ? GUARDED : 0);
    open.add({ connection, listener: undefined, channel: undefined });
  } catch (error) {
    close(connection);
    // The supervisor has ended already.
    if (!(error instanceof OciSeccompError && error.code === 'ERR_KERNEL')) throw error;
  }
}

/** Takes the listener, or hears that the supervisor has ended. If its container still runs, the kernel ends that. */
function serveConnection(served: Served, container: Container, state: Readiness): void {
  const { connection = -1, listener } = container;
  const message = state === 'ready' ? receiveMessage(connection) : undefined;
  if (message?.kind === 'descriptor' && listener === undefined) {
    container.listener = message.descriptor;
    container.channel = openNotifyChannel(message.descriptor);
    served.containers += 1;
    return;
  }
  close(connection);
  container.connection = undefined;
  forgetEnded(served, container);
}

/**
 * The container's processes have ended, and their supervisor may not have. Its connection stays open: if it were closed,
 * the supervisor would end before it has waited for them.
 */
function closeListener(served: Served, container: Container): void {
  close(container.listener);
  container.listener = undefined;
  container.channel = undefined;
  forgetEnded(served, container);
}

function forgetEnded({ open }: Served, container: Container): void {
  if (container.connection === undefined && container.listener === undefined) open.delete(container);
}

function close(...descriptors: readonly (number | undefined)[]): void {
  for (const fd of descriptors) if (fd !== undefined) closeConnection(fd);
}
