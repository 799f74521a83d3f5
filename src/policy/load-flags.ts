/**
 * The flags that a runtime loads a filter with. A program does not show them, but the kernel can refuse it because of them.
 *
 * What runtimes do was seen with runc 1.1.5, 1.1.15, 1.3.6 and 1.5.1 and with crun 1.8.1, 1.21 and 1.28 on Linux 6.18;
 * youki's part is read from its sources.
 * @module
 */
import { actionByOciAction } from '../abi/actions.ts';
import { conflictOfFlags, type FlagConflict, type InternalFlag, type OciFlag } from '../abi/flags.ts';
import type { KernelVersion } from '../abi/kernel-version.ts';
import type { LinuxSeccomp } from '../oci/linux-seccomp.ts';
import { lacksFlag } from './kernel-limits.ts';
import { refusal } from './refusal.ts';
import { describeRuntime, type Runtime } from './runtimes.ts';

interface LoadFlags {
  readonly flags: readonly OciFlag[];
  /** Flags that the runtime takes and leaves out. */
  readonly ignored: readonly OciFlag[];
  /** Why the runtime loads the filter without any of the profile's flags. */
  readonly dropped: string | undefined;
}

/**
 * Finds the flags that a runtime loads the filter of a profile with.
 *
 * @param kernel - `undefined`: a kernel that knows every flag
 * @throws OciSeccompError `ERR_PROFILE_SEMANTICS` if the runtime would refuse the container
 */
export function loadFlags(
  seccomp: LinuxSeccomp,
  runtime: Runtime,
  kernel: KernelVersion | undefined,
): LoadFlags {
  const { knownFlags, ignoredFlags, specAllowByDefault } = runtime.traits;
  if (seccomp.flags === undefined) {
    const flag = 'SECCOMP_FILTER_FLAG_SPEC_ALLOW';
    // The runtime's own addition: it leaves the flag out if the kernel lacks it.
    const isAdded = specAllowByDefault && (kernel === undefined || lacksFlag(kernel, flag) === undefined);
    return { flags: isAdded ? [flag] : [], ignored: [], dropped: undefined };
  }
  const written = seccomp.flags.map((flag) => {
    const known = knownFlags.find((name) => name === flag);
    if (known !== undefined) return known;
    const hint = knownFlags.length === 0 ? 'it takes no flags at all' : `use one of ${knownFlags.join(', ')}`;
    throw refusal({ runtime }, `does not know the flag '${flag}'`, undefined, hint);
  });
  const ignored = ignoredFlags.filter((flag) => written.includes(flag));
  const flags = written.filter((flag) => !ignored.includes(flag));
  const refused = refusedByKernel(flags, seccomp, runtime, kernel);
  if (refused === undefined) return { flags, ignored, dropped: undefined };
  const { reason, hint, listens } = refused;
  if (!runtime.traits.dropsRefusedFlags || listens) {
    const fails =
      runtime.name === 'plain' ? 'cannot load this filter' : 'cannot start a container with this profile';
    throw refusal({ runtime }, `${fails}: ${reason}`, undefined, hint);
  }
  const dropped = `${reason}: ${describeRuntime(runtime)} loads the filter without any of its flags (${flags.join(', ')})`;
  return { flags: [], ignored, dropped };
}

interface RefusedFlags {
  /** A main clause. */
  readonly reason: string;
  readonly hint: string;
  readonly listens: boolean;
}

function refusedByKernel(
  flags: readonly OciFlag[],
  seccomp: LinuxSeccomp,
  { traits }: Runtime,
  kernel: KernelVersion | undefined,
): RefusedFlags | undefined {
  const listens = traits.listenerFrom === 'path' ? seccomp.listenerPath !== undefined : hasNotify(seccomp);
  const all = new Set<OciFlag | InternalFlag>(flags);
  if (listens) {
    all.add('SECCOMP_FILTER_FLAG_NEW_LISTENER');
    if (traits.addsTsyncEsrch && all.has('SECCOMP_FILTER_FLAG_TSYNC'))
      all.add('SECCOMP_FILTER_FLAG_TSYNC_ESRCH');
  }
  const [lack] = kernel === undefined ? [] : [...all].flatMap((flag) => lacksFlag(kernel, flag) ?? []);
  if (lack !== undefined) return { reason: lack, hint: 'leave the flag out', listens };
  const conflict = conflictOfFlags(all);
  return conflict === undefined ? undefined : { ...conflicts[conflict][traits.listenerFrom], listens };
}

const withoutListener =
  'the kernel takes SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV only with a listener (EINVAL)';
const together = {
  reason:
    'the kernel takes SECCOMP_FILTER_FLAG_TSYNC and a listener only together with SECCOMP_FILTER_FLAG_TSYNC_ESRCH (EINVAL)',
  hint: 'leave SECCOMP_FILTER_FLAG_TSYNC out: a container gets its filter while it has one thread',
};

/** By what makes the runtime ask for a listener. */
const conflicts: Readonly<
  Record<FlagConflict, Readonly<Record<'action' | 'path', { reason: string; hint: string }>>>
> = {
  'killable-without-listener': {
    action: {
      reason: `${withoutListener}, and no rule has SCMP_ACT_NOTIFY`,
      hint: 'leave the flag out',
    },
    path: {
      reason: `${withoutListener}, and the profile has no listenerPath`,
      hint: 'leave the flag out, or set listenerPath',
    },
  },
  'tsync-with-listener': { action: together, path: together },
};

/** Whether an action notifies: runc and youki look at actions alone, even of rules that are skipped later. */
function hasNotify({ defaultAction, syscalls = [] }: LinuxSeccomp): boolean {
  return [defaultAction, ...syscalls.map(({ action }) => action)].some(
    (action) => actionByOciAction(action)?.kind === 'notify',
  );
}
