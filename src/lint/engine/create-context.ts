/**
 * Makes what rules are given, once for each profile.
 * @module
 */
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import { profilePointer } from '../../oci/dialect-rows.ts';
import { severityFor } from '../../oci/problems.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import type { ReadProfileResult } from '../../oci/read-profile-tree.ts';
import { readersOf } from '../../policy/profile-readers.ts';
import type { HostView } from '../ask/host-view.ts';
import { findRedundancies } from '../ask/redundant-names.ts';
import type { LintOptions } from './lint-request.ts';
import { rangeOf } from './locate-pointer.ts';
import { presetRuntimes } from './presets.ts';
import type { LintContext } from './rule-context.ts';

/** Linux 4.19 (2018) to the newest that the table of introductions knows. */
export const DEFAULT_KERNELS = {
  oldest: { kernel: 4, major: 19 },
  newest: NEWEST_KERNEL,
} as const;

/** What all rules are given. */
type SharedContext = Omit<LintContext, keyof OwnContext>;

/** What each rule is given of its own. */
type OwnContext = Pick<LintContext, 'views' | 'runs' | 'report'>;

const NO_PROFILE: Profile = { dialect: 'oci', rules: [] };

export function createContext(
  read: ReadProfileResult,
  file: string,
  views: readonly HostView[],
  options: LintOptions,
): SharedContext {
  const profile = read.profile ?? NO_PROFILE;
  const { hosts, engine, runtimes = presetRuntimes(options.preset) } = options;
  const readers = readersOf(read.dialect ?? 'oci', {
    engine,
    runtimes,
    hosts: hosts?.map(({ arch }) => arch),
  });
  return {
    file,
    dialect: read.dialect ?? 'oci',
    profile,
    document: read.document,
    problems: read.problems.map((problem) => ({ ...problem, severity: severityFor(problem, readers) })),
    namesRuntimes: runtimes !== undefined,
    kernels: options.kernels ?? DEFAULT_KERNELS,
    root: profilePointer(read.dialect ?? 'oci'),
    pointerOf: (rule) => pointerOf(profile, rule),
    rangeOf: (pointer, onKey) => rangeOf(read.document, file, pointer, onKey),
    redundancies: once(() => findRedundancies({ profile, views: inLinux(views) })),
  };
}

/** What one rule is given. Key by key: a copy by spread takes V8 far longer, for each of the rules. */
export function contextOf(shared: SharedContext, { views, runs, report }: OwnContext): LintContext {
  return {
    file: shared.file,
    dialect: shared.dialect,
    profile: shared.profile,
    document: shared.document,
    problems: shared.problems,
    views,
    namesRuntimes: shared.namesRuntimes,
    kernels: shared.kernels,
    root: shared.root,
    pointerOf: shared.pointerOf,
    rangeOf: shared.rangeOf,
    runs,
    redundancies: shared.redundancies,
    report,
  };
}

function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: compute() };
    return result.value;
  };
}

function pointerOf(profile: Profile, rule: number | ProfileRule): string {
  const index = typeof rule === 'number' ? rule : profile.rules.indexOf(rule);
  return profile.rules[index]?.place?.pointer ?? `/syscalls/${index}`;
}

/** The views of runtimes that install a filter in Linux. */
export function inLinux(views: readonly HostView[]): readonly HostView[] {
  return views.filter(({ runtime }) => runtime.traits.sentry === undefined);
}
