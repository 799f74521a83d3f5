/**
 * What gVisor's runsc does with a profile, among the problems of its text.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { rangeOf } from '../../lint/engine/locate-pointer.ts';
import type { Document } from '../../oci/document.ts';
import type { Profile } from '../../oci/profile.ts';
import { readByRunsc } from '../../policy/read-by-runsc.ts';
import { RUNSC } from '../../policy/runtimes.ts';
import type { ShownProblem } from '../render/render-problems.ts';

interface Judged {
  readonly profile: Profile | undefined;
  readonly document: Document | undefined;
  readonly problems: readonly ShownProblem[];
}

/** What these say is dropped or skipped, runsc does not drop or skip: it has words of its own for it. */
const untrueOfRunsc: readonly string[] = ['rule-is-default', 'value-outside-mask'];

/** The problems with those of runsc behind them; if nobody else reads the profile, without those that are untrue of it. */
export function withRunsc(
  { profile, document, problems }: Judged,
  file: string,
  hosts: readonly ArchName[] = ['x86_64'],
  who: 'too' | 'only',
): readonly ShownProblem[] {
  const others = who === 'too' ? problems : problems.filter(({ code }) => !untrueOfRunsc.includes(code));
  if (profile === undefined) return others;
  const own = readByRunsc(profile, hosts).map((finding): ShownProblem => {
    const { pointer, line, column } = rangeOf(document, file, finding.pointer);
    const rejectedBy = finding.severity === 'error' ? { rejectedBy: [RUNSC] as const } : {};
    return { ...finding, pointer, file, line, column, ...rejectedBy };
  });
  return [...others, ...own];
}
