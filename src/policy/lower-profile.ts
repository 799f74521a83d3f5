/**
 * From LinuxSeccomp to Policy, as the named runtime does it: every rule that it skips, splits or rewrites is reported.
 *
 * NOTE: conflicts between the rules of a call are not looked for here. They are a question of meaning (decision/).
 * @module
 */
import { type ActionInfo, actionByOciAction, actions, ociActions, type ReturnWord } from '../abi/actions.ts';
import {
  type ArchName,
  architectureByOciArch,
  architectures,
  X32_SYSCALL_BIT,
} from '../abi/architectures.ts';
import { EPERM } from '../abi/errno-constants.ts';
import type { OciFlag } from '../abi/flags.ts';
import type { KernelVersion } from '../abi/kernel-version.ts';
import {
  type OptionKind,
  type OptionKinds,
  plainText,
  record,
  takeOptions,
  texts,
} from '../abi/take-options.ts';
import { isFamily, runtimeRows } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import type { LinuxSeccomp, LinuxSyscall } from '../oci/linux-seccomp.ts';
import { requireUsable } from '../oci/usable-profile.ts';
import { lacksAction, withoutFilters } from './kernel-limits.ts';
import { loadFlags } from './load-flags.ts';
import { splitComparisons } from './lower-comparisons.ts';
import { lowerForSentry } from './lower-for-sentry.ts';
import { at, type Lowered, type LowerStep } from './lower-step.ts';
import type { EnosysSection, Policy, PolicyRule, SyscallTable } from './policy.ts';
import { refusal } from './refusal.ts';
import { describeRuntime, parseRuntime, type Runtime } from './runtimes.ts';

/** Whom a profile is lowered for. */
export interface LowerOptions {
  /** `runc` (default), `runc@1.1`, `runc@1.1.5`, `crun`, `youki`, `plain`, or a parsed runtime. */
  readonly runtime?: string | Runtime | undefined;
  /** The host's architecture. */
  readonly arch: ArchName;
  /** Where names become numbers. */
  readonly table: SyscallTable;
  /** The host's kernel; without it every action and flag counts as known to it. */
  readonly kernel?: KernelVersion | undefined;
  /** So that a whole host can be given, `{ ...host, table }`. `resolveProfile` has read them: nothing depends on them any more. */
  readonly capabilities?: readonly string[] | undefined;
}

const runtimeKind: OptionKind = {
  words: 'text, or a runtime that was parsed',
  holds: (value) => typeof value === 'string' || record.holds(Object(value).traits),
};
export const lowerKinds: OptionKinds<LowerOptions> = {
  runtime: runtimeKind,
  arch: plainText,
  table: record,
  kernel: record,
  capabilities: texts,
};

export type { Lowered, LowerStep, LowerStepKind } from './lower-step.ts';

interface Context {
  readonly runtime: Runtime;
  readonly arch: ArchName;
  readonly table: SyscallTable;
  readonly kernel: KernelVersion | undefined;
  readonly steps: LowerStep[];
  readonly skipped: PolicyRule[];
}

/** Turns a resolved profile into what a runtime hands to libseccomp. */
export function lowerProfile(seccomp: LinuxSeccomp, options: LowerOptions): Lowered {
  const { arch, table, kernel, runtime: asked = 'runc' } = takeOptions('lowerProfile', options, lowerKinds);
  const runtime = typeof asked === 'string' ? parseRuntime(asked) : asked;
  requireUsable(seccomp.refusals, isFamily(runtime.name) ? [runtime.name] : []);
  const { sentry } = runtime.traits;
  if (sentry !== undefined) return lowerForSentry(seccomp, sentry, { runtime, arch, table, steps: [] });
  const context: Context = { runtime, arch, table, kernel, steps: [], skipped: [] };
  const none = kernel === undefined ? undefined : withoutFilters(kernel);
  if (none !== undefined) throw new OciSeccompError('ERR_PROFILE_SEMANTICS', none, { details: { kernel } });
  const syscalls = seccomp.syscalls ?? [];

  const listed = lowerArchitectures(seccomp, context);
  const defaultAction = lowerDefaultAction(seccomp, context);
  const flags = lowerFlags(seccomp, context);
  const rules = syscalls.flatMap((syscall, origin) => lowerRule(syscall, origin, defaultAction, context));
  const enosysStub = lowerEnosysStub(syscalls, listed, defaultAction, context);
  const optimize = lowerOptimize(syscalls, context);

  const policy: Policy = {
    runtime,
    architectures: [arch, ...listed.filter((name) => name !== arch)],
    defaultAction,
    badArchAction: actions.killThread.word,
    optimize,
    rules,
    enosysStub,
    flags,
  };
  return { policy, steps: context.steps, skipped: context.skipped };
}

/** The profile's architectures in its order, each once. */
function lowerArchitectures(seccomp: LinuxSeccomp, context: Context): readonly ArchName[] {
  const { traits } = context.runtime;
  const listed = new Set<ArchName>();
  for (const ociArch of seccomp.architectures ?? []) {
    if (ociArch === 'SCMP_ARCH_NATIVE' && traits.knowsNativeArch) {
      listed.add(context.arch);
      continue;
    }
    const row = architectureByOciArch(ociArch);
    if (row === undefined || traits.unknownArchitectures.includes(row.name)) {
      throw refusal(context, `does not know the architecture '${ociArch}'`);
    }
    if (row.endian !== architectures[context.arch].endian) {
      throw refusal(
        context,
        `cannot put ${row.name} (${row.endian} endian) into a filter for ${context.arch}`,
        undefined,
        `take ${ociArch} out, or name its machine: --arch ${row.name}`,
      );
    }
    listed.add(row.name);
  }
  if (listed.size > 0 && !listed.has(context.arch)) {
    const message = `the profile does not list ${context.arch}, the native architecture; every filter includes it`;
    context.steps.push({ kind: 'native-architecture-added', message });
  }
  return [...listed];
}

function lowerDefaultAction(seccomp: LinuxSeccomp, context: Context): ReturnWord {
  const row = lookUpAction(seccomp.defaultAction, undefined, context);
  if (row.kind === 'notify' && context.runtime.traits.refusesNotifyOnStartPath) {
    throw refusal(context, 'refuses SCMP_ACT_NOTIFY as default action');
  }
  return lowerAction(row, seccomp.defaultErrnoRet, 'defaultErrnoRet', undefined, context);
}

function lookUpAction(ociAction: string, rule: number | undefined, context: Context): ActionInfo {
  const row = actionByOciAction(ociAction);
  if (row === undefined) {
    throw refusal(
      context,
      `does not know the action '${ociAction}'`,
      rule,
      `use one of ${ociActions.join(', ')}`,
    );
  }
  checkKernel(row, rule, context);
  return row;
}

/** libseccomp refuses an action that the kernel lacks; a program alone is taken, and kills. */
function checkKernel(row: ActionInfo, rule: number | undefined, context: Context): void {
  const lack = context.kernel === undefined ? undefined : lacksAction(context.kernel, row);
  if (lack === undefined) return;
  if (context.runtime.name !== 'plain') {
    const hint = 'use another action, or name a newer kernel; runtime plain shows the program alone';
    throw refusal(context, `cannot start a container with this profile: ${lack}`, rule, hint);
  }
  const message = `${lack}: it kills the thread instead`;
  context.steps.push({ kind: 'action-unknown-to-kernel', ...at(rule), message });
}

function lowerAction(
  row: ActionInfo,
  errnoRet: number | undefined,
  key: string,
  rule: number | undefined,
  context: Context,
): ReturnWord {
  if (row.maxData === undefined) {
    if (errnoRet !== undefined) {
      const about = `${key} ${errnoRet} on ${row.ociAction}, which takes none`;
      if (context.runtime.traits.errnoOnOtherActions === 'refused')
        throw refusal(context, `refuses ${about}`, rule);
      context.steps.push({ kind: 'errno-ignored', ...at(rule), message: `ignored ${about}` });
    }
    return row.word;
  }
  // runtime-spec 1.3 config-linux.md#seccomp
  const asked = errnoRet ?? EPERM;
  // Runtimes hand libseccomp 16 bits: runc by int16(), crun by the SCMP_ACT_ERRNO macro.
  const data = asked & 0xffff;
  if (data !== asked) {
    context.steps.push({
      kind: 'errno-truncated',
      ...at(rule),
      message: `${key} ${asked} truncated to ${data}`,
    });
  }
  if (data > row.maxData) {
    throw refusal(context, `cannot return errno ${data}: libseccomp takes 0..${row.maxData}`, rule);
  }
  return (row.word | data) >>> 0;
}

function lowerFlags(seccomp: LinuxSeccomp, context: Context): readonly OciFlag[] {
  const { flags, ignored, dropped } = loadFlags(seccomp, context.runtime, context.kernel);
  if (ignored.length > 0) {
    const message = `${describeRuntime(context.runtime)} takes ${ignored.join(', ')} and does not use it`;
    context.steps.push({ kind: 'flag-ignored', message });
  }
  if (dropped !== undefined) context.steps.push({ kind: 'flags-dropped', message: dropped });
  return flags;
}

function lowerRule(
  syscall: LinuxSyscall,
  origin: number,
  defaultAction: ReturnWord,
  context: Context,
): readonly PolicyRule[] {
  const row = lookUpAction(syscall.action, origin, context);
  if (
    row.kind === 'notify' &&
    context.runtime.traits.refusesNotifyOnStartPath &&
    syscall.names.includes('write')
  ) {
    throw refusal(
      context,
      'refuses SCMP_ACT_NOTIFY on write: it uses write itself to hand over the listener',
      origin,
    );
  }
  const word = lowerAction(row, syscall.errnoRet, 'errnoRet', origin, context);
  if (word === defaultAction) {
    const count = syscall.names.length;
    const message = `skipped ${count} ${count === 1 ? 'name' : 'names'}: the action equals the default action`;
    context.steps.push({ kind: 'equals-default-action', rule: origin, message });
    context.skipped.push(...addedOtherwise(syscall, word, origin, context));
    return [];
  }
  return addRules(syscall, word, origin, context);
}

/** The rules that a skipped rule would have become; none if the runtime would refuse it. */
function addedOtherwise(
  syscall: LinuxSyscall,
  word: ReturnWord,
  origin: number,
  context: Context,
): readonly PolicyRule[] {
  try {
    return addRules(syscall, word, origin, { ...context, steps: [] });
  } catch (error) {
    if (error instanceof OciSeccompError) return [];
    throw error;
  }
}

function addRules(
  syscall: LinuxSyscall,
  word: ReturnWord,
  origin: number,
  context: Context,
): readonly PolicyRule[] {
  const conditions = splitComparisons(syscall.args ?? [], origin, context);
  const rules: PolicyRule[] = [];
  syscall.names.forEach((name) => {
    const nr = resolveName(name, word, origin, context);
    if (nr === undefined) return;
    conditions.forEach((comparisons) => {
      rules.push({ syscall: name, nr, comparisons, returnWord: word, origin });
    });
  });
  return rules;
}

function resolveName(
  name: string,
  returnWord: ReturnWord,
  rule: number,
  context: Context,
): number | undefined {
  const { table, arch, runtime } = context;
  if (name === '' && !runtimeRows[runtime.name].reading.takesEmptyNames)
    throw refusal(context, 'refuses an empty syscall name', rule);
  const nr = table.resolve(name, arch);
  if (nr === undefined) {
    const message = `skipped '${name}': no syscall of this name in ${table.name}`;
    context.steps.push({ kind: 'unknown-syscall', rule, syscall: name, returnWord, message });
  } else if (nr < 0) {
    const message = `'${name}' is not a system call of ${arch}; it applies on the other architectures that have it`;
    context.steps.push({ kind: 'not-on-architecture', rule, syscall: name, message });
  }
  return nr;
}

const STUBLESS_DEFAULTS: readonly ReturnWord[] = [actions.allow.word, actions.log.word];

function lowerEnosysStub(
  syscalls: readonly LinuxSyscall[],
  listed: readonly ArchName[],
  defaultAction: ReturnWord,
  context: Context,
): readonly EnosysSection[] | undefined {
  const { enosysStub } = context.runtime.traits;
  const isTrace = (defaultAction & 0xffff0000) >>> 0 === actions.trace.word;
  if (enosysStub === 'none' || isTrace || STUBLESS_DEFAULTS.includes(defaultAction)) return undefined;

  const withNative = enosysStub === 'listed and native' && !listed.includes(context.arch);
  const sections = new Map<number, { auditArch: number; limits: { arch: ArchName; maxNr: number }[] }>();
  for (const arch of withNative ? [...listed, context.arch] : listed) {
    const { auditArch } = architectures[arch];
    const section = sections.get(auditArch) ?? { auditArch, limits: [] };
    sections.set(auditArch, section);
    const maxNr = largestNumber(syscalls, arch, context.table);
    // runc takes 0 for "none found", so it makes no check for a profile that names number 0 alone.
    if (maxNr > 0) section.limits.push({ arch, maxNr });
  }
  for (const { limits } of sections.values()) {
    for (const { arch, maxNr } of limits) {
      const newest = maxNr & ~(arch === 'x32' ? X32_SYSCALL_BIT : 0);
      const message = `calls of ${arch} above number ${newest}, the largest in the profile, get ENOSYS`;
      context.steps.push({ kind: 'enosys-stub', message });
    }
  }
  return [...sections.values()];
}

function largestNumber(syscalls: readonly LinuxSyscall[], arch: ArchName, table: SyscallTable): number {
  let largest = 0;
  for (const { names } of syscalls) {
    names.forEach((name) => {
      largest = Math.max(largest, table.resolve(name, arch) ?? 0);
    });
  }
  return largest;
}

function lowerOptimize(syscalls: readonly LinuxSyscall[], context: Context): 1 | 2 {
  const { binaryTreeAbove } = context.runtime.traits;
  const names = syscalls.reduce((sum, syscall) => sum + syscall.names.length, 0);
  if (binaryTreeAbove === undefined || names <= binaryTreeAbove) return 1;
  const message = `${names} names, more than ${binaryTreeAbove}: libseccomp builds a binary tree`;
  context.steps.push({ kind: 'binary-tree', message });
  return 2;
}
