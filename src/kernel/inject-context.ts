/**
 * The state of a process while it gets a filter.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { FilterRequest, filterCalls } from './inject-calls.ts';
import type { ActiveState, InjectionAction, InjectionEvent } from './inject-machine.ts';
import type { Borrowed, InstalledFilter } from './inject-memory.ts';
import type { TraceeReport } from './ptrace.ts';
import type { CallToMake } from './registers.ts';
import type { SyscallEntry } from './syscall-stop.ts';

/** A process whose threads are all traced by the calling thread. */
export interface AttachedProcess {
  readonly pid: number;
  readonly pidfd: number;
  /** How many it had. */
  readonly threads: number;
}

export interface InjectionRequest extends FilterRequest {
  /** For all that happens from execve(2) on, in milliseconds; 10000 unless told. */
  readonly timeoutMs?: number;
  /** Called when the filter is there and checked, before the program runs; if it throws, the process is killed. */
  readonly beforeRelease?: (installed: InstalledFilter) => void;
  /** Whether the process stays traced, for its signals alone: the caller goes on with guardSignals(). */
  readonly isGuarded?: boolean;
  /** Told of each step before it is made. */
  readonly observe?: (state: ActiveState, event: InjectionEvent, action: InjectionAction) => void;
}

export interface Context {
  readonly pid: number;
  readonly pidfd: number;
  readonly request: InjectionRequest;
  readonly arch: ArchName;
  /** The stop that the last event told of. */
  stop: Extract<TraceeReport, { kind: 'stopped' }> | undefined;
  end: Extract<TraceeReport, { kind: 'ended' }> | undefined;
  /** By the clock of performance.now, which never jumps. */
  deadline: number;
  /** Set while it holds signals back. */
  releaseSignals: (() => void) | undefined;
  suspended: boolean;
  /** Signals to send when it is let go; there is only SIGSTOP to keep. */
  kept: number;
  borrowed: Borrowed | undefined;
  plan: ReturnType<typeof filterCalls> | undefined;
  /** The call to make next. */
  call: CallToMake | undefined;
  /** How that call has to show when the process enters it. */
  expected: SyscallEntry | undefined;
  listener: number | undefined;
  installed: InstalledFilter | undefined;
  failure: unknown;
}
