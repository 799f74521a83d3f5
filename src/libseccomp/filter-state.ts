/**
 * What a filter context does not tell, so that `Filter` keeps it itself.
 * @module
 */
import type { Action } from './action.ts';
import type { Library } from './library.ts';
import type { Notifies } from './load-filter.ts';

/** The native side of a filter. A registry keeps it alive, and it must not keep the filter alive with it. */
export interface FilterState {
  readonly library: Library;
  /** `undefined` once freed, or once another filter has taken it over. */
  context: bigint | undefined;
  /** Whether a rule or the default action is NOTIFY. */
  notifies: Notifies;
  /** Open transactions. */
  depth: number;
  /** Whether a rule was taken since the start or the last reset. */
  ruled: boolean;
  /** Architectures removed since the last rule, less those added. */
  removed: number;
  /**
   * How libseccomp's copy of the filter differs from it. A rule that fails brings the copy back (docs/libseccomp-defects.md). A
   * rule that is taken adds to the copy what it lacks, but does not remove from it.
   */
  stale: 'not' | 'lacks architectures' | 'has removed ones';
}

/** The part of it that a reset sets. */
export const freshState = (
  defaultAction: Action,
): Pick<FilterState, 'notifies' | 'depth' | 'ruled' | 'removed' | 'stale'> => ({
  notifies: defaultAction.kind === 'notify' ? 'in a rule' : 'nowhere',
  depth: 0,
  ruled: false,
  removed: 0,
  stale: 'not',
});

/** Notes that architectures were added, by themselves or with another filter. */
export function noteAdded(state: FilterState): void {
  if (state.ruled && state.stale === 'not') state.stale = 'lacks architectures';
}

/** Notes that an architecture was removed. */
export function noteRemoved(state: FilterState): void {
  if (!state.ruled) return;
  state.removed += 1;
  state.stale = 'has removed ones';
}

/** Notes that a rule was taken. */
export function noteRule(state: FilterState, action: Action): void {
  state.ruled = true;
  state.removed = 0;
  if (state.stale === 'lacks architectures') state.stale = 'not';
  if (action.kind === 'notify') state.notifies = 'in a rule';
}

/** Frees the native memory; a second call does nothing. */
export function freeState(state: FilterState): void {
  if (state.context === undefined) return;
  state.library.call('seccomp_release')(state.context);
  state.context = undefined;
}
