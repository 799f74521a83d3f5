/**
 * The walk of `allow` and `deny`: edits of a text to try, each proven before one is taken.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { capabilitySets } from '../../abi/capabilities.ts';
import { exactValue } from '../../abi/flag-sets.ts';
import { FILTERS_SINCE, NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import { formatKernel, isOlderKernel } from '../../abi/kernel-version.ts';
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { multiplexedCall } from '../../abi/syscall-numbers.ts';
import { type ContradictedCall, refusedCalls } from '../../compose/contradicted-rules.ts';
import type { EditedCall } from '../../compose/edited-call.ts';
import { policiesOn } from '../../compose/policies-on-host.ts';
import {
  type CallEditProof,
  type CallVerb,
  callStates,
  hostsOfProfile,
  proveCallEdit,
} from '../../compose/prove-call-edit.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Host } from '../../oci/host.ts';
import type { Problem } from '../../oci/problems.ts';
import type { Place, Profile, ProfileRule } from '../../oci/profile.ts';
import { parseMinKernel } from '../../oci/resolve/min-kernel.ts';
import { brokenWithout, withoutFallback } from '../ask/broken-without.ts';
import { type CallDanger, type Companion, dangersOf } from '../ask/call-company.ts';
import { parameterAt } from '../ask/call-parameters.ts';
import { editCandidates, OPENING } from './call-edit-candidates.ts';
import type { ProfileText, TextEdit } from './call-edits.ts';
import { bypassedArguments, companionsOf, companionsWithCapabilities } from './calls-left-open.ts';
import { requireListed } from './listed-architecture.ts';
import { type OtherArgument, otherArguments } from './other-arguments.ts';

/** A capability of the container that opens the call without an edit, and the rule that says so. */
export interface Opener {
  /** `CAP_SYS_NICE`. */
  readonly capability: string;
  /** From 0, in the order of the profile's rules. */
  readonly rule: number;
  /** Where the rule stands, if a text is known. */
  readonly place: Place | undefined;
}

/** The kernel from which on the call gets through without an edit, and the rule that says so. */
export interface OpenKernel extends Omit<Opener, 'capability'> {
  /** `4.8`. */
  readonly kernel: string;
}

/** What became of a profile's text, and all there is to say of it. */
export interface CallEdit {
  /** What was asked for. */
  readonly verb: CallVerb;
  /** Whose names and parameters of arguments count. */
  readonly arch: ArchName;
  /** The call that was asked about. */
  readonly call: EditedCall;
  /** The text as it was. */
  readonly before: string;
  /** The text with the edit; the same as `before` if there was nothing to change. */
  readonly after: string;
  /** What is proven, and what else changes. */
  readonly proof: CallEditProof;
  /** Why the call is dangerous; of `deny` none. */
  readonly dangers: readonly CallDanger[];
  /** Capabilities that would do in place of an edit; of `deny` none. */
  readonly openers: readonly Opener[];
  /** With the capabilities that Docker gives; absent if no kernel makes the difference, and of `deny`. */
  readonly openFrom?: OpenKernel | undefined;
  /** For `allow`, calls that programs make in its place and that do not get through. For `deny`, calls that still do the same. */
  readonly companions: readonly Companion[];
  /**
   * Of `deny`: arguments, from 0, of which the kernel reads fewer bits than a filter. With one of the other bits set the same
   * call still gets through.
   */
  readonly bypassed: readonly number[];
  /** Arguments that mean something else on other architectures of the profile. */
  readonly elsewhere: readonly OtherArgument[];
  /** Calls for which libseccomp refuses the profile (EEXIST), before the edit and after it. */
  readonly refusedCalls: readonly ContradictedCall[];
  /** Of `deny`, for an edit about all arguments: what breaks without the call, each a main clause. */
  readonly breaks: readonly string[];
}

/** What {@link editForCall} needs. */
interface CallEditWork {
  readonly before: ProfileText;
  /** Reads an edited text as the one before was read. */
  readonly read: (text: string) => Promise<ProfileText>;
  readonly call: EditedCall;
  readonly verb: CallVerb;
  /** Names of arguments are of this architecture. */
  readonly arch: ArchName;
}

/**
 * Finds the smallest edit that is proven.
 *
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` if none is; as {@link proveCallEdit}
 */
export async function editForCall(work: CallEditWork): Promise<CallEdit> {
  const { before, call, verb, arch } = work;
  const { profile } = before;
  const hosts = hostsOfProfile(profile);
  if (verb === 'allow') requireListed(profile, before.document.name, arch, hosts);
  const prove: Prove = (after, runtimes) => proveCallEdit(profile, after, call, verb, hosts, runtimes);
  const now = prove(profile);
  const reasons: Reasons = { texts: new Set(), contradicted: new Set() };
  const found = now.isMet
    ? { after: before, proof: now }
    : ((await asKernelReads(work, hosts)) ??
      (await smallest(work, prove, reasons)) ??
      (await withoutYouki(work, hosts, reasons)));
  if (found === undefined) throw inexpressible(work, reasons);
  const host: Host = { arch, kernel: NEWEST_KERNEL, capabilities: capabilitySets.docker };
  const isOpened = verb === 'allow' && !now.isMet;
  const isWhole = call.args.every((value) => value === undefined);
  return {
    verb,
    arch,
    call,
    before: before.document.text,
    after: found.after.document.text,
    proof: found.proof,
    dangers: isOpened ? dangersOf(call.syscall, call.args, arch) : [],
    ...(isOpened ? openWithout(profile, call, host) : { openers: [] }),
    companions: [
      ...companionsOf(found.after.profile, call, verb, host),
      ...companionsWithCapabilities(found.after.profile, work, hosts),
    ],
    bypassed: verb === 'deny' ? bypassedArguments(found, call, host) : [],
    elsewhere: otherArguments(found.after.profile, call, arch, hosts),
    refusedCalls: refusedOn(found.after.profile, hosts),
    breaks:
      verb === 'deny' && !now.isMet && isWhole
        ? [
            ...brokenWithout(call.syscall),
            ...withoutFallback(call.syscall, callStates(found.after.profile, host), arch),
          ]
        : [],
  };
}

/**
 * Denies what the kernel takes for the same call: a rule of its own can compare just the bits that the kernel reads. youki,
 * which swaps mask and value, must deny the call too; it may deny more of it.
 */
async function asKernelReads(work: CallEditWork, hosts: readonly Host[]): Promise<Proven | undefined> {
  const { call, verb, arch } = work;
  const masks = verb === 'deny' ? readBits(call, arch) : undefined;
  if (masks === undefined) return undefined;
  const wide = { ...work, call: { ...call, masks } };
  const found = await withoutYouki(wide, hosts, { texts: new Set(), contradicted: new Set() });
  return found?.proof.stricter === undefined ? undefined : found;
}

/** As {@link smallest}, for runc and crun; it says if youki denies the call too, and more of it. */
async function withoutYouki(
  work: CallEditWork,
  hosts: readonly Host[],
  reasons: Reasons,
): Promise<Proven | undefined> {
  const { before, call, verb } = work;
  const prove: Prove = (after, runtimes) => proveCallEdit(before.profile, after, call, verb, hosts, runtimes);
  const found = await smallest(work, (after) => prove(after, specRuntimes), reasons);
  if (found === undefined) return undefined;
  const { isMet, others } = prove(found.after.profile, ['youki']);
  const isStricter = others.every(({ isOwn, kind }) => isOwn && kind === 'stricter');
  if (verb !== 'deny' || !isMet || !isStricter) return found;
  return { ...found, proof: { ...found.proof, stricter: ['youki'] } };
}

/** The bits of the given arguments that the kernel reads, where that is not all of some; `undefined`: it reads all. */
function readBits({ syscall, args }: EditedCall, arch: ArchName): EditedCall['masks'] {
  const masks = args.map(exactValue).map((value, index) => {
    const parameter = parameterAt(syscall, index, arch);
    if (value === undefined || parameter === undefined || parameter.pointer) return undefined;
    const { width } = parameter;
    return width === 64 || value >> BigInt(width) !== 0n ? undefined : (1n << BigInt(width)) - 1n;
  });
  return masks.some((mask) => mask !== undefined) ? masks : undefined;
}

type Prove = (after: Profile, runtimes?: readonly string[]) => CallEditProof;

/** Those that read masked comparisons as the specification has them. youki swaps mask and value. */
const specRuntimes = ['runc', 'crun'];

interface Proven {
  readonly after: ProfileText;
  readonly proof: CallEditProof;
}

/** Why edits are not taken. */
interface Reasons {
  readonly texts: Set<string>;
  /** Where rules would contradict each other. */
  readonly contradicted: Set<ArchName>;
}

/** @param reasons - why edits are not possible is added here */
async function smallest(
  { before, read, call, verb }: CallEditWork,
  prove: Prove,
  reasons: Reasons,
): Promise<Proven | undefined> {
  const archs = [...new Set(hostsOfProfile(before.profile).map(({ arch }) => arch))];
  let second: Proven | undefined;
  for (const edits of editCandidates(before.profile, call, verb, archs)) {
    const after = await applied(before, edits, read, reasons);
    if (after === undefined) continue;
    const proof = tryProof(prove, after.profile);
    for (const reason of proof === undefined ? [] : shortfalls(proof, verb)) reasons.texts.add(reason);
    if (proof?.unmet?.contradiction !== undefined) reasons.contradicted.add(proof.unmet.arch);
    if (proof?.isMet !== true) continue;
    if (proof.others.length === 0) return { after, proof };
    // A multiplexer shows no arguments: what goes through it is opened or closed as a whole.
    if (proof.others.every(({ isOwn, isFar }) => isOwn && isFar !== true)) second ??= { after, proof };
  }
  return second;
}

/** Why an edit is not taken. */
function shortfalls({ unmet, others }: CallEditProof, verb: CallVerb): readonly string[] {
  const what = verb === 'allow' ? 'still not get through' : 'still get through';
  const beside = others.find(({ isOwn, isFar }) => !isOwn || isFar === true);
  return [
    ...(unmet === undefined
      ? []
      : [
          unmet.contradiction === undefined
            ? `after an edit it would ${what} on ${unmet.arch} with ${unmet.runtime}, or rules would contradict each other`
            : `after an edit rules would contradict each other: on ${unmet.arch} ${unmet.contradiction}`,
        ]),
    ...(beside === undefined
      ? []
      : [
          `an edit would also change ${beside.calls.slice(0, 3).join(', ')}${beside.isFar === true ? ' with other arguments' : ''} on ${beside.arch ?? 'other architectures'}`,
        ]),
  ];
}

/** So many reasons are told. */
const MAX_REASONS = 3;

function inexpressible(
  { before, call: { syscall, args }, verb }: CallEditWork,
  { texts, contradicted }: Reasons,
): OciSeccompError {
  const { name } = before.document;
  const reasons = [...texts].slice(0, MAX_REASONS).join('; ');
  // What a multiplexer carries shows no arguments there: an edit for all of them can be possible.
  const carrier = [...contradicted].find((arch) => multiplexedCall(syscall, arch) !== undefined);
  const hint =
    carrier === undefined || args.every((value) => value === undefined)
      ? `${shellCommand(['oci-seccomp', 'explain', fileWord(name), syscall])} shows the rules that decide it`
      : `${verb} ${syscall} without arguments, or take ${architectures[carrier].ociArch} out of the architectures: programs of it are then killed`;
  return new OciSeccompError(
    'ERR_INEXPRESSIBLE',
    `no small edit of ${name} is proven to ${verb} ${syscall} and nothing else${reasons === '' ? '' : `: ${reasons}`}`,
    { hint },
  );
}

/** A runtime that refuses the edited profile, and not the one before, refuses the edit. */
function tryProof(prove: Prove, after: Profile): CallEditProof | undefined {
  try {
    return prove(after);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code.startsWith('ERR_PROFILE_')) return undefined;
    throw error;
  }
}

async function applied(
  before: ProfileText,
  edits: readonly TextEdit[],
  read: CallEditWork['read'],
  reasons: Reasons,
): Promise<ProfileText | undefined> {
  let version = before;
  try {
    for (const edit of edits) {
      const text = edit(version);
      if (text === undefined) return undefined;
      version = await read(text);
    }
    return version;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    // What cannot be read any more is no edit.
    reasons.texts.add(
      error.code === 'ERR_INEXPRESSIBLE'
        ? error.message
        : `an edit could not be read: ${firstProblem(error)}`,
    );
    return undefined;
  }
}

/** The error of a text only says that it is no profile; the first of its problems says why. */
function firstProblem({ message, details }: OciSeccompError): string {
  const { problems } = details as { readonly problems?: readonly Problem[] };
  return problems?.[0]?.message ?? message;
}

function refusedOn(profile: Profile, hosts: readonly Host[]): readonly ContradictedCall[] {
  const machines = new Map<string, ArchName[]>();
  for (const host of hosts) {
    for (const name of refusedCalls(policiesOn(profile, host)('runc'))) {
      machines.set(name, [...new Set([...(machines.get(name) ?? []), host.arch])]);
    }
  }
  return [...machines].map(([name, archs]) => ({ name, metOn: archs, refusedOn: archs }));
}

interface NamingRule {
  readonly rule: ProfileRule;
  readonly index: number;
}

/** What lets the call through as the profile stands: a newer kernel, or capabilities on those before it. */
function openWithout(profile: Profile, call: EditedCall, host: Host): Pick<CallEdit, 'openers' | 'openFrom'> {
  const naming = profile.rules.flatMap((rule, index) =>
    (rule.names.includes(call.syscall) || rule.name === call.syscall) && OPENING.has(rule.action)
      ? [{ rule, index }]
      : [],
  );
  const isOpenOn = (on: Host): boolean => proveCallEdit(profile, profile, call, 'allow', [on]).isMet;
  if (!isOpenOn(host)) return { openers: openersOf(naming, host, isOpenOn) };
  // With every kernel it is open on this machine, and the edit is for others.
  const oldest: Host = { ...host, kernel: FILTERS_SINCE };
  if (isOpenOn(oldest)) return { openers: [] };
  const kernels = naming.flatMap(({ rule, index }) => {
    const kernel = parseMinKernel(rule.includes?.minKernel ?? '');
    return kernel !== undefined && isOpenOn({ ...host, kernel })
      ? [{ kernel, index, place: rule.place }]
      : [];
  });
  const [first] = kernels.toSorted((a, b) => (isOlderKernel(a.kernel, b.kernel) ? -1 : 1));
  return {
    openers: openersOf(naming, oldest, isOpenOn),
    ...(first === undefined
      ? {}
      : { openFrom: { kernel: formatKernel(first.kernel), rule: first.index, place: first.place } }),
  };
}

/** Capabilities with which the call gets through. */
function openersOf(
  naming: readonly NamingRule[],
  host: Host,
  isOpenOn: (host: Host) => boolean,
): readonly Opener[] {
  const openers = new Map<string, Opener>();
  const { capabilities = [] } = host;
  for (const { rule, index } of naming) {
    for (const capability of rule.includes?.caps ?? []) {
      if (capabilities.includes(capability) || openers.has(capability)) continue;
      const held = { ...host, capabilities: [...capabilities, capability] };
      if (!isOpenOn(held)) continue;
      openers.set(capability, { capability, rule: index, place: rule.place });
    }
  }
  return [...openers.values()];
}
