/**
 * What gVisor's runsc makes of a profile: what it refuses, what it drops, and what it reads in another way than runc. The facts are in
 * consumers/sentry-facts.ts, with their source.
 *
 * NOTE: read as written. Rules whose conditions (`includes`, `excludes`) differ are not held against each other.
 * @module
 */
import { actionByOciAction } from '../abi/actions.ts';
import { type ArchName, architectureByOciArch } from '../abi/architectures.ts';
import { errnoByName } from '../abi/errno.ts';
import { U64_MAX } from '../abi/operators.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import { sentry } from '../consumers/sentry-facts.ts';
import { parseErrno } from '../oci/checks/check-errno.ts';
import { isForeign, profilePointer } from '../oci/dialect-rows.ts';
import type { Severity } from '../oci/problem-codes.ts';
import type { Profile, ProfileRule } from '../oci/profile.ts';
import { RUNSC } from './runtimes.ts';

/** What kind of difference it is; stable. */
type RunscCode =
  | 'runsc-option'
  | 'runsc-host'
  | 'runsc-action'
  | 'runsc-errno'
  | 'runsc-unknown-name'
  | 'runsc-architectures'
  | 'runsc-flags'
  | 'runsc-mask'
  | 'runsc-order';

/** One thing that runsc does with a profile. */
export interface RunscFinding {
  readonly code: RunscCode;
  /** `error`: it refuses the container. `warning`: it drops or changes something. `note`: neither. */
  readonly severity: Severity;
  /** One sentence without a full stop. */
  readonly message: string;
  readonly hint?: string;
  /** JSON pointer of the place. */
  readonly pointer: string;
}

/** Everything that runsc refuses, drops or changes on hosts of these architectures, kinds in a fixed order. */
export function readByRunsc(profile: Profile, hosts: readonly ArchName[]): readonly RunscFinding[] {
  const base = profilePointer(profile.dialect);
  const option: RunscFinding = {
    code: 'runsc-option',
    severity: 'note',
    message:
      'runsc reads a profile only with its option --oci-seccomp; without it, it ignores all of the profile',
    hint: 'what is said of runsc is from the source of release-20260817.0; release 20240729 was run',
    pointer: base,
  };
  if (isForeign(profile.dialect)) return [option];
  return [
    option,
    ...unknownHosts(hosts, base),
    ...actionsOf(profile, base),
    ...errnosOf(profile, base),
    ...profile.rules.flatMap((rule, i) => unknownNames(rule, pointerOf(rule, i, base), profile, hosts)),
    ...ignoredKeys(profile, base, hosts),
    ...profile.rules.flatMap((rule, i) => masksOf(rule, pointerOf(rule, i, base))),
    ...ordersOf(profile, base),
  ];
}

function pointerOf({ place }: ProfileRule, index: number, base: string): string {
  return place?.pointer ?? `${base}/syscalls/${index}`;
}

function unknownHosts(hosts: readonly ArchName[], pointer: string): readonly RunscFinding[] {
  const other = hosts.filter((arch) => sentry.lacks[arch] === undefined);
  if (other.length === 0) return [];
  const message = `gVisor runs on x86_64 and aarch64, not on ${other.join(', ')}`;
  return [{ code: 'runsc-host', severity: 'error', message, pointer }];
}

function actionsOf(profile: Profile, base: string): readonly RunscFinding[] {
  const places = [
    { action: profile.defaultAction, pointer: `${base}/defaultAction`, always: true },
    ...profile.rules.map((rule, i) => ({
      action: rule.action,
      pointer: `${pointerOf(rule, i, base)}/action`,
      always: conditionsOf(rule) === '',
    })),
  ];
  return places.flatMap(({ action, pointer, always }): readonly RunscFinding[] => {
    if (action === undefined || sentry.actions.includes(action)) return [];
    const where = always ? '' : ', where the conditions of the rule hold';
    const message = `runsc does not know ${action}, and refuses the container${where}`;
    const hint = `it knows ${sentry.actions.join(', ')}`;
    return [{ code: 'runsc-action', severity: always ? 'error' : 'warning', message, hint, pointer }];
  });
}

interface Answer {
  readonly action: string | undefined;
  /** `undefined` for actions that take none. */
  readonly errno: number | undefined;
}

/** What a rule or the default answers as it is written. Without an errno, it is EPERM. */
function answerOf(
  action: string | undefined,
  errnoRet: number | undefined,
  errno: string | undefined,
): Answer {
  const takes = action !== undefined && actionByOciAction(action)?.maxData !== undefined;
  const named = errno === undefined ? undefined : (parseErrno(errno, 'podman') ?? errnoByName(errno));
  const given = named ?? errnoRet ?? sentry.errno;
  return { action, errno: takes ? given & 0xffff : undefined };
}

function ruleAnswer({ action, errnoRet, errno }: ProfileRule): Answer {
  return answerOf(action, errnoRet, errno);
}

function defaultAnswer({ defaultAction, defaultErrnoRet, defaultErrno }: Profile): Answer {
  return answerOf(defaultAction, defaultErrnoRet, defaultErrno);
}

function errnosOf(profile: Profile, base: string): readonly RunscFinding[] {
  const places = [
    { answer: defaultAnswer(profile), pointer: `${base}/defaultAction`, names: [] as readonly string[] },
    ...profile.rules.map((rule, i) => ({
      answer: ruleAnswer(rule),
      pointer: pointerOf(rule, i, base),
      names: namesOf(rule),
    })),
  ];
  return places.flatMap(({ answer: { errno, action }, pointer, names }): readonly RunscFinding[] => {
    if (errno === undefined || errno === sentry.errno || action === undefined) return [];
    if (!sentry.actions.includes(action)) return [];
    const message = `runsc ignores the errno: ${action} answers EPERM (1), not ${errno}`;
    const hint = names.includes('clone3')
      ? 'after EPERM from clone3, C libraries do not fall back to clone: allow clone3, or threads cannot start'
      : undefined;
    return [
      {
        code: 'runsc-errno',
        severity: 'warning',
        message,
        ...(hint === undefined ? {} : { hint }),
        pointer,
      },
    ];
  });
}

function namesOf({ name, names }: ProfileRule): readonly string[] {
  return name === undefined ? names : [name, ...names];
}

/** Names of calls that Linux has and gVisor has not. Other checks report names that nobody knows. */
function unknownNames(
  rule: ProfileRule,
  pointer: string,
  profile: Profile,
  hosts: readonly ArchName[],
): readonly RunscFinding[] {
  if (rule.action === profile.defaultAction) return [];
  const skipped = namesOf(rule).filter((name) =>
    hosts.some((arch) => sentry.lacks[arch]?.includes(name) === true),
  );
  if (skipped.length === 0) return [];
  const message = `runsc skips ${skipped.join(', ')}: gVisor has no such ${skipped.length === 1 ? 'call, and it gets' : 'calls, and they get'} the default action`;
  return [{ code: 'runsc-unknown-name', severity: 'warning', message, pointer }];
}

function ignoredKeys(profile: Profile, base: string, hosts: readonly ArchName[]): readonly RunscFinding[] {
  const { architectures = [], flags = [], archMap = [] } = profile;
  const listed = [...architectures, ...archMap.flatMap(({ subArchitectures }) => subArchitectures)];
  const others = listed.filter((each) => {
    const row = architectureByOciArch(each);
    return row !== undefined && !hosts.includes(row.name);
  });
  const found: RunscFinding[] = [];
  if (others.length > 0) {
    const key = architectures.length > 0 ? 'architectures' : 'archMap';
    const message =
      'runsc ignores the list of architectures: its filter has the architecture of the host alone, and kills threads that call by another';
    found.push({ code: 'runsc-architectures', severity: 'note', message, pointer: `${base}/${key}` });
  }
  if (flags.length > 0) {
    const message = `runsc ignores all flags: ${flags.join(', ')}`;
    found.push({ code: 'runsc-flags', severity: 'warning', message, pointer: `${base}/flags` });
  }
  return found;
}

/** pkg/seccomp `MaskedEqual` masks the argument, not the value that it is compared with. */
function masksOf({ args = [] }: ProfileRule, pointer: string): readonly RunscFinding[] {
  return args.flatMap(({ op, value, valueTwo = 0n }, i): readonly RunscFinding[] => {
    if (op !== 'SCMP_CMP_MASKED_EQ' || (valueTwo & ~value & U64_MAX) === 0n) return [];
    const message = 'with runsc the comparison never holds: valueTwo has bits outside the mask';
    return [{ code: 'runsc-mask', severity: 'warning', message, pointer: `${pointer}/args/${i}` }];
  });
}

/** The host conditions of a rule as a text; empty: it has none. */
function conditionsOf({ includes, excludes }: ProfileRule): string {
  return includes === undefined && excludes === undefined ? '' : JSON.stringify([includes, excludes]);
}

interface OrderedRule {
  readonly rule: ProfileRule;
  readonly index: number;
  readonly answer: Answer;
  readonly isDefault: boolean;
  readonly isUnconditional: boolean;
}

/**
 * Pairs of rules for one call that runsc decides otherwise than runc. pkg/seccomp `Program.RuleSets`: the first rule that
 * matches is used; a rule that equals the default action is a rule as any other.
 */
function ordersOf(profile: Profile, base: string): readonly RunscFinding[] {
  const own = defaultAnswer(profile);
  const byName = new Map<string, OrderedRule[]>();
  const pairs = new Map<string, { first: OrderedRule; second: OrderedRule; names: string[] }>();
  for (const [index, rule] of profile.rules.entries()) {
    const answer = ruleAnswer(rule);
    const isDefault = answer.action === own.action && answer.errno === own.errno;
    const second = { rule, index, answer, isDefault, isUnconditional: (rule.args ?? []).length === 0 };
    for (const name of new Set(namesOf(rule))) {
      if (!existsOnRunsc(name)) continue;
      const earlier = byName.get(name) ?? [];
      const first = isDecided(earlier, second)
        ? undefined
        : earlier.find((each) => isReadOtherwise(each, second));
      byName.set(name, [...earlier, second]);
      if (first === undefined) continue;
      const key = `${first.index} ${index}`;
      const pair = pairs.get(key) ?? { first, second, names: [] };
      pair.names.push(name);
      pairs.set(key, pair);
    }
  }
  return [...pairs.values()].map(({ first, second, names }) => ({
    code: 'runsc-order',
    severity: 'warning',
    message: `${RUNSC} takes the first rule that matches, so for ${names.join(', ')} this rule comes before rule ${second.index + 1}; ${otherReading(first, second)}`,
    pointer: pointerOf(first.rule, first.index, base),
  }));
}

function existsOnRunsc(name: string): boolean {
  return (['x86_64', 'aarch64'] as const).some((arch) => {
    const nr = directSyscallNumber(name, arch);
    return nr !== undefined && nr >= 0 && sentry.lacks[arch]?.includes(name) !== true;
  });
}

/** Whether an earlier rule without comparisons decides: it does so for runsc and for runc, and later rules do not matter. */
function isDecided(earlier: readonly OrderedRule[], { rule }: OrderedRule): boolean {
  return earlier.some(
    (each) =>
      each.isUnconditional && !each.isDefault && ['', conditionsOf(rule)].includes(conditionsOf(each.rule)),
  );
}

function isReadOtherwise(first: OrderedRule, second: OrderedRule): boolean {
  // runsc answers EPERM whatever errno a rule has, so rules that differ in it alone answer the same.
  if (first.answer.action === second.answer.action) return false;
  if (conditionsOf(first.rule) !== conditionsOf(second.rule)) return false;
  // runc skips the later rule, and calls that match none get the default action anyway.
  if (second.isDefault) return false;
  return !excludeEachOther(first.rule, second.rule);
}

/** Rules that compare one argument with two values never match the same call. */
function excludeEachOther({ args: first = [] }: ProfileRule, { args: second = [] }: ProfileRule): boolean {
  const equals = 'SCMP_CMP_EQ';
  const [a] = first;
  const [b] = second;
  if (a === undefined || b === undefined || first.length > 1 || second.length > 1) return false;
  return a.op === equals && b.op === equals && a.index === b.index && a.value !== b.value;
}

function otherReading(first: OrderedRule, second: OrderedRule): string {
  if (first.isDefault) return 'runc skips it, because it repeats the default action';
  if (second.isUnconditional) return 'with runc the other one decides alone, because it compares nothing';
  return 'with runc it is not defined which one decides where both match';
}
