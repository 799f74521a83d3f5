/**
 * The filter that `run` puts on a command: compiled from a profile, or read from a file of raw BPF.
 * @module
 */
import { isAbsolute } from 'node:path';
import { actions, parseReturnWord } from '../../abi/actions.ts';
import { type ArchName, architectures } from '../../abi/architectures.ts';
import type { OciFlag } from '../../abi/flags.ts';
import { BPF_RET_K, type Program } from '../../bpf/program.ts';
import { findProgramProblems } from '../../bpf/program-problems.ts';
import type { Claim } from '../../compile/claim.ts';
import { formatClaim, formatObserved } from '../../compile/claim-text.ts';
import { OciSeccompError } from '../../errors.ts';
import { requireNoObserving } from '../../hook/program-file.ts';
import { type FilterStore, openStore } from '../../hook/store/filter-store.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { compileLoaded } from '../../pipeline/compile-profile.ts';
import { type LoadedProfile, loadProfile } from '../../pipeline/load-profile.ts';
import type { ProgramSource } from '../../pipeline/process-source.ts';
import { placeProblems } from '../../pipeline/program-source.ts';
import { readersAsked } from '../../policy/profile-readers.ts';
import { formatRuntime, requireLinuxFilter, runtimeFor } from '../../policy/runtimes.ts';
import { loadedBackend } from '../define/backend-option.ts';
import { noStoreOfLibseccomp } from '../define/refused-together.ts';
import type { FilterOptions } from '../define/shared-options.ts';
import { formatHost, hostFromOptions, parseArch, requireUses } from '../operands/host-options.ts';
import { timeoutFor } from '../operands/timeout.ts';
import { plural } from '../render/render-problems.ts';
import { PACKAGE_VERSION } from '../version.ts';

export interface RunFilter {
  readonly program: Program;
  /** The architecture whose calls a trace shows, and this machine's where the filter is loaded. */
  readonly arch: ArchName;
  /** Flags of the load, as the profile and the runtime want them. */
  readonly flags: readonly OciFlag[];
  /** `docker-default`, the name of a file. */
  readonly name: string;
  /** Where it comes from, in one line. */
  readonly description: string;
  /** What is proven of it; `undefined` without a profile. */
  readonly claim: Claim | undefined;
  /** With --observe: what the filter does, in one line. */
  readonly trial?: string | undefined;
  /** The store that it went through. */
  readonly store?: FilterStore | undefined;
}

export type RunOptions = FilterOptions & {
  /** Deny nothing, and have the kernel log what the profile would deny. */
  readonly observe?: boolean;
};

/**
 * Makes the filter, and proves it where it comes from a profile.
 *
 * @throws OciSeccompError as `compile` does; `ERR_BPF_INVALID`; `ERR_USAGE` for a wrong option
 */
export async function makeFilter(options: RunOptions): Promise<RunFilter> {
  const consumers = readersAsked(options);
  if (namesBuiltin(options.profile)) {
    const input = await loadProfile(options.profile, options.dialect, consumers);
    await requireUses(options, [{ kind: 'profile', input }]);
    return compileFilter(input, options);
  }
  const { dialect } = options;
  const { loadFilterSource } = await import('../../pipeline/filter-source.ts');
  const subject = await loadFilterSource(options.profile, {
    consumers,
    selection: options,
    ...(dialect === undefined ? {} : { dialect }),
  });
  const backend = options.backend === loadedBackend.default ? undefined : options.backend;
  await requireUses({ ...options, backend }, [subject], ['backend']);
  return subject.kind === 'profile' ? compileFilter(subject.input, options) : takeProgram(subject, options);
}

/** A program is taken as it is, if the kernel would take it. */
function takeProgram({ name, filters }: ProgramSource, { arch, strict, observe }: RunOptions): RunFilter {
  requireNoObserving(observe, name);
  if (strict === true) {
    throw new OciSeccompError('ERR_CLAIM', `${name} is a program: there is no profile to compare it with`, {
      hint: 'name the profile, or leave --strict out; oci-seccomp verify --strict compares the two',
    });
  }
  const target = arch === undefined ? machineArch() : parseArch(arch);
  const [filter, ...more] = filters;
  if (filter === undefined || more.length > 0) {
    throw new OciSeccompError('ERR_USAGE', `${name} has ${filters.length} filters, and run takes one`, {
      hint: 'oci-seccomp disasm --pid shows each; assemble the one to run under',
    });
  }
  const { program } = filter;
  const problems = placeProblems(findProgramProblems(program), name, undefined);
  if (problems.length > 0) {
    throw new OciSeccompError('ERR_BPF_INVALID', `${name} is not a program that the kernel accepts`, {
      details: { problems },
    });
  }
  const description = `${name}: ${plural(program.length, 'instruction')} for ${target}, as they are`;
  return { program, arch: target, flags: [], name, description, claim: undefined };
}

async function compileFilter(input: LoadedProfile, options: RunOptions): Promise<RunFilter> {
  const { engine, library, backend, strict, observe } = options;
  const host = hostFromOptions(options, input.profile);
  const runtime = runtimeFor(options.runtime, input.profile.dialect);
  requireLinuxFilter(runtime);
  if (options.store !== undefined && backend === 'libseccomp') throw noStoreOfLibseccomp();
  const store = options.store === undefined ? undefined : openStoreOf(options.store);
  const { compiled, claim, lowered, observed } = await compileLoaded(input, {
    ...{ host, runtime, engine, library, backend, release: options.table, strict, observe, store },
    timeoutMs: timeoutFor(options.timeout, backend),
    allowUnproven: options.allowUnproven === true,
  });
  const { program, compiler } = compiled;
  const { flags } = lowered.policy;
  const by = `${formatRuntime(runtime)} filter by ${compiler}${store === undefined ? '' : origin(store)}`;
  const trial = observed === undefined ? undefined : formatObserved(claim, observed);
  const description = `${input.name} for ${formatHost(host)}: ${by}, ${plural(program.length, 'instruction')}; ${trial ?? formatClaim(claim)}`;
  return { program, arch: host.arch, flags, name: input.name, description, claim, trial, store };
}

/** Not path.resolve(), which takes `..` away before symbolic links are followed. */
function openStoreOf(folder: string): FilterStore {
  const path = isAbsolute(folder) ? folder : `${process.cwd()}/${folder}`;
  return openStore({ path, version: PACKAGE_VERSION });
}

function origin({ folder, report }: FilterStore): string {
  const result = report()?.result;
  if (result === 'used') return `, found in the store ${folder} and proven again`;
  return result === 'kept' ? `, now kept in the store ${folder}` : '';
}

/**
 * Refuses filters that cannot do their work on a command that is started here.
 *
 * @throws OciSeccompError `ERR_USAGE` for another machine's filter; `ERR_PROFILE_SEMANTICS` for NOTIFY
 */
export function requireLoadable({ program, arch, name }: RunFilter): void {
  const here = machineArch();
  if (architectures[arch].auditArch !== architectures[here].auditArch) {
    throw new OciSeccompError('ERR_USAGE', `a filter for ${arch} cannot run a command here, on ${here}`, {
      hint: 'leave --arch out; --dry-run TRACE decides traces of other machines',
    });
  }
  const notifies = program.some(
    ({ code, k }) => code === BPF_RET_K && parseReturnWord(k).action?.kind === actions.notify.kind,
  );
  if (!notifies) return;
  throw new OciSeccompError(
    'ERR_PROFILE_SEMANTICS',
    `${name} uses SCMP_ACT_NOTIFY: such calls wait for the answer of a listener, and run has none`,
    {
      hint: 'oci-seccomp hook hands the listener of a container to an agent; for run, use SCMP_ACT_ERRNO or SCMP_ACT_LOG',
    },
  );
}
