/**
 * Policies and programs that callers hand in: each call checks them wholly, and copies them.
 * @module
 */
import { isMap } from '../abi/other-realms.ts';
import {
  callback,
  flag,
  type OptionKind,
  type OptionKinds,
  oneOf as oneOfTexts,
  plainText,
  record,
  takeOptions,
  upTo,
} from '../abi/take-options.ts';
import {
  atLeastOne,
  comparison,
  count,
  endian,
  listOf,
  maybe,
  oneOf,
  type Shape,
  takerFor,
  text,
  texts,
  valueThat,
  withMembers,
} from '../abi/value-shape.ts';
import { program as shapeOfProgram } from '../bpf/program-shape.ts';
import type { DecidableProgram } from '../decision/answer-call.ts';
import type { SpaceOptions } from '../decision/space.ts';
import { decidableProgram } from '../decision/space-shape.ts';
import { isLibrary, type Library } from '../libseccomp/library.ts';
import { librarySyscallTable as uncheckedLibrarySyscallTable } from '../libseccomp/syscall.ts';
import type { Policy, SyscallTable } from '../policy/policy.ts';
import { policy as shapeOfPolicy, syscallTable } from '../policy/policy-shape.ts';
import { claim } from './claim-shape.ts';
import {
  backends,
  type CompiledFilter,
  type CompileOptions,
  compilePolicy as uncheckedCompilePolicy,
} from './compile-policy.ts';
import {
  type EmitFormat,
  type EmittedFilter,
  emitFormats,
  type Provenance,
  emitFilter as uncheckedEmitFilter,
} from './emit.ts';
import { type HazardRule, findHazard as uncheckedFindHazard } from './hazardous-rules.ts';
import { LONGEST_TIMEOUT_MS } from './longest-timeout.ts';
import {
  type Guess,
  tryGuesses as uncheckedTryGuesses,
  verifyPrograms as uncheckedVerifyPrograms,
  type Verification,
  type VerifyInput,
} from './verify-filter.ts';

const countsKind: OptionKind = {
  words: 'a Map of names of system calls to numbers from 0 on',
  holds: (value) =>
    isMap(value) &&
    [...value].every(
      ([name, count]) => typeof name === 'string' && Number.isFinite(count) && Number(count) >= 0,
    ),
};

const compileKinds: OptionKinds<CompileOptions> = {
  backend: oneOfTexts(Object.keys(backends)),
  library: plainText,
  timeoutMs: upTo(LONGEST_TIMEOUT_MS),
  callCounts: countsKind,
  pfc: flag,
  table: record,
  allowUnproven: flag,
  store: record,
  calls: callback,
  work: record,
  onBuilt: callback,
  onDecided: callback,
};

const hazardRules = listOf(withMembers<HazardRule>({ syscall: text, comparisons: listOf(comparison) }));
const emittedFilter = withMembers<EmittedFilter>({
  program: shapeOfProgram,
  endian,
  stubLength: count,
  pfc: maybe(text),
  claim: maybe(claim),
});
const programList = atLeastOne('program', decidableProgram);
const verifyInput = withMembers<VerifyInput>({
  policy: shapeOfPolicy,
  table: syscallTable,
  programs: programList,
});
const guessList = listOf(
  withMembers<Guess>({ labels: listOf(text), policy: shapeOfPolicy, table: syscallTable }),
);

/**
 * Compiles a policy to the program that its runtime would install, and proves that it means what the policy says.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_PROOF` for a
 *   program that means something else (`details.counterexample`); `ERR_UNDECIDED` for one that is too complex to decide;
 *   these two not with `allowUnproven`
 * @throws OciSeccompError `ERR_LIBSECCOMP` where libseccomp refuses a rule (`details.rule`: index into
 *   `LinuxSeccomp.syscalls`); `ERR_LIBSECCOMP_TIMEOUT`, `ERR_LIBSECCOMP_CRASH` for rule sets it does not survive;
 *   `ERR_LIBSECCOMP_MISSING`, `ERR_LIBSECCOMP_TOO_OLD`; `ERR_BPF_INVALID` for more than 4096 instructions
 */
export async function compilePolicy(policy: Policy, options: CompileOptions = {}): Promise<CompiledFilter> {
  const take = takerFor('compilePolicy');
  const taken = takeOptions('compilePolicy', options, compileKinds);
  const table = take('table', maybe(syscallTable), taken.table);
  const compiled = await uncheckedCompilePolicy(take('policy', shapeOfPolicy, policy), { ...taken, table });
  shapeOfProgram.freeze(compiled.program);
  return compiled;
}

const shapeOfLibrary: Shape<Library> = valueThat('what openLibrary returned', isLibrary);

/**
 * The library's table, as a runtime on this machine uses it: `{name: 'libseccomp 2.5.4', resolve}`.
 *
 * @param library - from `openLibrary` of `oci-seccomp/libseccomp`
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function librarySyscallTable(library: Library): SyscallTable {
  const take = takerFor('librarySyscallTable');
  return syscallTable.freeze(uncheckedLibrarySyscallTable(take('library', shapeOfLibrary, library)));
}

/**
 * Says why these rules must go to libseccomp in a child process with a time limit, if they must.
 *
 * The sources name the random sets that this rests on, with each release of libseccomp (src/compile/hazardous-rules.ts).
 *
 * @param rules - in the order they are added; a rule with no comparison is harmless. The bound on search time depends on
 *   the order, the rest does not
 * @param architectureCount - architectures of the filter, 1 or more; each repeats the work
 * @returns the reason, naming the system call where there is one; undefined for an ordinary set
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function findHazard(rules: readonly HazardRule[], architectureCount: number): string | undefined {
  const take = takerFor('findHazard');
  return uncheckedFindHazard(
    take('rules', hazardRules, rules),
    take('architectureCount', count, architectureCount),
  );
}

/**
 * Compares programs with a policy's meaning, for every possible call.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_UNDECIDED` if it
 *   is too complex; `ERR_BPF_INVALID` for a jump past the end
 */
export function verifyPrograms(input: VerifyInput, options: SpaceOptions = {}): Verification {
  const take = takerFor('verifyPrograms');
  return uncheckedVerifyPrograms(take('input', verifyInput, input), options);
}

/**
 * Writes a compiled filter in a format.
 *
 * - `bpf`: raw `struct sock_filter[]` in the target's byte order, 8 bytes an instruction
 * - `base64`: the same as text, what crun's annotation `run.oci.seccomp_bpf_data` takes
 * - `json`: `{provenance, claim, endian, instructions: [{code, jt, jf, k}]}`
 * - `asm`: a listing; `c`: a header with the array and its length; `pfc`: libseccomp's pseudo filter code
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_USAGE` for `pfc`
 *   of a filter compiled without it
 */
export function emitFilter(
  filter: EmittedFilter,
  format: EmitFormat,
  provenance: Provenance = {},
): Uint8Array | string {
  const take = takerFor('emitFilter');
  return uncheckedEmitFilter(
    take('filter', emittedFilter, filter),
    take('format', oneOf(emitFormats), format),
    take('provenance', maybe(texts), provenance),
  );
}

/**
 * Tries other policies on a filter.
 *
 * @returns those that it means, the fewest labels first; policies that say the same are tried once
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function tryGuesses(
  programs: readonly DecidableProgram[],
  guesses: readonly Guess[],
  options: SpaceOptions = {},
): readonly Guess[] {
  const take = takerFor('tryGuesses');
  const copies = take('guesses', guessList, guesses);
  const right = uncheckedTryGuesses(take('programs', programList, programs), copies, options);
  // Callers look for their own guesses in the answer.
  return right.map((each) => guesses[copies.indexOf(each)] ?? each);
}
