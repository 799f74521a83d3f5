/**
 * Compares a profile with a recording: which calls it allows and no run made, and the tighter profile without them.
 * @module
 */
import type { RecordedCall, Recording } from '../../observe/recording.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import { isOpen } from './open-actions.ts';

export interface RecordingComparison {
  /** Names that a rule of the profile allows and no run called. */
  readonly unused: readonly string[];
  /** Unused names that are kept, with the reason: a container needs them, or another call replaces them. */
  readonly kept: ReadonlyMap<string, string>;
  /** Names that the profile allows and that were called. */
  readonly used: readonly RecordedCall[];
  /** Names that were called, and no rule of the profile allows. */
  readonly missing: readonly RecordedCall[];
  /** The profile without what is unused and not kept. */
  readonly tighter: Profile;
}

/** @param needed - names that stay, with the reason */
export function compareRecording(
  profile: Profile,
  recording: Recording,
  needed: ReadonlyMap<string, string>,
): RecordingComparison {
  const called = new Map<string, RecordedCall[]>();
  for (const call of recording.calls) {
    if (call.name !== undefined) called.set(call.name, [...(called.get(call.name) ?? []), call]);
  }
  const allowed = new Set(
    profile.rules.filter(({ action }) => isOpen(action)).flatMap((rule) => namesOf(rule)),
  );
  const unused = [...allowed].filter((name) => !called.has(name)).sort();
  const kept = new Map(
    unused.flatMap((name) => {
      const reason = needed.get(name);
      return reason === undefined ? [] : [[name, reason] as const];
    }),
  );
  const dropped = new Set(unused.filter((name) => !kept.has(name)));
  const calls = recording.calls.filter(({ name }) => name !== undefined);
  return {
    unused,
    kept,
    used: calls.filter(({ name = '' }) => allowed.has(name)),
    missing: calls.filter(({ name = '' }) => !allowed.has(name)),
    tighter: {
      ...profile,
      rules: profile.rules.flatMap((rule) => {
        if (!isOpen(rule.action)) return [rule];
        const names = namesOf(rule).filter((name) => !dropped.has(name));
        const { name: _, ...rest } = rule;
        return names.length === 0 ? [] : [{ ...rest, names }];
      }),
    },
  };
}

function namesOf({ names, name }: ProfileRule): readonly string[] {
  return name === undefined || names.length > 0 ? names : [name];
}
