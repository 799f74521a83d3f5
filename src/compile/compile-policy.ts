/**
 * From a Policy to a Program.
 * @module
 */
import { architectures, type Endian } from '../abi/architectures.ts';
import { frozen } from '../abi/frozen.ts';
import { hostEndian } from '../abi/host-endian.ts';
import { BPF_MAXINSNS } from '../bpf/longest-program.ts';
import { decodeProgram, type Program } from '../bpf/program.ts';
import type { PartialCall } from '../decision/partial-call.ts';
import type { Node, Space } from '../decision/space.ts';
import type { Work } from '../decision/work.ts';
import { OciSeccompError } from '../errors.ts';
import { openLibrary } from '../libseccomp/library.ts';
import { librarySyscallTable } from '../libseccomp/syscall.ts';
import { stubWord } from '../policy/answered-by-stub.ts';
import { expandPolicy } from '../policy/expand-policy.ts';
import { newestTable } from '../policy/newest-table.ts';
import type { Policy, SyscallTable } from '../policy/policy.ts';
import { releaseTable } from '../policy/release-table.ts';
import { requireLinuxFilter } from '../policy/runtimes.ts';
import type { CallCounts } from './builtin/read-call-counts.ts';
import { buildEnosysStub } from './enosys-stub.ts';
import { repairReturns } from './foreign-returns.ts';
import { createKeeper, type Keeper, type ProgramStore } from './kept-program.ts';
import { buildWithLibseccomp, type LibseccompOptions } from './libseccomp-backend.ts';
import { type DecidedPolicy, type Proof, type ProofInput, proveDecided, proveProgram } from './prove.ts';
import { findShipped } from './shipped/find-shipped.ts';

/**
 * Who turns rules into instructions: libseccomp, as for the runtime, or the compiler of this project, which makes a smaller
 * program with the same meaning.
 */
export type BackendName = 'libseccomp' | 'builtin';

/** A program, whole: with the stub that the runtime puts in front. */
interface Built {
  readonly program: Program;
  readonly stubLength: number;
  readonly pfc: string | undefined;
  readonly hazard: string | undefined;
  /** `libseccomp 2.5.4`, `oci-seccomp` */
  readonly compiler: string;
  /** The proof of a program that was not built now: one that comes with the package (proven at release), or one from the store. */
  readonly proof: Proof | undefined;
  /** The policy's meaning, if the backend decided it to make the program. */
  readonly decided: DecidedPolicy | undefined;
}

interface BuildOptions extends LibseccompOptions {
  readonly table: SyscallTable;
  readonly callCounts: CallCounts | undefined;
  /** `undefined`: no programs are kept. */
  readonly keeper: Keeper | undefined;
  readonly work: Work | undefined;
}

export const backends = {
  libseccomp: async (policy, options) => {
    const stub = policy.enosysStub === undefined ? [] : buildEnosysStub(policy.enosysStub, stubWord(policy));
    const { endian } = architectures[policy.architectures[0]];
    const { bpf, pfc, libraryVersion, hazard } = await buildWithLibseccomp(policy, options);
    const filter = decodeProgram(bpf, endian);
    const isForeign = endian !== hostEndian();
    return {
      program: [...stub, ...(isForeign ? repairReturns(filter, policy) : filter)],
      stubLength: stub.length,
      pfc,
      hazard,
      compiler: `libseccomp ${libraryVersion}`,
      proof: undefined,
      decided: undefined,
    };
  },
  builtin: async (policy, { pfc, table, callCounts, keeper, work }) => {
    if (pfc) {
      throw new OciSeccompError('ERR_USAGE', 'pseudo filter code is what libseccomp writes', {
        hint: 'use --format asm with --backend builtin, or leave --backend out',
      });
    }
    const built = { stubLength: 0, pfc: undefined, hazard: undefined, compiler: 'oci-seccomp' };
    // Shipped programs were made for the frequencies that are the default.
    const isUsual = callCounts === undefined && policy.runtime.traits.sentry === undefined;
    const shipped = isUsual ? await findShipped(policy, table) : undefined;
    if (shipped !== undefined) {
      return { ...built, program: shipped, proof: PROVEN_AT_RELEASE, decided: undefined };
    }
    const expanded = expandPolicy(policy, table);
    const kept = keeper?.find(expanded);
    if (kept !== undefined) return { ...built, ...kept, decided: undefined };
    const { buildProgram } = await import('./builtin/build-program.ts');
    const { program, ...meaning } = buildProgram(policy, expanded, callCounts, { work });
    return { ...built, program, proof: undefined, decided: { policy, expanded, ...meaning } };
  },
} as const satisfies Record<BackendName, (policy: Policy, options: BuildOptions) => Promise<Built>>;

/** A test proves each shipped program again, and that no shipped policy has rules in conflict. */
const PROVEN_AT_RELEASE: Proof = frozen({
  equal: true,
  counterexample: undefined,
  conflicts: [],
  compared: 'release',
});

/** How a policy is compiled. */
export interface CompileOptions {
  /** The backend that builds the program; default: libseccomp. */
  readonly backend?: BackendName | undefined;
  /** libseccomp to use: path or soname. Default: `OCI_SECCOMP_LIBRARY`, else `libseccomp.so.2`. */
  readonly library?: string | undefined;
  /** Processor time for rule sets that libseccomp may not survive, in milliseconds; default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** For the builtin backend: how often calls come, by name. Default: a mix of workloads that was measured. */
  readonly callCounts?: CallCounts | undefined;
  /** Whether to export libseccomp's pseudo filter code too. */
  readonly pfc?: boolean | undefined;
  /** The table that the policy was lowered with; default: the library's. */
  readonly table?: SyscallTable | undefined;
  /** Whether to return a program that is not proven instead of throwing: it means something else, or cannot be decided. */
  readonly allowUnproven?: boolean | undefined;
  /**
   * Where programs of the builtin backend are kept. One that is found is proven like one that was built. With libseccomp
   * no store is used: the question there is what libseccomp makes of the rules, and only libseccomp has the answer.
   */
  readonly store?: ProgramStore | undefined;
  /**
   * The calls that the proof is about; absent: all. For callers that answer for one call: the proof of a program takes longest of
   * all. A program that was proven before is proven for all calls.
   */
  readonly calls?: ((policy: Policy) => readonly PartialCall[]) | undefined;
  /** The account that the proof draws on; absent: one of its own. */
  readonly work?: Work | undefined;
  /** Called after the program is built and before it is proven, for measurements of the two. */
  readonly onBuilt?: (() => void) | undefined;
  /**
   * Called before the comparison with the meaning of the policy and of the program, as diagrams of one space, for callers that ask
   * more of them. It is not called for a program that was proven before.
   */
  readonly onDecided?: ((space: Space, meant: Node, done: Node) => void) | undefined;
}

/** A program that was built from a policy. */
export interface CompiledFilter {
  /** What the runtime installs, ENOSYS stub included. */
  readonly program: Program;
  /** The byte order of the program's target. */
  readonly endian: Endian;
  /** Instructions of the stub in front; 0 without one. */
  readonly stubLength: number;
  /** libseccomp's pseudo filter code of the filter without its stub; `undefined` without the option `pfc`. */
  readonly pfc: string | undefined;
  /** The backend that built it. */
  readonly backend: BackendName;
  /** Who built it: `libseccomp 2.5.4`, or `oci-seccomp` for the builtin backend. */
  readonly compiler: string;
  /** Why libseccomp ran in a child process; `undefined`: it ran in this one. */
  readonly hazard: string | undefined;
  /**
   * The proof that the program means what the policy says. With `allowUnproven`, it can also be a proof that failed, or the error
   * for which no proof could be made.
   */
  readonly proof: Proof | OciSeccompError;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Processor time in milliseconds for libseccomp if a command only asks a question: about twice what it needs for the longest
 * programs that the kernel accepts.
 */
export const QUESTION_TIMEOUT_MS = 3000;

/** Compiles a policy to the program that its runtime would install, and proves that it means what the policy says. */
export async function compilePolicy(policy: Policy, options: CompileOptions = {}): Promise<CompiledFilter> {
  const { backend = 'libseccomp', timeoutMs = DEFAULT_TIMEOUT_MS, pfc = false, library } = options;
  if (backend === 'libseccomp') requireLinuxFilter(policy.runtime);
  const { endian } = architectures[policy.architectures[0]];
  const table = options.table ?? tableOf(backend, library);
  const { callCounts, store } = options;
  const meant = { policy, table, endian };
  const keeper = store === undefined ? undefined : createKeeper(store, meant, callCounts);
  const built = await backends[backend](policy, {
    ...{ timeoutMs, pfc, table, callCounts, keeper, work: options.work },
    library,
  });
  const { program, compiler } = built;
  if (program.length > BPF_MAXINSNS) {
    const error = new OciSeccompError(
      'ERR_BPF_INVALID',
      `the program has ${program.length} instructions, but the kernel accepts at most ${BPF_MAXINSNS}`,
      {
        hint: 'name fewer system calls or architectures, or compare fewer arguments',
        details: { instructions: program.length, limit: BPF_MAXINSNS },
      },
    );
    throw await advised(error, policy);
  }
  options.onBuilt?.();
  const claim = { ...meant, program };
  const proof = built.proof ?? (await prove(claim, built, options));
  const isWhole = !(proof instanceof OciSeccompError) && proof.calls === undefined;
  if (built.proof === undefined && isWhole) keeper?.keep({ program, proof });
  return {
    program,
    endian,
    stubLength: built.stubLength,
    pfc: built.pfc,
    backend,
    compiler,
    hazard: built.hazard,
    proof,
  };
}

/**
 * The table of names for a filter. The builtin backend uses the newest one, unless a library or a release is named.
 *
 * @param release - a release of libseccomp whose names count; it needs no library
 * @throws OciSeccompError `ERR_USAGE` for a release that is not known, or beside a library
 */
export function tableOf(
  backend: BackendName,
  library: string | undefined,
  release?: string | undefined,
): SyscallTable {
  if (release !== undefined) {
    if (backend === 'builtin' && library === undefined) return releaseTable(release);
    const other = library === undefined ? '--backend libseccomp' : '--library';
    throw new OciSeccompError('ERR_USAGE', `--table and ${other} both say which names are known`, {
      hint:
        library === undefined
          ? '--table is for --backend builtin: libseccomp compiles with its own names'
          : 'leave one of the two out: a library brings its own names',
    });
  }
  return backend === 'builtin' && library === undefined
    ? newestTable
    : librarySyscallTable(openLibrary(library));
}

async function prove(
  claim: ProofInput,
  { compiler, decided }: Built,
  options: CompileOptions,
): Promise<Proof | OciSeccompError> {
  const { allowUnproven = false } = options;
  const prover = await proverFor(claim, decided, options);
  const proof = await attempt(prover, claim, allowUnproven);
  if (proof instanceof OciSeccompError || proof.equal || allowUnproven) return proof;
  // Loaded on demand, because the text of a failed proof needs the names of all arguments.
  const { proofError } = await import('./proof-error.ts');
  throw proofError(claim.policy, proof, compiler);
}

/** What makes the proof. That for some calls is loaded on demand, because only `explain` asks for it. */
async function proverFor(
  claim: ProofInput,
  decided: DecidedPolicy | undefined,
  { onDecided, work, calls }: CompileOptions,
): Promise<() => Proof> {
  if (calls !== undefined) {
    const { proveCalls } = await import('./prove-calls.ts');
    return () => proveCalls(claim, calls(claim.policy), { work }, onDecided);
  }
  return () =>
    decided === undefined
      ? proveProgram(claim, { work }, onDecided)
      : proveDecided(decided, claim, onDecided);
}

async function attempt(
  prove: () => Proof,
  { policy }: ProofInput,
  allowUnproven: boolean,
): Promise<Proof | OciSeccompError> {
  try {
    return prove();
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_UNDECIDED') throw error;
    const shown = await advised(error, policy);
    if (allowUnproven) return shown;
    throw shown;
  }
}

/** Loaded on demand: most programs are short enough, and decided. */
async function advised(error: OciSeccompError, { rules }: Policy): Promise<OciSeccompError> {
  const { adviseAuthor } = await import('./heaviest-call.ts');
  return adviseAuthor(error, rules);
}
