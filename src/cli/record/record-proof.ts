/**
 * The proof of a recorded profile: all recorded calls get through, and it allows nothing that another profile denies.
 * @module
 */
import { actions } from '../../abi/actions.ts';
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { ENOSYS } from '../../abi/errno-constants.ts';
import { hostEndian } from '../../abi/host-endian.ts';
import { U32_MAX } from '../../abi/operators.ts';
import { directSyscallNumber } from '../../abi/syscall-numbers.ts';
import { decideProgram } from '../../decision/decide-program.ts';
import { findDifferences, withRelations } from '../../decision/difference.ts';
import { type HalfKnownArgument, isCarriedOut, possibleOutcomes } from '../../decision/outcomes.ts';
import { createSpace, type Node, type Outcome, type Space } from '../../decision/space.ts';
import { machineKernelRelease } from '../../kernel/this-machine.ts';
import { maskOf } from '../../observe/recorded-arguments.ts';
import type { RecordedCall, Recording } from '../../observe/recording.ts';
import { besidesOf } from '../../oci/foreign/host-architectures.ts';
import type { Host } from '../../oci/host.ts';
import type { Dialect } from '../../oci/profile.ts';
import { compileLoaded } from '../../pipeline/compile-profile.ts';
import { type LoadedProfile, loadProfile, loadProfileBytes } from '../../pipeline/load-profile.ts';
import { consumersFor } from '../../policy/profile-readers.ts';
import type { Runtime } from '../../policy/runtimes.ts';
import { hostFromOptions } from '../operands/host-options.ts';

/** A recorded call that the filter does not let through. clone3 is not among them: after ENOSYS, C libraries call clone. */
interface HeldBack {
  readonly call: RecordedCall;
  /** `depends`: the filter lets it through with some arguments, and those of the recorded calls are not known. */
  readonly how: 'denied' | 'depends' | 'replaced';
}

export interface RecordProof {
  readonly hosts: readonly Host[];
  readonly runtimes: readonly Runtime[];
  /** How many recorded calls were looked up, each with its values. */
  readonly asked: number;
  /** Architectures on which nothing was recorded, and how many of the recorded calls exist there: these are looked up. */
  readonly translated: readonly { readonly arch: ArchName; readonly calls: number }[];
  readonly heldBack: readonly HeldBack[];
  /** Whether clone3 was recorded, and gets ENOSYS. */
  readonly replaced: boolean;
  /** Recorded calls that no table here knows: no rule can name them. */
  readonly nameless: readonly RecordedCall[];
  /** For `--within`: how many calls the profile allows and the other does not. */
  readonly within: { readonly name: string; readonly looser: number } | undefined;
}

interface ProofOptions {
  readonly archs: readonly ArchName[];
  readonly runtimes: readonly Runtime[];
  /** A file or a built-in profile. */
  readonly within?: string | undefined;
}

/** Reads a profile for the runtimes. */
export function loadFor(operand: string, runtimes: readonly Runtime[]): Promise<LoadedProfile> {
  return loadProfile(operand, undefined, (dialect) => consumersOf(dialect, runtimes));
}

function consumersOf(dialect: Dialect, runtimes: readonly Runtime[]) {
  return runtimes.flatMap((runtime) => consumersFor(dialect, undefined, runtime));
}

/** Compiles the profile's text as each runtime does on each host, and asks for every recorded call. */
export async function proveRecorded(
  text: string,
  recording: Recording,
  { archs, runtimes, within }: ProofOptions,
): Promise<RecordProof> {
  const input = await loadProfileBytes('the profile', new TextEncoder().encode(text), undefined, (dialect) =>
    consumersOf(dialect, runtimes),
  );
  const other = within === undefined ? undefined : await loadFor(within, runtimes);
  const heldBack = new Map<RecordedCall, HeldBack['how']>();
  const named = recording.calls.filter(({ name }) => name !== undefined);
  const hosts = archs.map((arch) => hostFromOptions({ arch, kernel: machineKernelRelease() }, input.profile));
  let looser = 0;
  for (const host of hosts) {
    for (const runtime of runtimes) {
      const space = createSpace();
      const root = await meaningOn(space, input, host, runtime);
      for (const call of named) {
        const there = onHost(call, host.arch, recording);
        if (there === undefined) continue;
        const how = heldBackBy(space, root, there);
        if (how !== undefined && heldBack.get(call) !== 'denied') heldBack.set(call, how);
      }
      if (other === undefined) continue;
      const differences = findDifferences(space, await meaningOn(space, other, host, runtime), root);
      looser += withRelations(differences, ['looser', 'unknown']).length;
    }
  }
  const found = [...heldBack].map(([call, how]) => ({ call, how }));
  return {
    hosts,
    runtimes,
    asked: named.filter((call) => hosts.some(({ arch }) => onHost(call, arch, recording) !== undefined))
      .length,
    translated: hosts.flatMap(({ arch }) =>
      recordedOn(recording, arch)
        ? []
        : [{ arch, calls: named.filter((call) => onHost(call, arch, recording) !== undefined).length }],
    ),
    heldBack: found.filter(({ how }) => how !== 'replaced'),
    replaced: found.some(({ how }) => how === 'replaced'),
    nameless: recording.calls.filter(({ name }) => name === undefined),
    within: other === undefined ? undefined : { name: other.name, looser },
  };
}

function recordedOn({ runs }: Recording, arch: ArchName): boolean {
  return runs.some((run) => run.arch === arch);
}

/** The call as it is made on a host; `undefined`: the host has no call of its name. */
function onHost(call: RecordedCall, arch: ArchName, recording: Recording): RecordedCall | undefined {
  // A recording of several machines has calls that were made on another one.
  const isOwn = call.arch === arch || besidesOf(arch).includes(call.arch);
  if (isOwn && recordedOn(recording, arch)) return call;
  const nr = call.name === undefined ? undefined : directSyscallNumber(call.name, arch);
  if (nr === undefined) return undefined;
  // clone(2): on s390 the flags are the second argument.
  const swaps = call.name === 'clone' && (arch === 's390' || arch === 's390x');
  return { ...call, arch, nr, arguments: swaps ? call.arguments.map((index) => 1 - index) : call.arguments };
}

async function meaningOn(space: Space, input: LoadedProfile, host: Host, runtime: Runtime): Promise<Node> {
  const { compiled } = await compileLoaded(input, {
    ...{ host, runtime, engine: undefined, backend: 'builtin' },
  });
  const { endian } = architectures[host.arch];
  return decideProgram(space, compiled.program, endian ?? hostEndian());
}

/** @returns `undefined` if it gets through with all its values */
function heldBackBy(space: Space, root: Node, call: RecordedCall): HeldBack['how'] | undefined {
  const { arch, nr } = call;
  const word = architectures[arch].auditArch;
  const rows = call.values.length > 0 && call.unkept === 0 ? call.values : [undefined];
  const answers = rows.map((row) => {
    const args = row === undefined ? [] : knownArguments(call, row.values);
    const outcomes = possibleOutcomes(space, root, { arch: word, nr, args });
    if (outcomes.every(isCarriedOut)) return undefined;
    if (call.name === 'clone3' && outcomes.every(isEnosys)) return 'replaced';
    return outcomes.some(isCarriedOut) ? 'depends' : 'denied';
  });
  return answers.find((each) => each === 'denied') ?? answers.find((each) => each !== undefined);
}

function isEnosys(outcome: Outcome): boolean {
  return outcome.kind === 'word' && outcome.word === (actions.errno.word | ENOSYS) >>> 0;
}

const UNKNOWN: HalfKnownArgument = { high: undefined, low: undefined };

/** Leaves bits open that the kernel does not read. */
function knownArguments({ arguments: indexes, name = '', arch }: RecordedCall, values: readonly bigint[]) {
  const known: HalfKnownArgument[] = new Array(6).fill(UNKNOWN);
  const { bits } = architectures[arch];
  for (const [at, index] of indexes.entries()) {
    const value = values[at] ?? 0n;
    const mask = maskOf(name, index, bits);
    const high = mask > U32_MAX ? Number(value >> 32n) : bits === 32 ? 0 : undefined;
    // For an argument of 16 bits, the upper 16 bits of its low half are open too.
    if (mask >= U32_MAX) known[index] = { high, low: Number(value & U32_MAX) };
  }
  return known;
}
