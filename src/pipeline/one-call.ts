/**
 * One call for each job, for users of oci-seccomp as a library: what the commands do, with plain values.
 *
 * NOTE: the package's root imports this file, and importing the root must cost little. Functions that return a promise import what
 * only they need when they are called; test/import-cost.test.ts counts the rest.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { parseCallArguments } from '../abi/call-arguments.ts';
import { capabilitySets } from '../abi/capabilities.ts';
import { takeText } from '../abi/check-values.ts';
import { suggestSyscall } from '../abi/nearest-name.ts';
import { isBytes } from '../abi/other-realms.ts';
import { precedenceOf } from '../abi/return-word.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { directSyscallNumber, syscallName } from '../abi/syscall-numbers.ts';
import { list, type OptionKinds, plainText, takeOptions } from '../abi/take-options.ts';
import { encodeProgram, type Program } from '../bpf/program.ts';
import { program as shapeOfProgram } from '../bpf/program-shape.ts';
import { readPrograms } from '../bpf/read-program.ts';
import { prepareProgram } from '../bpf/simulate-program.ts';
import type { Proof } from '../compile/prove.ts';
import type { Verification } from '../compile/verify-filter.ts';
import { type Answer, answerCall, type DecidableProgram, decidePrograms } from '../decision/answer-call.ts';
import { type ArchDifference, findDifferences, withRelations } from '../decision/difference.ts';
import { underFlags } from '../decision/flag-condition.ts';
import { createSpace } from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import { machineArch, machineKernelRelease } from '../kernel/this-machine.ts';
import type { Host } from '../oci/host.ts';
import { type Problem, severityFor } from '../oci/problems.ts';
import type { Profile } from '../oci/profile.ts';
import type { LowerStep } from '../policy/lower-profile.ts';
import { runtimeFor } from '../policy/runtimes.ts';
import { kindsOf, takeProfile } from './check-input.ts';
import type { CompiledProfile, LoweredProfile } from './compile-profile.ts';
import type { LoadedProfile } from './load-profile.ts';
import { parseArch, parseCapability, parseKernel } from './parse-host.ts';
import { loadProcess } from './process-source.ts';
import type {
  CompileProfileOptions,
  ProfileInput,
  ProfileReading,
  ValidateProfileOptions,
} from './profile-options.ts';
import { takeCall, takeFilter } from './take-filter.ts';

/** What can be asked about calls: results of `compileProfile` and `readFilter`, or programs of yours. */
export interface FilterPrograms {
  /** The programs that a call runs through, the oldest first: one of a file, all of a process. */
  readonly programs: readonly DecidableProgram[];
}

/** The programs of a file or a process. */
export interface LoadedFilter extends FilterPrograms {
  /** What it is called in messages. */
  readonly name: string;
}

/** A proven program, with every stage on the way to it. */
export interface CompileProfileResult extends CompiledProfile, LoadedFilter {
  /** The instructions, ENOSYS stub included. */
  readonly program: Program;
  /** The program as the kernel takes it, in its architecture's byte order. */
  readonly bytes: Uint8Array;
  /**
   * That the program means what the policy says; with `allowUnproven` also a failed proof, or the reason why there is
   * no proof.
   */
  readonly proof: Proof | OciSeccompError;
  /** What the runtime did to the profile beyond copying rules. */
  readonly steps: readonly LowerStep[];
}

/**
 * Compiles a profile to the program that a runtime would install, and proves it.
 *
 * @throws OciSeccompError `ERR_PROFILE_*` for a profile that its engine or runtime refuses (`details.problems`);
 *   `ERR_PROOF`, `ERR_UNDECIDED` for a program that is not what the profile says; `ERR_CLAIM`; `ERR_USAGE`; `ERR_LIBSECCOMP*`
 */
export async function compileProfile(
  profile: ProfileInput,
  options: CompileProfileOptions = {},
): Promise<CompileProfileResult> {
  const taken = takeOptions('compileProfile', options, kindsOf.compileProfile);
  const input = await loadInput('compileProfile', profile, taken);
  const { engine, library, table, timeoutMs, allowUnproven, strict } = taken;
  const { backendFor, compileLoaded } = await import('./compile-profile.ts');
  const runtime = runtimeFor(taken.runtime, input.profile.dialect);
  const work = await compileLoaded(input, {
    host: hostFor(input.profile, taken),
    ...{ runtime, engine, library, strict },
    backend: backendFor({ backend: taken.backend, release: table, runtime }),
    release: table,
    timeoutMs,
    allowUnproven,
  });
  const { program, endian, proof } = work.compiled;
  const { name } = input;
  const bytes = encodeProgram(program, endian);
  shapeOfProgram.freeze(program);
  return { ...work, name, programs: [work.compiled], program, bytes, proof, steps: work.lowered.steps };
}

/** What the readers of a document say of it. */
export interface ProfileValidation {
  /** Whether no problem is an error. */
  readonly valid: boolean;
  /** In document order. */
  readonly problems: readonly Problem[];
}

/**
 * Every problem of every profile in a document.
 *
 * @returns problems with code, severity, JSON pointer, line and column, in document order
 * @throws OciSeccompError `ERR_USAGE` for a runtime or an architecture that does not exist; nothing for bad input
 */
export async function validateProfile(
  text: string | Uint8Array,
  options: ValidateProfileOptions = {},
): Promise<ProfileValidation> {
  const taken = takeOptions('validateProfile', options, kindsOf.validateProfile);
  const input = takeText(text, 'a profile');
  const { name = '<profile>', dialect, runtimes, engine, arch } = taken;
  const { readProfiles } = await import('../oci/read-profiles.ts');
  const { readersOf } = await import('../policy/profile-readers.ts');
  const found = await readProfiles(input, { name, dialect });
  const asked = { runtimes, engine, ...(arch === undefined ? {} : { hosts: [parseArch(arch)] }) };
  const problems = found.flatMap((read) => {
    const readers = readersOf(read.dialect ?? 'oci', asked);
    return read.problems.map((problem) => ({ ...problem, severity: severityFor(problem, readers) }));
  });
  return { valid: problems.every(({ severity }) => severity !== 'error'), problems };
}

/**
 * Reads a filter: the text or bytes of a BPF program in any form, listings of other tools included, or `pid:1234` for those of a live process.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID`; `ERR_KERNEL` and `ERR_NO_FILTER` for a process; `ERR_USAGE` for a value that is neither
 *   text nor bytes, a wrong process id after `pid:`, and a wrong option
 */
export function readFilter(
  input: string | Uint8Array,
  options: { readonly name?: string | undefined } = {},
): LoadedFilter {
  const { name = '<program>' } = takeOptions('readFilter', options, { name: plainText });
  if (typeof input === 'string' && /^pid:\S*$/.test(input)) {
    const loaded = loadProcess(input.slice('pid:'.length));
    return returnFilter({ name: loaded.name, programs: loaded.filters });
  }
  const taken = takeText(input, 'a filter');
  const bytes = typeof taken === 'string' ? new TextEncoder().encode(taken) : taken;
  return returnFilter({ name, programs: readPrograms(bytes, { name }) });
}

/** The programs of a filter are asked again and again: what is frozen needs no check. */
function returnFilter(filter: LoadedFilter): LoadedFilter {
  for (const { program } of filter.programs) shapeOfProgram.freeze(program);
  return filter;
}

/** A question to a filter. */
export interface AskedCall {
  /** A name, or a number as filters see it. */
  readonly syscall: string | number;
  /**
   * Numbers, or C names as `AF_VSOCK` and `CLONE_NEWUSER|CLONE_NEWNS`; `any:`, `all:` or `none:` before flags leaves other bits open.
   * What is missing or `undefined` may be anything.
   */
  readonly args?: readonly (bigint | number | string | undefined)[] | undefined;
  /** Default: this machine's. */
  readonly arch?: string | undefined;
}

const questionKinds: OptionKinds<AskedCall> = {
  syscall: { words: 'a name or a number', holds: (value) => ['string', 'number'].includes(typeof value) },
  args: list,
  arch: plainText,
};

/**
 * What happens to a call; some of its arguments may be unknown.
 *
 * @throws OciSeccompError `ERR_USAGE` for a call or a name that the architecture does not have, and without a program;
 *   `ERR_UNDECIDED`
 */
export function explainCall(filter: FilterPrograms, asked: AskedCall): Answer {
  const programs = takeFilter('explainCall', 'filter', filter);
  const question = takeOptions('explainCall', asked, questionKinds);
  const arch = question.arch === undefined ? machineArch() : parseArch(question.arch);
  const nr = numberOf(question.syscall, arch);
  const syscall = typeof question.syscall === 'string' ? question.syscall : syscallName(nr, arch);
  const args = parseCallArguments(question.args ?? [], syscall, arch);
  const space = createSpace();
  const root = underFlags(space, decidePrograms(space, programs), args);
  return answerCall(space, root, { arch, nr, args });
}

/**
 * Every system call that two filters treat differently, as the second stands to the first.
 *
 * @returns by architecture; empty if they are equal for every call. What cannot be followed is a difference of `unknown`
 * @throws OciSeccompError `ERR_UNDECIDED` if they are too complex; `ERR_USAGE` for a filter without a program
 */
export function diffFilters(first: FilterPrograms, second: FilterPrograms): readonly ArchDifference[] {
  const one = takeFilter('diffFilters', 'first', first);
  return differences(one, takeFilter('diffFilters', 'second', second));
}

function differences(
  first: readonly DecidableProgram[],
  second: readonly DecidableProgram[],
): readonly ArchDifference[] {
  const space = createSpace();
  return findDifferences(space, decidePrograms(space, first), decidePrograms(space, second));
}

/** Whether the first filter is at least as strict as the second for every call. @throws as {@link diffFilters} */
export function isSubset(inner: FilterPrograms, outer: FilterPrograms): boolean {
  const stricter = takeFilter('isSubset', 'inner', inner);
  const found = differences(takeFilter('isSubset', 'outer', outer), stricter);
  return withRelations(found, ['looser', 'unknown']).length === 0;
}

/**
 * Whether a filter means what a profile says, for every call.
 *
 * @returns `equal`, or a counterexample and every difference
 * @throws OciSeccompError as {@link compileProfile} does for the profile; `ERR_UNDECIDED`; `ERR_USAGE` without a program
 */
export async function verifyFilter(
  profile: ProfileInput,
  filter: FilterPrograms,
  options: ProfileReading = {},
): Promise<Verification> {
  const programs = takeFilter('verifyFilter', 'filter', filter);
  const taken = takeOptions('verifyFilter', options, kindsOf.verifyFilter);
  const { lowered, table } = await lowerProfileInput(profile, taken);
  const { verifyPrograms } = await import('../compile/verify-filter.ts');
  return verifyPrograms({ policy: lowered.policy, table, programs });
}

/**
 * Runs one call through a filter, as the kernel does: all programs run, and the lowest action word wins; of equal ones that
 * of the newest program.
 *
 * @returns the return word as the winning program gave it
 * @throws OciSeccompError `ERR_BPF_INVALID` for a program that the kernel would refuse; `ERR_USAGE` for a value out of range,
 *   and without a program
 */
export function simulate(filter: FilterPrograms, call: SeccompData): ReturnWord {
  const programs = takeFilter('simulate', 'filter', filter);
  const data = takeCall('simulate', call);
  const words = programs.map(({ program, endian }) => prepareProgram(program, { endian }).verdict(data));
  return words.reduceRight((winner, word) => (precedenceOf(word) < precedenceOf(winner) ? word : winner));
}

async function lowerProfileInput(profile: ProfileInput, options: ProfileReading): Promise<LoweredProfile> {
  const input = await loadInput('verifyFilter', profile, options);
  const { backendFor, lowerLoaded } = await import('./compile-profile.ts');
  const { tableOf } = await import('../compile/compile-policy.ts');
  const { backend, library, table: release, engine } = options;
  const runtime = runtimeFor(options.runtime, input.profile.dialect);
  return lowerLoaded(input, {
    host: hostFor(input.profile, options),
    ...{ runtime, engine },
    table: tableOf(backendFor({ backend, release, runtime }), library, release),
  });
}

/** Reads a profile as its readers do; an object is taken as it is. */
export async function loadInput(
  call: string,
  given: ProfileInput,
  options: ProfileReading,
): Promise<LoadedProfile> {
  const profile = takeProfile(call, given);
  const { name = '<profile>', dialect, object } = options;
  if (typeof profile === 'object' && !isBytes(profile)) {
    const { hashBuiltin } = await import('./hash.ts');
    return { operand: name, name, profile, documents: [hashBuiltin(name, profile)], problems: [] };
  }
  const bytes = typeof profile === 'string' ? new TextEncoder().encode(profile) : profile;
  const { readersAsked } = await import('../policy/profile-readers.ts');
  const { loadProfileBytes } = await import('./load-profile.ts');
  return loadProfileBytes(name, bytes, dialect, readersAsked(options), { object });
}

/** The machine that options describe. What they leave out is taken from this machine. */
export function hostFor(profile: Profile, { arch, kernel, capabilities }: ProfileReading): Host {
  return {
    arch: arch === undefined ? machineArch() : parseArch(arch),
    kernel: typeof kernel === 'object' ? kernel : parseKernel(kernel ?? machineKernelRelease()),
    capabilities: capabilitiesOf(profile, capabilities),
  };
}

function capabilitiesOf(
  { container }: Profile,
  asked: ProfileReading['capabilities'],
): readonly string[] | undefined {
  if (asked === undefined) return container === undefined ? capabilitySets.docker : container.capabilities;
  return typeof asked === 'string' ? capabilitySets[asked] : asked.map(parseCapability);
}

function numberOf(syscall: string | number, arch: ArchName): number {
  const nr = typeof syscall === 'number' ? syscall : directSyscallNumber(syscall, arch);
  if (typeof nr === 'number' && nr >>> 0 !== nr) {
    throw new OciSeccompError('ERR_USAGE', `${nr} is not a system call number: those have 32 bits`);
  }
  if (nr !== undefined) return nr;
  const near = suggestSyscall(`${syscall}`);
  throw new OciSeccompError('ERR_USAGE', `${arch} has no system call '${syscall}' with its own number`, {
    hint:
      near === undefined
        ? 'on 32-bit architectures some calls go through socketcall or ipc: ask about those'
        : `did you mean ${near.names.join(' or ')}?`,
  });
}
