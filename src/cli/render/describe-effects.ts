/**
 * What a recording lacks, and what the recorder changed for the program, one line each.
 * @module
 */
import type { RecordedRun } from '../../observe/recording.ts';
import type { WatchedEffects } from '../../observe/watched-calls.ts';

interface RecordedHow {
  readonly method: RecordedRun['method'];
  /** Whether the processes were traced for their signals. */
  readonly guarded: boolean;
  /** Whether the recorder runs under a filter, which the program has inherited. */
  readonly filtered: boolean;
}

export function describeEffects(
  { listener, filter, strict, untraced, ring, trace, powerless }: WatchedEffects,
  { method, guarded, filtered }: RecordedHow,
): readonly string[] {
  const byTrace = method === 'ptrace';
  const deniedCalls = byTrace
    ? 'but was recorded, so the profile allows it'
    : 'and was not recorded; what it leaves to a tracer (TRACE) was carried out, and fails without the recorder';
  const remedy = byTrace ? '' : ': record again with --no-guard';
  const rows: readonly (readonly [isSaid: boolean, text: string])[] = [
    [
      filtered,
      `note: a seccomp filter was in force already, as in most containers: what it denies failed as always, ${deniedCalls}`,
    ],
    [
      ring,
      'warning: the program called io_uring_setup: what is done through a ring makes no system calls, so no recorder and no filter sees it',
    ],
    [
      listener && !byTrace,
      'warning: the program asked for a listener of its own and got EBUSY, because the recorder listens: what it does with one was not recorded',
    ],
    [
      filter && !byTrace,
      'note: the program loaded a filter of its own: what that filter denies was not recorded, and what it leaves to a tracer (TRACE) was carried out',
    ],
    [
      strict && !byTrace,
      'warning: the program asked for the strict mode of seccomp and got EINVAL, because it runs under the filter of the recorder: what it does in strict mode was not recorded',
    ],
    [
      untraced && byTrace,
      'warning: the program started processes with CLONE_UNTRACED: no tracer sees them, and what they called was not recorded',
    ],
    [
      untraced && guarded,
      'note: the program started processes with CLONE_UNTRACED, which have no guard: a signal can make a call of theirs fail that waits for the recorder',
    ],
    [
      trace && (byTrace || guarded),
      `warning: the program asked to trace a recorded process, and could not, because the recorder traces it${remedy}`,
    ],
    [
      powerless.size > 0,
      `warning: ${[...powerless].sort().join(' ')} gained no privileges, because the program ran with no_new_privs: record as root to see what it does with them`,
    ],
  ];
  return rows.flatMap(([isSaid, text]) => (isSaid ? [text] : []));
}
