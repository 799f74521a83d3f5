/**
 * Calls that do what an edited call does: what a denial leaves open, and what an allowed call may need.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import { exactValue } from '../../abi/flag-sets.ts';
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import type { EditedCall } from '../../compose/edited-call.ts';
import { type CallVerb, callStates, proveCallEdit } from '../../compose/prove-call-edit.ts';
import type { Host } from '../../oci/host.ts';
import type { Profile } from '../../oci/profile.ts';
import { type Companion, doTheSame, triedInstead } from '../ask/call-company.ts';
import { parameterAt } from '../ask/call-parameters.ts';

/** The arguments whose upper bits the kernel ignores, and with one of these set the call still gets through. */
export function bypassedArguments(
  {
    after: { profile },
    proof: { runtimes },
  }: {
    readonly after: { readonly profile: Profile };
    readonly proof: { readonly runtimes: readonly string[] };
  },
  call: EditedCall,
  host: Host,
): readonly number[] {
  const { syscall, args } = call;
  return args.map(exactValue).flatMap((value, index) => {
    const parameter = parameterAt(syscall, index, host.arch);
    if (value === undefined || parameter === undefined || parameter.pointer) return [];
    if (parameter.width === 64 || value >> BigInt(parameter.width) !== 0n) return [];
    // For the kernel the same call.
    const other = args.with(index, value | (1n << 32n));
    const asked = { ...call, args: other };
    return proveCallEdit(profile, profile, asked, 'deny', [host], runtimes).isMet ? [] : [index];
  });
}

/** Of `allow`, what programs call in its place, and does not get through; of `deny`, what does the same, and does. */
export function companionsOf(
  profile: Profile,
  call: EditedCall,
  verb: CallVerb,
  host: Host,
): readonly Companion[] {
  if (verb === 'deny') return leftOpen(profile, call, host);
  const stateOf = callStates(profile, host);
  return triedInstead(call.syscall).filter(({ syscall }) =>
    ['closed', 'partly'].includes(stateOf(syscall) ?? ''),
  );
}

function leftOpen(profile: Profile, call: EditedCall, host: Host): readonly Companion[] {
  const stateOf = callStates(profile, host);
  return doTheSame(call)
    .filter(({ syscall, args }) => ['open', 'partly'].includes(stateOf(syscall, args) ?? ''))
    .map(({ syscall, reason }) => ({ syscall, reason }));
}

/** What a container's capabilities open beside denied flags: denying these does little there. */
export function companionsWithCapabilities(
  profile: Profile,
  { call, verb, arch }: Readonly<{ call: EditedCall; verb: CallVerb; arch: Host['arch'] }>,
  hosts: readonly Host[],
): readonly Companion[] {
  const isFlagged = ['clone', 'unshare'].includes(call.syscall) && call.args.some((arg) => arg !== undefined);
  if (verb !== 'deny' || !isFlagged) return [];
  const openWith = (capabilities: Host['capabilities']): readonly Companion[] =>
    leftOpen(profile, call, { arch, kernel: NEWEST_KERNEL, capabilities });
  const usual = capabilitySets.docker;
  const known = new Set(openWith(usual).map(({ syscall }) => syscall));
  const others = new Set(hosts.flatMap(({ capabilities = [] }) => capabilities));
  return [...others]
    .filter((capability) => !usual.includes(capability))
    .flatMap((capability) =>
      openWith([...usual, capability])
        .filter(({ syscall }) => !known.has(syscall))
        .map(({ syscall, reason }) => ({ syscall, reason: `with ${capability}, ${reason}` })),
    );
}
