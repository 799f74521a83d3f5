/**
 * A policy's rules handed to libseccomp, call for call as a runtime does it. Runs in this process or in a child;
 * a request and its result therefore are plain values.
 * @module
 */
import { actions, type ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { OciSeccompError } from '../errors.ts';
import { Filter } from '../libseccomp/filter.ts';
import { formatVersion, type Library, nativeArch } from '../libseccomp/library.ts';
import { resolveSyscall } from '../libseccomp/syscall.ts';
import type { PolicyRule } from '../policy/policy.ts';

export interface BuildRequest {
  readonly architectures: readonly [ArchName, ...ArchName[]];
  readonly defaultAction: ReturnWord;
  readonly badArchAction: ReturnWord;
  readonly optimize: 1 | 2;
  readonly rules: readonly Pick<PolicyRule, 'syscall' | 'comparisons' | 'returnWord' | 'origin'>[];
  /** Whether to export pseudo filter code too. */
  readonly pfc: boolean;
}

export interface BuiltFilter {
  /** In the target's byte order. */
  readonly bpf: Uint8Array;
  readonly pfc: string | undefined;
  /** `2.5.4` */
  readonly libraryVersion: string;
}

/**
 * Builds a filter with libseccomp.
 *
 * NOTE: does not return for some rule sets (`isHazardous`); those belong in a child process.
 *
 * @throws OciSeccompError `ERR_LIBSECCOMP` with `details.rule` (the rule's origin) where libseccomp refuses a rule;
 *   `ERR_LIBSECCOMP_TOO_OLD` if the library lacks an architecture
 */
export function buildFilter(request: BuildRequest, library: Library): BuiltFilter {
  const filter = new Filter(library, request.defaultAction);
  try {
    setArchitectures(filter, request.architectures, nativeArch(library));
    if (request.badArchAction !== actions.killThread.word) {
      filter.setAttribute('SCMP_FLTATR_ACT_BADARCH', request.badArchAction);
    }
    if (request.optimize !== 1) filter.setAttribute('SCMP_FLTATR_CTL_OPTIMIZE', request.optimize);
    addRules(filter, request.rules, library);
    return {
      bpf: filter.exportBpf(),
      pfc: request.pfc ? filter.exportPfc() : undefined,
      libraryVersion: formatVersion(library.version),
    };
  } finally {
    filter.release();
  }
}

/** A new filter holds this machine's architecture; one for another machine starts with that machine's instead. */
function setArchitectures(
  filter: Filter,
  [first, ...others]: BuildRequest['architectures'],
  native: ArchName,
): void {
  if (first !== native) {
    filter.removeArch(native);
    filter.addArch(first);
  }
  for (const arch of others) filter.addArch(arch);
}

function addRules(filter: Filter, rules: BuildRequest['rules'], library: Library): void {
  const native = nativeArch(library);
  const numbers = new Map<string, number | undefined>();
  for (const rule of rules) {
    // libseccomp takes numbers of the machine it runs on, also for filters of other machines, and translates by name.
    if (!numbers.has(rule.syscall)) numbers.set(rule.syscall, resolveSyscall(library, rule.syscall, native));
    const nr = numbers.get(rule.syscall);
    if (nr === undefined) {
      const version = formatVersion(library.version);
      throw new OciSeccompError(
        'ERR_LIBSECCOMP',
        `libseccomp ${version} does not know the system call '${rule.syscall}'`,
        {
          hint: 'lower the profile with the table of the library that builds it',
          details: { rule: rule.origin, syscall: rule.syscall },
        },
      );
    }
    addRule(filter, rule, nr);
  }
}

function addRule(filter: Filter, rule: BuildRequest['rules'][number], nr: number): void {
  try {
    filter.addRule(rule.returnWord, nr, rule.comparisons);
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const hint = refusalHints[Number(error.details.errno)];
    throw new OciSeccompError(
      'ERR_LIBSECCOMP',
      `libseccomp refuses a rule for '${rule.syscall}': ${String(error.details.reason)}`,
      {
        ...(hint === undefined ? {} : { hint }),
        details: { ...error.details, rule: rule.origin, syscall: rule.syscall },
        cause: error,
      },
    );
  }
}

const refusalHints: Readonly<Record<number, string>> = {
  17: 'an earlier rule has the same comparisons and another action: remove one of the two',
  22: 'an action or a comparison is not one libseccomp takes',
  33: 'the call is multiplexed on an architecture of the profile, where comparisons cannot be expressed',
};
