/**
 * What a filter context does not tell, so that `Filter` keeps it itself.
 * @module
 */
import { allArchitectures } from '../abi/architectures.ts';
import { OciSeccompError } from '../errors.ts';
import type { Action } from './action.ts';
import { SCMP_ARCH_NATIVE } from './arch.ts';
import { callOn } from './filter-context.ts';
import type { Library } from './library.ts';
import type { Notifies } from './load-filter.ts';
import { withLostArchs } from './result.ts';

/** The native side of a filter. A registry keeps it alive, and it must not keep the filter alive with it. */
export interface FilterState {
  readonly library: Library;
  /** `undefined` once freed, or once another filter has taken it over. */
  context: bigint | undefined;
  /** Whether a rule or the default action is NOTIFY. */
  notifies: Notifies;
  /** Open transactions. */
  depth: number;
  /** Whether an architecture was removed in one, so that libseccomp does not reject it wholly. */
  removedInTransaction: boolean;
  /** Whether libseccomp may have a copy of the filter: since the first rule or transaction, until a reset. */
  copied: boolean;
  /** Architectures removed since the last rule, less those added. */
  removed: number;
  /**
   * How that copy differs from the filter. A rule that fails and a rejected transaction bring the copy back
   * (docs/libseccomp-defects.md). A rule that is taken adds to the copy what it lacks, but does not remove from it.
   */
  stale: 'not' | 'lacks architectures' | 'lacks merged rules' | 'has removed ones';
  /** Tokens of the architectures that the copy lacks. */
  added: readonly number[];
}

/** The part of it that a reset sets. */
export const freshState = (defaultAction: Action): Omit<FilterState, 'library' | 'context'> => ({
  notifies: defaultAction.kind === 'notify' ? 'in a rule' : 'nowhere',
  depth: 0,
  removedInTransaction: false,
  copied: false,
  removed: 0,
  stale: 'not',
  added: [],
});

/** Notes that an architecture was added. */
export function noteAdded(state: FilterState, token: number): void {
  if (state.removed > 0) state.removed -= 1;
  if (!state.copied) return;
  state.added = [...state.added, token];
  if (state.stale === 'not') state.stale = 'lacks architectures';
}

/** Notes that another filter was merged. */
export function noteMerged(state: FilterState, source: FilterState): void {
  if (source.notifies !== 'nowhere' && state.notifies === 'nowhere') state.notifies = 'in a merged rule';
  if (state.copied && state.stale !== 'has removed ones') state.stale = 'lacks merged rules';
}

/** Notes that an architecture was removed. */
export function noteRemoved(state: FilterState): void {
  if (!state.copied) return;
  state.removed += 1;
  if (state.depth > 0) state.removedInTransaction = true;
  state.stale = 'has removed ones';
}

/**
 * Notes that a transaction was committed. libseccomp's copy of its start may then become the copy for the next rule: it gets what it
 * lacks, and keeps what it has.
 */
export function noteCommit(state: FilterState): void {
  if (state.depth > 0) state.depth -= 1;
  if (state.removedInTransaction) state.stale = 'has removed ones';
}

/** Notes that a rule was taken. */
export function noteRule(state: FilterState, action: Action): void {
  state.copied = true;
  state.removed = 0;
  state.added = [];
  if (state.stale !== 'has removed ones') state.stale = 'not';
  if (action.kind === 'notify') state.notifies = 'in a rule';
}

/**
 * Makes libseccomp's copy anew if it differs, so that a failure from now on undoes nothing else. libseccomp 2.5 has no calls for it.
 *
 * The first start takes the old copy for that of a transaction, and the second copies the filter. The first commit keeps that
 * copy for the next rule, and the second drops the old one (src/db.c, db_col_transaction_start and _commit).
 */
export function renewCopy(state: FilterState): void {
  const { library } = state;
  if (state.stale === 'not' || !hasTransactions(library)) return;
  const context = contextOf(state);
  const [start, commit] = [
    library.call('seccomp_transaction_start'),
    library.call('seccomp_transaction_commit'),
  ];
  // It fails for a filter without architectures, and so does the call that this is for.
  if (start(context) !== 0) return;
  const isCopied = start(context) === 0;
  commit(context);
  if (!isCopied) return;
  commit(context);
  state.stale = 'not';
  state.removed = 0;
  state.added = [];
}

const hasTransactions = (library: Library): boolean =>
  library.find('seccomp_transaction_start') !== undefined;

/**
 * Rejects the innermost transaction.
 *
 * libseccomp does not reject anything if the filter has no architecture left (src/api.c, _ctx_valid), and the filter keeps the byte
 * order of what is taken back (src/db.c, db_col_transaction_abort). It loses its byte order with its last architecture. So all that it
 * has again are removed in one more transaction, and one is added, which sets the order.
 */
export function rejectTransaction(state: FilterState): void {
  const { library } = state;
  const context = contextOf(state);
  const reject = library.call('seccomp_transaction_reject');
  if (!state.removedInTransaction) return void reject(context);
  if (archsOf(library, context).length === 0) callOn(library, context, 'seccomp_arch_add', SCMP_ARCH_NATIVE);
  reject(context);
  const archs = archsOf(library, context);
  callOn(library, context, 'seccomp_transaction_start');
  for (const token of archs) callOn(library, context, 'seccomp_arch_remove', token);
  callOn(library, context, 'seccomp_arch_add', archs[0] ?? SCMP_ARCH_NATIVE);
  reject(context);
}

/** The tokens of a filter's architectures. */
function archsOf(library: Library, context: bigint): readonly number[] {
  const exists = library.call('seccomp_arch_exist');
  return allArchitectures.map(({ scmpArch }) => scmpArch).filter((token) => exists(context, token) === 0);
}

/**
 * Adds again the architectures that a failed rule has undone. Without calls for transactions, this is all that can be done.
 *
 * @returns the error, with a hint if more than these may be lost
 */
export function restoreArchs(state: FilterState, context: bigint, error: unknown): unknown {
  if (state.stale === 'not' || hasTransactions(state.library)) return error;
  if (state.stale !== 'lacks architectures') return withLostArchs(error);
  for (const token of state.added) {
    if (state.library.call('seccomp_arch_exist')(context, token) !== 0)
      callOn(state.library, context, 'seccomp_arch_add', token);
  }
  return error;
}

/** The context. @throws OciSeccompError `ERR_LIBSECCOMP_RELEASED` once the filter has none */
export function contextOf({ context }: FilterState): bigint {
  if (context !== undefined) return context;
  throw new OciSeccompError(
    'ERR_LIBSECCOMP_RELEASED',
    'the filter has been released or merged into another',
    { hint: 'start a new one with new Filter(…)' },
  );
}

/** Frees the native memory; a second call does nothing. */
export function freeState(state: FilterState): void {
  if (state.context === undefined) return;
  state.library.call('seccomp_release')(state.context);
  state.context = undefined;
}
