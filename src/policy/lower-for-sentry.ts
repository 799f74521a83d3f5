/**
 * From LinuxSeccomp to Policy as gVisor does it. The filter runs in gVisor's own kernel, without libseccomp, and the first rule
 * that matches decides. The facts are in consumers/sentry-facts.ts.
 * @module
 */
import { actionByOciAction, actions, type ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { formatErrno } from '../abi/errno.ts';
import { type Comparison, U64_MAX } from '../abi/operators.ts';
import type { SentryTraits } from '../consumers/sentry-facts.ts';
import type { LinuxSeccomp, LinuxSyscall } from '../oci/linux-seccomp.ts';
import { splitComparisons } from './lower-comparisons.ts';
import { at, type Lowered, type LowerStep } from './lower-step.ts';
import type { PolicyRule, SyscallTable } from './policy.ts';
import { refusal } from './refusal.ts';
import type { Runtime } from './runtimes.ts';

interface SentryContext {
  readonly runtime: Runtime;
  readonly arch: ArchName;
  readonly table: SyscallTable;
  readonly steps: LowerStep[];
}

/** @throws OciSeccompError `ERR_PROFILE_SEMANTICS` where gVisor refuses the container */
export function lowerForSentry(seccomp: LinuxSeccomp, sentry: SentryTraits, context: SentryContext): Lowered {
  const { runtime, arch, steps } = context;
  const lacks = sentry.lacks[arch];
  if (lacks === undefined) {
    const known = Object.keys(sentry.lacks).join(' and ');
    throw refusal(context, `does not run on ${arch}`, undefined, `it runs on ${known}`);
  }
  const { defaultAction: named, defaultErrnoRet, syscalls = [], architectures = [], flags = [] } = seccomp;
  if (architectures.length > 0) {
    const message = `ignored the list of architectures: the filter is for ${arch} alone`;
    steps.push({ kind: 'architectures-ignored', message });
  }
  if (flags.length > 0)
    steps.push({ kind: 'flags-ignored', message: `ignored all flags: ${flags.join(', ')}` });
  const answer = (action: string, errnoRet: number | undefined, rule?: number): ReturnWord =>
    answerOf(action, errnoRet, sentry, context, rule);
  const defaultAction = answer(named, defaultErrnoRet);
  const rules = syscalls.flatMap((syscall, origin) =>
    lowerRule(syscall, origin, answer(syscall.action, syscall.errnoRet, origin), lacks, context),
  );
  const policy = {
    runtime,
    architectures: [arch] as const,
    defaultAction,
    badArchAction: actions.killThread.word,
    optimize: 1 as const,
    rules,
    enosysStub: undefined,
    flags: [],
  };
  return { policy, steps, skipped: [] };
}

function answerOf(
  action: string,
  errnoRet: number | undefined,
  { actions: known, errno }: SentryTraits,
  context: SentryContext,
  rule: number | undefined,
): ReturnWord {
  const row = actionByOciAction(action);
  if (row === undefined || !known.includes(action)) {
    throw refusal(context, `does not know the action '${action}'`, rule, `use one of ${known.join(', ')}`);
  }
  if (row.maxData === undefined) return row.word;
  if (errnoRet !== undefined && errnoRet !== errno) {
    const message = `ignored the errno ${errnoRet}: ${action} answers ${formatErrno(errno)}`;
    context.steps.push({ kind: 'errno-ignored', ...at(rule), message });
  }
  return (row.word | errno) >>> 0;
}

function lowerRule(
  { names, args = [] }: LinuxSyscall,
  origin: number,
  returnWord: ReturnWord,
  lacks: readonly string[],
  context: SentryContext,
): readonly PolicyRule[] {
  const conditions = splitComparisons(args, origin, context).filter((all) => canHold(all, origin, context));
  return names.flatMap((syscall): readonly PolicyRule[] => {
    const nr = context.table.resolve(syscall, context.arch);
    if (nr === undefined || nr < 0 || lacks.includes(syscall)) {
      const message = `skipped '${syscall}': gVisor has no such call`;
      context.steps.push({ kind: 'unknown-syscall', rule: origin, syscall, returnWord, message });
      return [];
    }
    return conditions.map((comparisons) => ({ syscall, nr, comparisons, returnWord, origin }));
  });
}

/** Whether comparisons can hold: gVisor masks the argument, but not the value that it compares with. */
function canHold(comparisons: readonly Comparison[], rule: number, { steps }: SentryContext): boolean {
  const beyond = comparisons.find(
    ({ op, value, valueTwo }) => op === 'maskedEq' && (valueTwo & ~value & U64_MAX) !== 0n,
  );
  if (beyond === undefined) return true;
  const message = `left out a comparison of argument ${beyond.index} that never holds: the value has bits outside the mask`;
  steps.push({ kind: 'never-holds', rule, message });
  return false;
}
