/**
 * Policy to Program.
 * @module
 */
import { architectures, type Endian } from '../abi/architectures.ts';
import { BPF_MAXINSNS, decodeProgram, type Program } from '../bpf/program.ts';
import { OciSeccompError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';
import { buildEnosysStub } from './enosys-stub.ts';
import { buildWithLibseccomp, type LibseccompOptions, type LibseccompResult } from './libseccomp-backend.ts';

/** Who turns rules into instructions. */
export type BackendName = 'libseccomp';

const backends = {
  libseccomp: buildWithLibseccomp,
} as const satisfies Record<
  BackendName,
  (policy: Policy, options: LibseccompOptions) => Promise<LibseccompResult>
>;

export const backendNames = Object.keys(backends) as readonly BackendName[];

export interface CompileOptions {
  readonly backend?: BackendName;
  /** libseccomp to use: path or soname. Default: `OCI_SECCOMP_LIBRARY`, else `libseccomp.so.2`. */
  readonly library?: string;
  /** Limit for rule sets that libseccomp may not survive, in milliseconds; default 10,000. */
  readonly timeoutMs?: number;
  /** Whether to export libseccomp's pseudo filter code too. */
  readonly pfc?: boolean;
}

export interface CompiledFilter {
  /** What the runtime installs, ENOSYS stub included. */
  readonly program: Program;
  readonly endian: Endian;
  /** Instructions of the stub in front; 0 without one. */
  readonly stubLength: number;
  /** libseccomp's pseudo filter code, of the filter without stub, if asked for. */
  readonly pfc: string | undefined;
  readonly backend: BackendName;
  /** `2.5.4` */
  readonly libraryVersion: string;
  /** Why libseccomp ran in a child process; `undefined`: it ran in this one. */
  readonly hazard: string | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Compiles a policy to the program that its runtime would install.
 *
 * @throws OciSeccompError `ERR_LIBSECCOMP` where libseccomp refuses a rule (`details.rule`: index into
 *   `LinuxSeccomp.syscalls`); `ERR_LIBSECCOMP_TIMEOUT`, `ERR_LIBSECCOMP_CRASH` for rule sets it does not survive;
 *   `ERR_LIBSECCOMP_MISSING`, `ERR_LIBSECCOMP_TOO_OLD`; `ERR_BPF_INVALID` for more than 4096 instructions
 */
export async function compilePolicy(policy: Policy, options: CompileOptions = {}): Promise<CompiledFilter> {
  const { backend = 'libseccomp', timeoutMs = DEFAULT_TIMEOUT_MS, pfc = false, library } = options;
  const { endian } = architectures[policy.architectures[0]];
  const built = await backends[backend](policy, {
    timeoutMs,
    pfc,
    ...(library === undefined ? {} : { library }),
  });
  const stub = policy.enosysStub === undefined ? [] : buildEnosysStub(policy.enosysStub);
  const program = [...stub, ...decodeProgram(built.bpf, endian)];
  if (program.length > BPF_MAXINSNS) {
    throw new OciSeccompError(
      'ERR_BPF_INVALID',
      `the program has ${program.length} instructions, the kernel takes ${BPF_MAXINSNS}`,
      {
        hint: 'name fewer system calls or architectures, or compare fewer arguments',
        details: { instructions: program.length, limit: BPF_MAXINSNS },
      },
    );
  }
  return {
    program,
    endian,
    stubLength: stub.length,
    pfc: built.pfc,
    backend,
    libraryVersion: built.libraryVersion,
    hazard: built.hazard,
  };
}
