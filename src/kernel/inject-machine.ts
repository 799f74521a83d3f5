/**
 * How a filter gets into a process at its next execve(2), as data: in each state, what is done on each event, and the
 * state after it. inject.ts carries it out; nothing here knows of a process.
 *
 *   waiting ──exec──▶ leaving ──return──▶ planning ──call──▶ entering ──entry──▶ returning ──return──▶ planning
 *      │                                     └──installed──▶ done
 *      └──ended──▶ gone                      everything that is not expected ──▶ failed
 *
 * Each state but `waiting` has a time limit. `failed` means that the process has been killed: it never continues
 * without its filter.
 *
 * Another process may write the memory of this one, so its next actions are never trusted: it makes the call
 * that was planned, or none.
 * @module
 */

export const injectionStates = [
  /** The process runs until it becomes another program. */
  'waiting',
  /** It is the new program and has not run any of it: execve(2) has yet to return. */
  'leaving',
  /** It is stopped where execve(2), or a call made for us, has returned; the next call is chosen. */
  'planning',
  /** On its way into a call made for us. */
  'entering',
  /** In that call. */
  'returning',
  /** It has its filter and is let go. */
  'done',
  /** It ended before it became another program: there is nothing to filter. */
  'gone',
  /** It was killed. */
  'failed',
] as const;

export type InjectionState = (typeof injectionStates)[number];
/** No event takes a machine out of these. */
type FinalState = 'done' | 'gone' | 'failed';
export type ActiveState = Exclude<InjectionState, FinalState>;

export const injectionEvents = [
  /** It has become another program (PTRACE_EVENT_EXEC). */
  'exec',
  /** It enters the call that was planned, with all its arguments, from the planned instruction. */
  'entry',
  /** It leaves a call. */
  'return',
  /** It enters any other call. */
  'otherCall',
  /** A signal is about to be delivered to it. */
  'signal',
  /** The same while all signals are held back but SIGSTOP: it has run something that faults. */
  'fault',
  /** It stops because a signal told it to, or is told to stop while it is stopped. */
  'groupStop',
  /** A thread stops for the first time, or is woken by SIGCONT. */
  'interruption',
  /** It has started a thread or a process. */
  'birth',
  /** It stops for anything else. */
  'otherStop',
  /** One of its threads has ended, and the process continues. */
  'threadEnded',
  /** The process has ended. */
  'ended',
  /** The time limit is over. */
  'timeout',
  /** Something that an action did has failed. */
  'error',
  /** From `planning`: there is a call to make. */
  'call',
  /** From `planning`: the filter is there, checked, and all is as it was before. */
  'installed',
] as const;

export type InjectionEvent = (typeof injectionEvents)[number];

export type InjectionAction =
  /** Lets it run. */
  | 'resume'
  /** Lets it run and delivers the signal. */
  | 'deliver'
  /** Leaves it stopped, as its signal wants, until it is woken. */
  | 'listen'
  /** Holds signals back and lets it run to where execve(2) returns. */
  | 'hold'
  /** Saves what calls will change. */
  | 'prepare'
  /** Sets the registers for a call and lets it run to the call. */
  | 'enter'
  /** Lets it run through the call, or to it once more. */
  | 'proceed'
  /** Keeps the signal for later and lets it run as `proceed` does. */
  | 'keep'
  /** Takes what the call returned. */
  | 'collect'
  /** Lets it go for good. */
  | 'release'
  /** A call that it has entered is not made. */
  | 'kill'
  | 'nothing';

export interface InjectionStep {
  readonly action: InjectionAction;
  readonly next: InjectionState;
}

const step = (action: InjectionAction, next: InjectionState): InjectionStep => ({ action, next });

const kill = step('kill', 'failed');

/** On the way: what may come between is let pass, and everything else ends it. */
const between = (here: ActiveState): Readonly<Record<InjectionEvent, InjectionStep>> => ({
  exec: kill,
  entry: kill,
  return: kill,
  otherCall: kill,
  signal: step('keep', here),
  fault: kill,
  // The kernel stops it again when it is let go.
  groupStop: step('proceed', here),
  interruption: step('proceed', here),
  birth: kill,
  otherStop: kill,
  threadEnded: step('nothing', here),
  ended: kill,
  timeout: kill,
  error: kill,
  call: kill,
  installed: kill,
});

export const injectionMachine: Readonly<
  Record<ActiveState, Readonly<Record<InjectionEvent, InjectionStep>>>
> = {
  waiting: {
    exec: step('hold', 'leaving'),
    entry: kill,
    return: kill,
    otherCall: kill,
    signal: step('deliver', 'waiting'),
    fault: kill,
    groupStop: step('listen', 'waiting'),
    interruption: step('resume', 'waiting'),
    birth: step('resume', 'waiting'),
    otherStop: step('resume', 'waiting'),
    threadEnded: step('nothing', 'waiting'),
    ended: step('nothing', 'gone'),
    timeout: kill,
    error: kill,
    call: kill,
    installed: kill,
  },
  leaving: { ...between('leaving'), return: step('prepare', 'planning') },
  planning: {
    ...between('planning'),
    // It is stopped: only its end is possible, and the next planned event.
    signal: kill,
    groupStop: kill,
    interruption: kill,
    call: step('enter', 'entering'),
    installed: step('release', 'done'),
  },
  entering: { ...between('entering'), entry: step('proceed', 'returning') },
  returning: { ...between('returning'), return: step('collect', 'planning') },
};

export function isFinal(state: InjectionState): state is FinalState {
  return state === 'done' || state === 'gone' || state === 'failed';
}
