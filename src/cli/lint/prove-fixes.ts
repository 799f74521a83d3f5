/**
 * The proof of `--fix`: before and after its fixes, a profile means the same. It covers each host that was linted for, all and no
 * capabilities, the oldest and the newest kernel.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import { decidePolicy } from '../../decision/decide-policy.ts';
import { findDifferences } from '../../decision/difference.ts';
import { formatCall } from '../../decision/format-call.ts';
import { createSpace } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { createView, type HostView } from '../../lint/ask/host-view.ts';
import type { Finding } from '../../lint/engine/finding.ts';
import type { LintOptions } from '../../lint/engine/lint-profile.ts';
import { presetRuntimes } from '../../lint/engine/presets.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import { parseRuntime, type Runtime } from '../../policy/runtimes.ts';
import type { Linted } from './lint-files.ts';

/** What of the meaning of a file's profiles is changed. */
interface Change {
  /** The profile; `undefined` if it has no name. */
  readonly name: string | undefined;
  /** In words. */
  readonly difference: string;
}

/** The first profile of a file that means something else after fixes; `undefined` if all mean the same. */
export async function findChange(before: Linted, after: Linted): Promise<Change | undefined> {
  const now = after.parts ?? [after];
  for (const [at, { read, options }] of (before.parts ?? [before]).entries()) {
    const [first, second] = [read.profile, now[at]?.read.profile];
    if (first === undefined || second === undefined) continue;
    const difference = await findDifference(first, second, options);
    if (difference !== undefined) return { name: options.name, difference };
  }
  return undefined;
}

/** The error for a finding whose fix alone changes the meaning. */
export function otherMeaning(
  { rule }: Finding,
  { name = 'the profile', difference }: Change,
): OciSeccompError {
  return new OciSeccompError(
    'ERR_PROOF',
    `the fix of ${rule} would change what ${name} means, and should not: ${difference}; nothing was written`,
    {
      hint: 'this is a defect of oci-seccomp, please report it with the profile',
      details: { rules: [rule] },
    },
  );
}

/** Where two profiles mean something different, in words; `undefined` if they mean the same on all hosts. */
async function findDifference(
  before: Profile,
  after: Profile,
  options: LintOptions,
): Promise<string | undefined> {
  for (const host of hostsOf(options)) {
    for (const runtime of runtimesOf(options)) {
      const view = (profile: Profile) => viewOf(profile, host, runtime, options);
      const change = compareViews(await view(before), await view(after));
      if (change !== undefined) return change;
    }
  }
  return undefined;
}

function runtimesOf({ runtimes, preset }: LintOptions): readonly Runtime[] {
  return (runtimes ?? presetRuntimes(preset) ?? ['runc']).map(parseRuntime);
}

function viewOf(profile: Profile, host: Host, runtime: Runtime, { engine }: LintOptions): Promise<View> {
  return createView({ profile, host, runtime, compilers: [], engine });
}

/** Whether an engine or a runtime refuses a profile of the file: rules then see less of it. */
export async function isRefused(linted: Linted): Promise<boolean> {
  for (const { read, options } of linted.parts ?? [linted]) {
    const { profile } = read;
    if (profile === undefined) return true;
    for (const host of options.hosts ?? []) {
      for (const runtime of runtimesOf(options)) {
        if ((await viewOf(profile, host, runtime, options)) instanceof OciSeccompError) return true;
      }
    }
  }
  return false;
}

type View = HostView | OciSeccompError | undefined;

function compareViews(a: View, b: View): string | undefined {
  const isView = (view: View): view is HostView => view !== undefined && !(view instanceof OciSeccompError);
  if (!isView(a) || !isView(b)) {
    const same = isView(a) === isView(b) && (a === undefined) === (b === undefined);
    return same ? undefined : 'an engine or runtime takes only one of the two';
  }
  const space = createSpace();
  const first = decidePolicy(space, a.policy, a.expanded);
  const second = decidePolicy(space, b.policy, b.expanded);
  if (first === second) return undefined;
  const sighting = findDifferences(space, first, second)[0]?.changes[0]?.sightings[0];
  return sighting === undefined ? undefined : `${formatCall(sighting.call)} is answered otherwise`;
}

function hostsOf({ hosts = [], kernels }: LintOptions): readonly Host[] {
  return hosts.flatMap((host) => {
    const capabilities = [host.capabilities, capabilitySets.all, capabilitySets.none];
    const versions = kernels === undefined ? [host.kernel] : [host.kernel, kernels.oldest, kernels.newest];
    return capabilities.flatMap((held) =>
      versions.map((kernel) => ({ ...host, kernel, capabilities: held })),
    );
  });
}
