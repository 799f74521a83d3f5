/**
 * What is attached to a container: from a chosen profile or program to the bytes and how to load them.
 * @module
 */
import { filterFlags } from '../abi/flags.ts';
import { OciSeccompError } from '../errors.ts';
import { machineArch } from '../kernel/this-machine.ts';
import type { BuildChoices, ProfileSource } from './container-filter.ts';
import type { ContainerState } from './container-state.ts';
import { requireNoHandler } from './in-process.ts';
import { PROFILE_ANNOTATION } from './profile-annotation.ts';
import {
  canNotify,
  isProgram,
  readProgramFile,
  requireNoListener,
  requireNoObserving,
  requireNoStrictness,
} from './program-file.ts';
import { readBundle } from './read-bundle.ts';
import type { FilterStore, StoreChoice } from './store/filter-store.ts';

export interface CompileChoices extends BuildChoices {
  /** Whose reading of a profile counts: `runc`, `runc@1.1`, `crun`, `youki`, `plain`. */
  readonly runtime: string;
  /** Where compiled programs are kept; absent: nowhere. */
  readonly store?: StoreChoice | undefined;
}

/** Where the file descriptor goes that notifications are read from. */
interface ListenerTarget {
  /** The path of a listening UNIX socket. */
  readonly path: string;
  /** Handed on as it is. */
  readonly metadata: string | undefined;
}

export interface ReadyFilter {
  /** `struct sock_filter[]` in this machine's byte order. */
  readonly program: Uint8Array;
  /** `SECCOMP_FILTER_FLAG_*` bits. */
  readonly flags: number;
  /** Set if the program asks a listener. */
  readonly listener: ListenerTarget | undefined;
  /** The capabilities that the profile was resolved for; `undefined`: they do not matter, or are not given. */
  readonly boundingSet: readonly string[] | undefined;
  /** What is proven of the program, in one line; of one that was compiled before nothing is. */
  readonly claim: string | undefined;
  /** For a trial, what else is to be known, in one line. */
  readonly notes?: string | undefined;
  /** What a store was good for, in one line. */
  readonly store?: string | undefined;
  /** Set if this process had compiled it before. */
  readonly memory?: 'used' | undefined;
}

/** Keeps filters for as long as this process lives. */
export interface FilterMemory {
  /**
   * @param key - of everything that the filter depends on, and its claim
   * @param build - makes the filter if none is remembered under this key
   */
  readonly recall: (key: string, build: () => Promise<ReadyFilter>) => Promise<ReadyFilter>;
}

/**
 * Makes a container's filter ready: a program is checked; a profile is resolved for the container's capabilities and
 * this machine, compiled, and the result proven.
 *
 * @throws OciSeccompError `ERR_HOOK`, `ERR_BPF_INVALID`, and for profiles as `compileForContainer`
 */
export async function prepareFilter(
  source: ProfileSource,
  state: Pick<ContainerState, 'bundle' | 'annotations'>,
  choices: CompileChoices,
  memory?: FilterMemory,
): Promise<ReadyFilter> {
  const { name, bytes } = source;
  if (bytes === undefined || !isProgram(bytes)) return fromProfile(source, state, choices, memory);
  requireNoStrictness(choices.strict, name);
  requireNoObserving(choices.observe, name);
  const program = await readProgramFile(bytes, name, machineArch());
  requireNoListener(program, name);
  // What flags the program is meant to be loaded with is not written in it.
  return { program, flags: 0, listener: undefined, boundingSet: undefined, claim: undefined };
}

async function fromProfile(
  source: ProfileSource,
  state: Pick<ContainerState, 'bundle' | 'annotations'>,
  choices: CompileChoices,
  memory: FilterMemory | undefined,
): Promise<ReadyFilter> {
  const { capabilities, annotations, hasSeccomp } = await readBundle(state.bundle);
  if (annotations.get(PROFILE_ANNOTATION) !== state.annotations.get(PROFILE_ANNOTATION)) {
    throw new OciSeccompError(
      'ERR_HOOK',
      `state and config.json disagree on the annotation ${PROFILE_ANNOTATION}`,
      {
        hint: `${state.bundle}/config.json was changed after the runtime had read it`,
      },
    );
  }
  requireNoHandler(annotations);
  const build = (): Promise<ReadyFilter> => compileFilter(source, capabilities, choices);
  const ready = await (memory === undefined
    ? build()
    : memory.recall(memoryKey(source, capabilities, choices), build));
  if (choices.observe !== true) return ready;
  // Asked at each start, and not kept: they do not depend on the filter alone.
  const notes = (await import('./observing.ts')).notesOnTrial(hasSeccomp);
  return notes.length === 0 ? ready : { ...ready, notes: notes.join('; ') };
}

/** The kernel and the architecture are this machine's, and stay so while a process lives. */
function memoryKey(
  { name, bytes }: ProfileSource,
  capabilities: readonly string[] | undefined,
  { runtime, engine, backend, library, release, strict, observe, store }: CompileChoices,
): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  const content = bytes === undefined ? null : hash.update(bytes).digest('hex');
  // A list keeps each value at its place: what is not given is null.
  return JSON.stringify([
    name,
    content,
    capabilities,
    runtime,
    engine,
    backend,
    library,
    release,
    strict,
    observe === true,
    store?.path,
    store?.version,
  ]);
}

async function compileFilter(
  source: ProfileSource,
  capabilities: readonly string[] | undefined,
  { runtime, engine, backend, library, release, strict, observe, store: choice }: CompileChoices,
): Promise<ReadyFilter> {
  // Loaded here: a program compiled before needs none of it.
  const [{ compileForContainer }, { formatClaim, formatObserved }, { parseRuntime }] = await Promise.all([
    import('./container-filter.ts'),
    import('../compile/claim-text.ts'),
    import('../policy/runtimes.ts'),
  ]);
  const store = await openChosen(choice);
  const { seccomp, policy, program, bytes, claim, observed } = await compileForContainer(source, {
    runtime: parseRuntime(runtime),
    capabilities,
    engine,
    backend,
    library,
    release,
    strict,
    observe,
    store,
  });
  const notifies = canNotify(program);
  if (notifies && seccomp.listenerPath === undefined) {
    throw new OciSeccompError('ERR_HOOK', `${source.name} has SCMP_ACT_NOTIFY and no listenerPath`, {
      hint: 'name the UNIX socket of the agent that answers: "listenerPath": "/run/agent.sock"',
    });
  }
  // TSYNC is left out, as runc does: at its exec a process has one thread.
  const flags = policy.flags.filter((flag) => flag !== 'SECCOMP_FILTER_FLAG_TSYNC');
  const path = notifies ? seccomp.listenerPath : undefined;
  return {
    program: bytes,
    flags: flags.reduce((bits, flag) => bits | filterFlags[flag].bit, 0),
    listener: path === undefined ? undefined : { path, metadata: seccomp.listenerMetadata },
    boundingSet: capabilities,
    claim: observed === undefined ? formatClaim(claim) : formatObserved(claim, observed),
    store: store?.describe(),
  };
}

/** Opens a store, if one is chosen. @throws OciSeccompError `ERR_STORE` */
export async function openChosen(choice: StoreChoice | undefined): Promise<FilterStore | undefined> {
  // Loaded here: most hooks have none.
  return choice === undefined ? undefined : (await import('./store/filter-store.ts')).openStore(choice);
}
