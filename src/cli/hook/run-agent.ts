/**
 * Puts an agent together from its parts, and runs it until it is told to end.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { requireSocketPath } from '../../hook/agent/agent-folder.ts';
import { type AgentLog, createAgentLog } from '../../hook/agent/agent-log.ts';
import { createMetrics } from '../../hook/agent/agent-metrics.ts';
import { type AgentAnswer, MAX_SOCKET_PATH } from '../../hook/agent/agent-protocol.ts';
import { createMemory } from '../../hook/agent/filter-memory.ts';
import { createFitter } from '../../hook/agent/fit-in-child.ts';
import { createGuard } from '../../hook/agent/guard-for-peer.ts';
import { listenOnDescriptor, listenOnPath, systemdSocket } from '../../hook/agent/open-socket.ts';
import { rehearseWorker } from '../../hook/agent/rehearse-worker.ts';
import { type AttachedRecord, createAgent } from '../../hook/agent/serve-agent.ts';
import { startWorker, type Worker } from '../../hook/agent/worker.ts';
import { createPool } from '../../hook/agent/worker-pool.ts';
import { type AttachWorld, attachFilter } from '../../hook/attach-filter.ts';
import { parseLogTarget } from '../../hook/hook-log.ts';
import { loadedFiles, ownFiles, requireTrustedFiles } from '../../hook/own-files.ts';
import { readBundle } from '../../hook/read-bundle.ts';
import { requireUsefulStage } from '../../hook/stages.ts';
import { rehearse } from '../../hook/try-profile.ts';
import { servedOptions } from '../define/hook-options.ts';
import { exitCodeOf } from '../exit-code.ts';
import { renderError } from '../render/render-error.ts';
import { formatRuntimeError } from '../runtime-report.ts';
import { PACKAGE_VERSION } from '../version.ts';
import { parseHookArguments } from './hook-arguments.ts';
import { requireAgentUse, textValue, toAttachOptions } from './hook-choices.ts';

interface AgentOptions {
  readonly socket: string;
  readonly spare: string;
  readonly containers: string;
}

const MAX_SPARE = 64;
/** The most characters of a refusal: the entry for the log has to fit behind it. */
const MAX_TEXT = 8192;
const MAX_CONTAINERS = 4096;

/**
 * Runs an agent. Resolves when it has been told to end.
 *
 * @throws OciSeccompError if it cannot begin
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const spare = parseCount('--spare', options.spare, MAX_SPARE);
  const containers = parseCount('--containers', options.containers, MAX_CONTAINERS);
  const fd = systemdSocket(process.env);
  if (fd === undefined) requireSocketPath(options.socket, MAX_SOCKET_PATH);
  requireRoot();
  const program = process.argv[1] ?? '';
  requireTrustedFiles(ownFiles(program));
  const log = createAgentLog(process.env.JOURNAL_STREAM !== undefined);
  const metrics = createMetrics(PACKAGE_VERSION);
  const memory = createMemory();
  const pool = createPool({
    spare,
    maximum: containers,
    start: () => startReady(program),
    onEnd: (outcome, id) => {
      metrics.countOutcome(outcome);
      if (outcome === 'killed') log('error', 'container', { id, supervisor: 'killed' });
    },
    onFailure: (error) => log('error', 'supervisor-failed', { reason: describe(error) }),
  });
  const fitter = createFitter(() => requireTrustedFiles(ownFiles(program)));
  const { guard, forget } = createGuard(fitter);
  const server = createAgent({
    ...{ pool, memory, metrics, log, attach: attachFor, describeError },
    ...{ guard, fits: fitter.memory, describeRuntimeError },
  });
  // Before anybody can reach it: unhandled, each of these signals would end it.
  process.on('SIGHUP', () => {
    memory.forget();
    fitter.memory.forget();
    forget();
    pool.renew();
    metrics.countReload();
    log('info', 'reloaded');
  });
  const ended = endSignal(log);
  const listening =
    fd === undefined ? await listenOnPath(server, options.socket) : await listenOnDescriptor(server, fd);
  try {
    const start = async (): Promise<void> => {
      await Promise.all([pool.fill(), warmUp()]);
      requireTrustedFiles(loadedFiles());
      log('info', 'started', { socket: listening.name, spare, pid: process.pid, version: PACKAGE_VERSION });
    };
    await Promise.race([start(), ended]);
    await ended;
  } finally {
    listening.remove();
    // Who has connected is still answered.
    await new Promise((resolve) => server.close(resolve));
    pool.close();
  }
}

/** A supervisor that has done its work once. Its files are checked each time: they may have changed since. */
async function startReady(program: string): Promise<Worker> {
  requireTrustedFiles(ownFiles(program));
  const worker = await startWorker('agent');
  try {
    await rehearseWorker(worker);
    return worker;
  } catch (error) {
    await worker.kill();
    throw error;
  }
}

/** Loads and compiles what the first container would wait for. */
async function warmUp(): Promise<void> {
  await rehearse({ name: 'docker-default' }, { runtime: 'runc', backend: 'builtin' });
  // A bundle without a config.json: only its reader is wanted.
  await readBundle('/nonexistent').catch(() => {});
}

/** As `oci-seccomp hook` does it. */
async function attachFor(args: readonly string[], world: AttachWorld): Promise<AttachedRecord> {
  const [name = '', ...rest] = args;
  const { stage, work } = requireUsefulStage(name);
  if (work !== 'attach') {
    throw new OciSeccompError('ERR_USAGE', `the agent does not serve the stage ${stage}`, {
      hint: 'use createRuntime or prestart, or let the hook work without an agent',
    });
  }
  const { values } = await parseHookArguments(rest, servedOptions, `hook ${stage}`);
  requireAgentUse(values);
  const log = parseLogTarget(textValue(values.log));
  const record = await attachFilter(toAttachOptions(values, log), world);
  return { record, isLogged: log.file !== undefined || log.syslog === true };
}

function describeError(error: unknown): AgentAnswer {
  if (error instanceof OciSeccompError) {
    const code = exitCodeOf(error.code);
    return { code: code === 1 || code === 3 ? code : 2, text: renderError(error) };
  }
  return { code: 2, text: `error: a defect of oci-seccomp, please report it: ${describe(error)}\n` };
}

/** As the wrapper in Node tells it: its code is 1, whatever the error. */
function describeRuntimeError(error: unknown, args: readonly string[]): AgentAnswer {
  const { text, entry = '' } = formatRuntimeError(error, args, new Date());
  return { code: 1, text: `${text.slice(0, MAX_TEXT)}\0${entry}` };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function endSignal(log: AgentLog): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log('info', 'stopping', { signal });
        resolve();
      });
    }
  });
}

function requireRoot(): void {
  if (process.geteuid?.() === 0) return;
  throw new OciSeccompError('ERR_KERNEL', 'the agent must run as root: it traces containers of root', {
    hint: 'without root, use a hook without an agent',
  });
}

function parseCount(option: string, text: string, maximum: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= maximum) return value;
  throw new OciSeccompError('ERR_USAGE', `${option} takes a whole number, 1 to ${maximum}; not '${text}'`);
}
