/**
 * Hands a policy's rules to libseccomp, with the same calls as a runtime. It runs in this process or in a child, so a request and
 * its result are plain values.
 * @module
 */
import { actions, type ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { OciSeccompError } from '../errors.ts';
import { type Action, fromNative } from '../libseccomp/action.ts';
import { toInput } from '../libseccomp/comparison.ts';
import { Filter } from '../libseccomp/filter.ts';
import { formatVersion, type Library, nativeArch } from '../libseccomp/library.ts';
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
 * NOTE: it does not return for some rule sets (`isHazardous`). Build those in a child process.
 *
 * @throws OciSeccompError `ERR_LIBSECCOMP` with `details.rule` (the rule's origin) where libseccomp refuses a rule;
 *   `ERR_LIBSECCOMP_TOO_OLD` if the library lacks an architecture
 */
export function buildFilter(request: BuildRequest, library: Library): BuiltFilter {
  const filter = new Filter(fromNative(request.defaultAction), { library });
  try {
    setArchitectures(filter, request.architectures, nativeArch(library));
    if (request.badArchAction !== actions.killThread.word) {
      filter.setAttribute('ACT_BADARCH', fromNative(request.badArchAction));
    }
    if (request.optimize !== 1) filter.setAttribute('CTL_OPTIMIZE', request.optimize);
    addRules(filter, request.rules);
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

/** Hundreds of rules have a few actions, and most have no comparisons: so little is made for each. */
function addRules(filter: Filter, rules: BuildRequest['rules']): void {
  const made = new Map<ReturnWord, Action>();
  rules.forEach((rule) => {
    const { returnWord } = rule;
    let action = made.get(returnWord);
    if (action === undefined) {
      action = fromNative(returnWord);
      made.set(returnWord, action);
    }
    addRule(filter, action, rule);
  });
}

function addRule(
  filter: Filter,
  action: Action,
  { syscall, comparisons, origin }: BuildRequest['rules'][number],
): void {
  try {
    // By name: libseccomp reads numbers as those of the machine it runs on, even if the filter is for another one.
    if (comparisons.length === 0) filter.addRule(action, syscall);
    else filter.addRule(action, syscall, comparisons.map(toInput));
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const reason = typeof error.details.reason === 'string' ? error.details.reason : error.message;
    const hint = refusalHints[Number(error.details.errno)] ?? error.hint;
    throw new OciSeccompError('ERR_LIBSECCOMP', `libseccomp refuses a rule for '${syscall}': ${reason}`, {
      hint,
      details: { ...error.details, rule: origin, syscall },
      cause: error,
    });
  }
}

const refusalHints: Readonly<Record<number, string>> = {
  17: 'remove one of the two rules',
  22: 'libseccomp does not accept one of the actions or comparisons',
  33: 'the call is multiplexed on an architecture of the profile, and a multiplexed call cannot be compared',
};
