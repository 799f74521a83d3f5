/**
 * The agent: takes requests of hooks on a socket, several at once, and does for each what a hook does.
 * @module
 */
import type { Server, Socket } from 'node:net';
import { OciSeccompError } from '../../errors.ts';
import type { AttachWorld } from '../attach-filter.ts';
import { kernelView, requireContainerProcess, requireExec } from '../container-process.ts';
import { idOf } from '../container-state.ts';
import { formatRecord, type HookRecord, reasonOf } from '../hook-log.ts';
import type { AgentLog } from './agent-log.ts';
import type { AgentMetrics, TurnedAway } from './agent-metrics.ts';
import { type AgentAnswer, type AgentRequest, encodeAgentAnswer, RUNTIME_CALL } from './agent-protocol.ts';
import { type ConnectionRequest, readRequest } from './connection.ts';
import type { AgentMemory } from './filter-memory.ts';
import type { PeerGuard } from './guard-for-peer.ts';
import { admitPeer, type Peer } from './peer.ts';
import { requireSameFile } from './same-file.ts';
import { watchDescriptors } from './watch-descriptors.ts';
import type { WorkerPool } from './worker-pool.ts';

/** How long a client that is turned away at once may take to end, in milliseconds. Ours end when they have the answer. */
const LEAVE_MS = 1000;
/** How long a client may take to send its request, in milliseconds. */
const REQUEST_PATIENCE_MS = 10_000;
/** How many characters of a runtime's command line the log has. */
const MAX_CALL = 200;
/** How many connections are served at the same time. Further clients hear that the agent is busy. */
export const MAX_CONNECTIONS = 256;

interface AgentWorkshop {
  readonly pool: WorkerPool;
  readonly memory: AgentMemory;
  readonly metrics: AgentMetrics;
  readonly log: AgentLog;
  /**
   * Does the work of a hook.
   *
   * @returns the record, if the hook was not told to log it elsewhere
   */
  readonly attach: (args: readonly string[], world: AttachWorld) => Promise<AttachedRecord>;
  readonly describeError: (error: unknown) => AgentAnswer;
  /** Does the work of the runtime wrapper. */
  readonly guard: PeerGuard['guard'];
  /** Filters of the runtime wrapper. */
  readonly fits: Pick<AgentMemory, 'size' | 'hits' | 'misses'>;
  /** @param args - the runtime's command line without its name */
  readonly describeRuntimeError: (error: unknown, args: readonly string[]) => AgentAnswer;
  readonly requestPatienceMs?: number;
}

export interface AttachedRecord {
  readonly record: HookRecord;
  readonly isLogged: boolean;
}

/** Makes a server; it listens nowhere yet. */
export function createAgent(workshop: AgentWorkshop): Server {
  const { createServer } = process.getBuiltinModule('node:net');
  const open = new Set<Socket>();
  const { metrics, log, describeError } = workshop;
  const lookForDescriptors = watchDescriptors(log);
  const turnAway = (socket: Socket, reason: TurnedAway, error: unknown): void => {
    metrics.countTurnedAway(reason);
    log('error', 'turned-away', { reason, message: reasonOf(error) });
    reply(socket, encodeAgentAnswer(describeError(error)), reason === 'busy' ? LEAVE_MS : 0);
  };
  // A client that has said all still gets its answer.
  return createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => {});
    if (open.size > MAX_CONNECTIONS) {
      turnAway(socket, 'busy', new OciSeccompError('ERR_HOOK', `the agent has ${MAX_CONNECTIONS} clients`));
      return;
    }
    void converse(socket, workshop, open, turnAway).finally(lookForDescriptors);
    lookForDescriptors();
  });
}

async function converse(
  socket: Socket,
  workshop: AgentWorkshop,
  open: ReadonlySet<Socket>,
  turnAway: (socket: Socket, reason: TurnedAway, error: unknown) => void,
): Promise<void> {
  const started = performance.now();
  let peer: Peer | undefined;
  let reason: TurnedAway = 'peer';
  try {
    peer = admitPeer(descriptorOf(socket));
    reason = 'request';
    const asked: ConnectionRequest = await readRequest(
      socket,
      workshop.requestPatienceMs ?? REQUEST_PATIENCE_MS,
    );
    if (asked.kind === 'page') reply(socket, httpAnswer(asked.path, workshop, open.size));
    else reply(socket, encodeAgentAnswer(await serve(asked.request, peer, workshop, started)));
  } catch (error) {
    turnAway(socket, reason, error);
  } finally {
    peer?.close();
  }
}

async function serve(
  request: AgentRequest,
  peer: Peer,
  workshop: AgentWorkshop,
  started: number,
): Promise<AgentAnswer> {
  const [first, ...words] = request.args;
  if (first === RUNTIME_CALL) return serveRuntime(words, peer, workshop, started);
  return serveHook(request, peer, workshop, started);
}

/** The runtime wrapper asks before it becomes the real runtime. */
async function serveRuntime(
  words: readonly string[],
  peer: Peer,
  { guard, metrics, log, describeRuntimeError }: AgentWorkshop,
  started: number,
): Promise<AgentAnswer> {
  const elapsed = (): number => performance.now() - started;
  const args = words.slice(2);
  try {
    const { result, configFile, profile, isRemembered } = await guard(words, peer);
    metrics.countRequest(result, elapsed() / 1000);
    const memory = isRemembered === undefined ? {} : { memory: 'used' };
    const about = { wrapper: result, ...(profile === undefined ? {} : { profile }), ...memory };
    if (configFile !== undefined)
      log('info', 'container', { config: configFile, ...about, ms: Math.round(elapsed()) });
    return { code: 0, text: '' };
  } catch (error) {
    metrics.countRequest('refused', elapsed() / 1000);
    const call = args.join(' ').slice(0, MAX_CALL);
    log('error', 'container', { call, wrapper: 'refused', reason: reasonOf(error) });
    return describeRuntimeError(error, args);
  }
}

async function serveHook(
  { args, state }: AgentRequest,
  peer: Peer,
  { pool, memory, metrics, log, attach, describeError }: AgentWorkshop,
  started: number,
): Promise<AgentAnswer> {
  const elapsed = (): number => performance.now() - started;
  const view = { ...kernelView(), self: peer.pid };
  try {
    const { record, isLogged } = await attach(args, {
      // Checked when a supervisor is started, and not while a container waits.
      requireOwnFiles: () => {},
      readInput: () => state,
      startSupervisor: pool.take,
      requireProcess: (pid) => {
        const startTime = requireContainerProcess(pid, view);
        // If the client still lives, these were its parents.
        peer.requireAlive();
        return startTime;
      },
      requireExec: (pid) => requireExec(pid, view),
      requireSameFile: (path, what) => {
        requireSameFile(peer.pid, path, what);
        peer.requireAlive();
      },
      elapsed,
      memory,
    });
    metrics.countRequest(record.result === 'unfiltered' ? 'unfiltered' : 'attached', elapsed() / 1000);
    if (!isLogged) log('info', 'container', { id: record.container, hook: formatRecord(record) });
    return { code: 0, text: '' };
  } catch (error) {
    metrics.countRequest('refused', elapsed() / 1000);
    log('error', 'container', { id: idOf(state), hook: 'refused', reason: reasonOf(error) });
    return describeError(error);
  }
}

/** Node has no other way to a socket's descriptor. Without it nobody is served. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  if (typeof handle?.fd === 'number' && handle.fd >= 0) return handle.fd;
  throw new OciSeccompError('ERR_HOOK', 'this Node does not tell the descriptor of a connection');
}

function httpAnswer(path: string, workshop: AgentWorkshop, connections: number): Uint8Array {
  const { metrics, pool, memory, fits } = workshop;
  const sum = (of: 'size' | 'hits' | 'misses') => () => memory[of]() + fits[of]();
  const all = { size: sum('size'), hits: sum('hits'), misses: sum('misses') };
  const isKnown = path === '/metrics';
  const body = Buffer.from(isKnown ? metrics.page(pool, all, connections) : 'there is only /metrics\n');
  const head = [
    `HTTP/1.1 ${isKnown ? '200 OK' : '404 Not Found'}`,
    `Content-Type: text/plain${isKnown ? '; version=0.0.4' : ''}; charset=utf-8`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

/** @param leaveMs - how long the client may keep the connection, so that it can read the answer after it has sent its request */
function reply(socket: Socket, bytes: Uint8Array, leaveMs = 0): void {
  // What a client still sends is thrown away: data that nobody has read would reset the connection, and the answer with it.
  socket.on('data', () => {});
  socket.resume();
  const timer = leaveMs === 0 ? undefined : setTimeout(() => socket.destroy(), leaveMs);
  socket.once('close', () => clearTimeout(timer));
  socket.end(bytes, () => timer ?? socket.destroy());
}
