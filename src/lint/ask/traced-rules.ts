/**
 * Rules that leave calls to a tracer.
 * @module
 */
import { treatmentOf } from '../../abi/carried-out.ts';
import { answeredWords } from './answered-words.ts';
import type { HostView } from './host-view.ts';

/** The rules with SCMP_ACT_TRACE that are in the filter (index into `Profile.rules`), with the names that count. */
export function tracedRules(
  view: HostView,
): readonly { readonly rule: number; readonly names: readonly string[] }[] {
  const found = new Map<number, Set<string>>();
  const traced = new Set([...answeredWords(view)].filter((word) => treatmentOf(word) === 'traced'));
  if (traced.size === 0) return [];
  view.policy.rules.forEach(({ syscall, returnWord }, index) => {
    const rule = view.profileRule(index);
    if (rule === undefined || !traced.has(returnWord)) return;
    found.set(rule, (found.get(rule) ?? new Set()).add(syscall));
  });
  return [...found].map(([rule, names]) => ({ rule, names: [...names] }));
}
