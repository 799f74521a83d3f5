/**
 * The work of `prestart` and `createRuntime` hooks. The supervisor that will install the filter starts while the filter
 * is made. The hook hands the filter over, and returns as soon as the supervisor holds the container's first process. From
 * then on, the process cannot run its program without the filter. The supervisor stays until the program starts.
 * @module
 */
import type { NoNewPrivileges } from '../kernel/inject-calls.ts';
import type { Chosen } from './choice.ts';
import { type ChoiceOptions, chooseForContainer, requireChoice } from './choose-profile.ts';
import { type ContainerState, readState } from './container-state.ts';
import { type HookRecord, reasonOf, tryWriteRecord, writeRecord } from './hook-log.ts';
import { requireNoHandler } from './in-process.ts';
import { type CompileChoices, type FilterMemory, prepareFilter, type ReadyFilter } from './prepare-filter.ts';
import { readBundle } from './read-bundle.ts';
import { RECORDER_NAME, recordingFilter } from './recorded-container.ts';
import { requireKeysOnce } from './state-keys.ts';
import { containerProcessState } from './supervisor/process-state.ts';
import type { Supervisor } from './supervisor/start-supervisor.ts';
import type { LogTarget, SuperviseRequest } from './supervisor/supervisor-protocol.ts';

export interface AttachOptions extends ChoiceOptions, CompileChoices {
  readonly noNewPrivs: NoNewPrivileges;
  /** Whether a filter will do that the kernel does not let us read back. */
  readonly allowUnverified: boolean;
  /** The socket of a recorder: instead of a profile's filter, each container gets one that tells it of every call. */
  readonly recorder?: string | undefined;
  readonly log: LogTarget;
}

/** A supervisor that takes one container. */
type Held = Pick<Supervisor, 'attach' | 'abandon'>;

/** What a hook needs besides its options. */
export interface AttachWorld {
  /** Throws if somebody else can write what this program consists of. */
  readonly requireOwnFiles: () => void;
  /** Reads the state, as the runtime wrote it. */
  readonly readInput: () => Uint8Array;
  readonly startSupervisor: (containerId: string) => Held | Promise<Held>;
  /** Throws if the process is not the container's; returns when it started. */
  readonly requireProcess: (pid: number) => string;
  /** Throws if the process is not going to execute a program. */
  readonly requireExec: (pid: number) => void;
  /** Throws if a path names another file for the runtime than here; absent: it cannot. */
  readonly requireSameFile?: (path: string, what: string) => void;
  /** Milliseconds since the hook was called. */
  readonly elapsed: () => number;
  /** What this process has compiled before; absent: nothing. */
  readonly memory?: FilterMemory;
}

/**
 * Gives the container of a state its filter.
 *
 * @throws OciSeccompError if that is not possible; the container must not start then. The reason is in the log
 */
export async function attachFilter(options: AttachOptions, world: AttachWorld): Promise<HookRecord> {
  const { requireOwnFiles, readInput, startSupervisor, requireProcess, requireExec, elapsed, memory } = world;
  const { log, recorder } = options;
  let known: Pick<
    HookRecord,
    'container' | 'row' | 'profile' | 'sha256' | 'claim' | 'notes' | 'store' | 'memory' | 'unverified'
  > = {};
  let supervisor: Held | undefined;
  const report = (result: HookRecord['result']): HookRecord => {
    const record = { ...known, result, milliseconds: elapsed() };
    writeRecord(log, record);
    return record;
  };
  try {
    if (recorder === undefined) await requireChoice(options);
    requireOwnFiles();
    const input = readInput();
    const state = readState(input);
    const { id, pid, annotations } = state;
    known = { container: id };
    requireKeysOnce(input);
    const startTime = requireProcess(pid);
    const chosen = recorder === undefined ? await choose(options, state) : RECORDING;
    const { source, row } = chosen;
    known = { ...known, row };
    requireSameFiles(world, options, state, chosen);
    if (source === undefined) return report('unfiltered');
    known = { ...known, profile: source.name };
    requireNoHandler(annotations);
    requireExec(pid);
    supervisor = await startSupervisor(id);
    const ready =
      recorder === undefined ? await prepareFilter(source, state, options, memory) : recordingFilter();
    const { program, listener, claim, notes, store, memory: fromMemory } = ready;
    if (listener !== undefined) world.requireSameFile?.(listener.path, 'listenerPath');
    const sha256 = process.getBuiltinModule('node:crypto').createHash('sha256').update(program).digest('hex');
    const unverified = options.allowUnverified ? 'accepted' : undefined;
    known = { ...known, sha256, claim, notes, store, memory: fromMemory, unverified };
    await supervisor.attach(requestFor(ready, state, startTime, options));
    return report('attached');
  } catch (error) {
    await supervisor?.abandon();
    tryWriteRecord(log, { ...known, result: 'refused', milliseconds: elapsed(), reason: reasonOf(error) });
    throw error;
  }
}

function requestFor(
  { program, flags, listener, boundingSet }: ReadyFilter,
  { id, pid, given }: ContainerState,
  startTime: string,
  { noNewPrivs, allowUnverified, recorder, log }: AttachOptions,
): SuperviseRequest {
  return {
    ...{ pid, startTime, program, flags, noNewPrivileges: noNewPrivs, allowUnverified },
    ...(boundingSet === undefined ? {} : { boundingSet }),
    ...(recorder === undefined ? {} : { recorder }),
    ...(listener === undefined
      ? {}
      : { listener: { path: listener.path, message: containerProcessState(given, listener.metadata) } }),
    containerId: id,
    log,
  };
}

const RECORDING: Chosen = { source: { name: RECORDER_NAME }, files: [] };

function choose(options: AttachOptions, { annotations, bundle }: ContainerState): Promise<Chosen> {
  const written = async () => (await readBundle(bundle)).annotations;
  return chooseForContainer(options, { annotations, bundle, written });
}

/** Checks the files that decide about the filter. The log is not one of them: people read it where the agent writes it. */
function requireSameFiles(
  { requireSameFile }: AttachWorld,
  { recorder }: AttachOptions,
  { bundle }: ContainerState,
  { source, files }: Chosen,
): void {
  for (const { path, what } of files) requireSameFile?.(path, what);
  if (source === undefined && files.length === 0) return;
  if (recorder !== undefined) requireSameFile?.(recorder, 'the socket of the recorder');
  else requireSameFile?.(`${bundle}/config.json`, "the bundle's");
  if (source?.bytes !== undefined) requireSameFile?.(source.name, 'the profile');
}
