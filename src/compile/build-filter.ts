/**
 * Hands a policy's rules to libseccomp, with the same calls as a runtime. It runs in this process or in a child, so a request and
 * its result are plain values.
 * @module
 */
import { actions, type ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { OciSeccompError } from '../errors.ts';
import { type Action, fromNative } from '../libseccomp/action.ts';
import { parseComparisons, toInput } from '../libseccomp/comparison.ts';
import { exportBpfBytes, exportPfcText } from '../libseccomp/export.ts';
import { addRuleTo, callOn, initContext, setAttributeOf } from '../libseccomp/filter-context.ts';
import { formatVersion, type Library, nativeArch, requireArch } from '../libseccomp/library.ts';
import { toNative } from '../libseccomp/syscall.ts';
import { requireTrapData } from '../libseccomp/trap-data.ts';
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
 * NOTE: it does not return for some rule sets (`findHazard`). Build those in a child process.
 *
 * @throws OciSeccompError `ERR_LIBSECCOMP` with `details.rule` (the rule's origin) where libseccomp refuses a rule;
 *   `ERR_LIBSECCOMP_TOO_OLD` if the library lacks an architecture
 */
export function buildFilter(request: BuildRequest, library: Library): BuiltFilter {
  requireTrapData(library, fromNative(request.defaultAction));
  const context = initContext(library, request.defaultAction);
  try {
    setArchitectures(library, context, request.architectures);
    if (request.badArchAction !== actions.killThread.word) {
      setAttributeOf(library, context, 'ACT_BADARCH', request.badArchAction);
    }
    if (request.optimize !== 1) setAttributeOf(library, context, 'CTL_OPTIMIZE', request.optimize);
    addRules(library, context, request.rules);
    return {
      bpf: exportBpfBytes(library, context),
      pfc: request.pfc ? exportPfcText(library, context) : undefined,
      libraryVersion: formatVersion(library.version),
    };
  } finally {
    library.call('seccomp_release')(context);
  }
}

/** A new filter holds this machine's architecture; one for another machine starts with that machine's instead. */
function setArchitectures(
  library: Library,
  context: bigint,
  [first, ...others]: BuildRequest['architectures'],
): void {
  const native = nativeArch(library);
  const token = (arch: ArchName): number => {
    requireArch(library, arch);
    return architectures[arch].scmpArch;
  };
  if (first !== native) {
    callOn(library, context, 'seccomp_arch_remove', token(native));
    callOn(library, context, 'seccomp_arch_add', token(first));
  }
  for (const arch of others) callOn(library, context, 'seccomp_arch_add', token(arch));
}

/** Hundreds of rules have a few actions, and most have no comparisons: so little is made for each. */
function addRules(library: Library, context: bigint, rules: BuildRequest['rules']): void {
  const made = new Map<ReturnWord, Action>();
  rules.forEach((rule) => {
    const { returnWord } = rule;
    let action = made.get(returnWord);
    if (action === undefined) {
      action = fromNative(returnWord);
      made.set(returnWord, action);
    }
    addRule(library, context, action, rule);
  });
}

function addRule(
  library: Library,
  context: bigint,
  action: Action,
  { syscall, comparisons, returnWord, origin }: BuildRequest['rules'][number],
): void {
  try {
    if (action.kind === 'trap') requireTrapData(library, action);
    // By name: libseccomp reads numbers as those of the machine it runs on, even if the filter is for another one.
    const nr = toNative(library, syscall);
    const checked = comparisons.length === 0 ? comparisons : parseComparisons(comparisons.map(toInput));
    addRuleTo(library, context, 'seccomp_rule_add_array', returnWord, nr, checked);
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
