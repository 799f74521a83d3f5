/**
 * The work of `prestart` and `createRuntime` hooks: a container's filter is made ready while the helper that installs
 * it starts, and handed over. The helper stays until the container's program starts; the hook returns as soon as the
 * helper holds the container's first process, which from then on cannot run its program without the filter.
 * @module
 */
import { createHash } from 'node:crypto';
import { OciSeccompError } from '../errors.ts';
import { type ChoiceOptions, chooseProfile, requireChoice } from './choose-profile.ts';
import type { HookLog, HookRecord } from './log.ts';
import { type CompileChoices, prepareFilter } from './ready-filter.ts';
import { type ContainerState, readState } from './state.ts';

/** When the container's process may not install a filter without no_new_privs, it is set (`auto`); or in any case; or not. */
export type NoNewPrivs = 'auto' | 'always' | 'never';

export interface AttachOptions extends ChoiceOptions, CompileChoices {
  readonly noNewPrivs: NoNewPrivs;
}

/** What the helper is asked to do. */
export interface AttachRequest {
  readonly pid: number;
  /** `struct sock_filter[]` in this machine's byte order. */
  readonly program: Uint8Array;
  /** `SECCOMP_FILTER_FLAG_*` bits. */
  readonly flags: number;
  readonly noNewPrivs: NoNewPrivs;
  readonly listener:
    | {
        readonly path: string;
        readonly metadata: string | undefined;
        readonly state: ContainerState['given'];
      }
    | undefined;
}

/** A helper that was started, and waits to be told what to do. */
export interface AttachHelper {
  /** Resolves when every thread of the process is held. */
  readonly attach: (request: AttachRequest) => Promise<void>;
  /** Ends the helper, and with it whatever it holds. */
  readonly abandon: () => void;
}

export interface AttachWorld {
  readonly startHelper: (container: string) => Promise<AttachHelper>;
  /** Throws if the process is not the container's. */
  readonly requireProcess: (pid: number) => void;
  readonly log: HookLog | undefined;
  /** Milliseconds since the hook was called. */
  readonly elapsed: () => number;
}

/**
 * Gives the container of a state its filter.
 *
 * @param readInput - reads the state, as the runtime wrote it
 * @throws OciSeccompError if that is not possible; the container must not start then. The reason is in the log
 */
export async function attachFilter(
  readInput: () => Uint8Array,
  options: AttachOptions,
  { startHelper, requireProcess, log, elapsed }: AttachWorld,
): Promise<HookRecord> {
  let known: { container?: string; profile?: string; sha256?: string } = {};
  let helper: Promise<AttachHelper> | undefined;
  try {
    await requireChoice(options);
    const state = readState(readInput());
    known = { container: state.id };
    requireProcess(state.pid);
    const source = chooseProfile(options, state.annotations);
    if (source === undefined) return report(log, { ...known, result: 'unfiltered', milliseconds: elapsed() });
    known = { ...known, profile: source.name };
    helper = startHelper(state.id);
    // Whether it came up is asked when the filter is ready.
    helper.catch(() => undefined);
    const { program, flags, listener } = await prepareFilter(source, state, options);
    known = { ...known, sha256: createHash('sha256').update(program).digest('hex') };
    const target = listener === undefined ? undefined : { ...listener, state: state.given };
    await (await helper).attach({
      pid: state.pid,
      program,
      flags,
      noNewPrivs: options.noNewPrivs,
      listener: target,
    });
    return report(log, { ...known, result: 'attached', milliseconds: elapsed() });
  } catch (error) {
    await helper?.then(({ abandon }) => abandon()).catch(() => undefined);
    recordRefusal(log, { ...known, result: 'refused', milliseconds: elapsed(), reason: reasonOf(error) });
    throw error;
  }
}

function report(log: HookLog | undefined, record: HookRecord): HookRecord {
  log?.(record);
  return record;
}

/** The container does not start in any case; that the log has failed too is not the reason. */
export function recordRefusal(log: HookLog | undefined, record: HookRecord): void {
  try {
    log?.(record);
  } catch {
    // The caller tells the error itself on standard error.
  }
}

/** What happened, for the log. */
export function reasonOf(error: unknown): string {
  if (error instanceof OciSeccompError) return `${error.message} [${error.code}]`;
  return error instanceof Error ? error.message : String(error);
}
