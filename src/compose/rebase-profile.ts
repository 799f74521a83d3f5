/**
 * A copy of a default profile put onto a newer default: a three-way merge, call by call.
 *
 * A call whose rules the author left alone gets what the new default says. A call whose rules the new default left alone
 * keeps what the author wrote. If both changed a call, in different ways, there is a conflict: one of the two wins, and the caller
 * is told.
 *
 * The result has the new default's rules, in their order, with their comments and the author's. What the author added goes into a
 * rule that says the same, or becomes a rule behind those for the same call.
 * @module
 */
import { errnoByName } from '../abi/errno.ts';
import { insertNames } from '../abi/name-order.ts';
import { hasKeys } from '../oci/dialect-rows.ts';
import type { Dialect, Profile, ProfileRule } from '../oci/profile.ts';
import { callsOfRule, type Fact, factsOf, keyOf, type RuleFacts, sameFacts } from './dated/rule-facts.ts';
import { carriedCalls, mayMultiplex, multiplexers } from './multiplexed-calls.ts';

/** Who wins if the author and the new default changed the same thing. */
export type Winner = 'yours' | 'default';

/** What both changed. */
export interface RebaseConflict {
  /** The call; or a part of the profile outside its rules. */
  readonly about: string;
  /** Whether `about` is a call. */
  readonly isCall: boolean;
  /** Rules, or the value, in the old default. */
  readonly base: readonly string[];
  /** The same in the author's profile. */
  readonly yours: readonly string[];
  /** The same in the new default. */
  readonly theirs: readonly string[];
  /** Whose the result has. */
  readonly taken: Winner;
  /**
   * If `about` is a multiplexer such as `socketcall`: the calls that it carries and that the other side changed. On architectures
   * such as 32-bit x86, its rules answer those calls too. Else empty.
   */
  readonly carries: readonly string[];
}

/** A change of the author's without a conflict. */
export interface RebaseChange {
  /** The call. */
  readonly call: string;
  /** What the author did. */
  readonly kind: 'added' | 'removed' | 'changed';
  /** The new default says the same. */
  readonly inDefault: boolean;
}

/** A profile on a newer default, and what was merged. */
export interface RebasedProfile {
  /** The result. */
  readonly profile: Profile;
  /** The author's changes, by call. */
  readonly changes: readonly RebaseChange[];
  /** What both changed. */
  readonly conflicts: readonly RebaseConflict[];
  /** Calls for which the new default says something else than the old one, and which the author left alone. */
  readonly updated: {
    /** Named by the new default alone. */
    readonly added: readonly string[];
    /** Named by the old default alone. */
    readonly removed: readonly string[];
    /** Named by both. */
    readonly changed: readonly string[];
  };
  /** The parts beside the rules that the result has from the new default: `the default action`. */
  readonly updatedParts: readonly string[];
}

/** The three that meet; `base` and `onto` in the form that the author's copy has. */
export interface RebaseInput {
  readonly base: Profile;
  readonly yours: Profile;
  readonly onto: Profile;
}

/**
 * Puts an author's changes onto a newer default. The result has the dialect of the author's profile.
 *
 * @param winner - of conflicts
 */
export function mergeOnto(
  { base, yours, onto: newest }: RebaseInput,
  winner: Winner = 'yours',
): RebasedProfile {
  const onto = inDialect(newest, yours.dialect);
  const [before, mine, theirs] = [base, yours, onto].map(factsOf) as [RuleFacts, RuleFacts, RuleFacts];
  const changes: RebaseChange[] = [];
  const conflicts: RebaseConflict[] = [];
  const updated = { added: [] as string[], removed: [] as string[], changed: [] as string[] };
  const kept = new Map<string, readonly Fact[]>();
  for (const call of [...new Set([...before.keys(), ...mine.keys(), ...theirs.keys()])].sort()) {
    const [b, p, n] = [before.get(call) ?? [], mine.get(call) ?? [], theirs.get(call) ?? []];
    if (sameFacts(p, b)) {
      if (!sameFacts(n, b)) updated[kindOfChange(b, n)].push(call);
      continue;
    }
    if (sameFacts(n, b) || sameFacts(n, p)) {
      changes.push({ call, kind: kindOfChange(b, p), inDefault: sameFacts(n, p) });
      if (!sameFacts(n, p)) kept.set(call, p);
      continue;
    }
    const [baseTexts, own, other] = [b, p, n].map((facts) => facts.map(({ rule }) => ruleText(rule)));
    conflicts.push({
      ...{ about: call, isCall: true, base: baseTexts ?? [], yours: own ?? [], theirs: other ?? [] },
      ...{ taken: winner, carries: [] },
    });
    if (winner === 'yours') kept.set(call, p);
  }
  const head = mergeHeads({ base, yours, onto }, winner);
  const met = mayMultiplex(head.profile) ? multiplexerConflicts({ before, mine, theirs }, winner) : [];
  for (const { about } of met) {
    if (winner === 'yours') kept.set(about, mine.get(about) ?? []);
    else kept.delete(about);
  }
  const isApart = (call: string): boolean => !met.some(({ about }) => about === call);
  return {
    profile: { ...head.profile, rules: withComments(placeRules(onto, kept, head.profile), base, yours) },
    changes: changes.filter(({ call }) => isApart(call)),
    conflicts: [...head.conflicts, ...conflicts, ...met],
    updated: { ...updated, added: updated.added.filter(isApart) },
    updatedParts: head.updatedParts,
  };
}

/**
 * Finds conflicts about multiplexers. If one side now names `socketcall`, its rules also answer the calls that it carries on 32-bit
 * x86. If the other side changed such a call, the result cannot have both.
 */
function multiplexerConflicts(
  { before, mine, theirs }: Record<'before' | 'mine' | 'theirs', RuleFacts>,
  taken: Winner,
): readonly RebaseConflict[] {
  return multiplexers.flatMap((about) => {
    const [b = [], p = [], n = []] = [before, mine, theirs].map((facts) => facts.get(about));
    const isMine = sameFacts(n, b) && !sameFacts(p, b) && p.length > 0;
    const isTheirs = b.length === 0 && p.length === 0 && n.length > 0;
    if (!isMine && !isTheirs) return [];
    const [said, others] = isMine ? [p, theirs] : [n, mine];
    const carries = carriedCalls(about).filter(
      (call) => !sameFacts(others.get(call), before.get(call)) && !sameFacts(others.get(call), said),
    );
    if (carries.length === 0) return [];
    const [base = [], yours = [], other = []] = [b, p, n].map((facts) =>
      facts.map(({ rule }) => ruleText(rule)),
    );
    return [{ about, isCall: true, base, yours, theirs: other, taken, carries }];
  });
}

function kindOfChange(before: readonly Fact[], after: readonly Fact[]): RebaseChange['kind'] {
  if (before.length === 0) return 'added';
  return after.length === 0 ? 'removed' : 'changed';
}

/** The parts of a profile beside its rules. The keys of a part are taken from one side together. */
const parts: readonly {
  readonly about: string;
  readonly keys: readonly (keyof Profile)[];
}[] = [
  { about: 'the default action', keys: ['defaultAction', 'defaultErrnoRet', 'defaultErrno'] },
  { about: 'the architectures', keys: ['architectures', 'archMap'] },
  { about: 'the flags', keys: ['flags'] },
];

function mergeHeads(
  { base, yours, onto }: RebaseInput,
  winner: Winner,
): Pick<RebasedProfile, 'conflicts' | 'updatedParts'> & { readonly profile: Omit<Profile, 'rules'> } {
  const { rules: _, defaultActionPlace: _place, ...own } = yours;
  let profile: Omit<Profile, 'rules'> = own;
  const conflicts: RebaseConflict[] = [];
  const updatedParts: string[] = [];
  for (const { about, keys } of parts) {
    const [b, p, n] = [base, yours, onto].map((each) => partText(each, keys)) as [string, string, string];
    const isSame = p === b;
    const isConflict = !isSame && n !== b && n !== p;
    if (isConflict) {
      conflicts.push({
        about,
        isCall: false,
        base: [b],
        yours: [p],
        theirs: [n],
        taken: winner,
        carries: [],
      });
    }
    if (!isSame && !(isConflict && winner === 'default')) continue;
    if (n !== p) updatedParts.push(about);
    const rest = Object.fromEntries(
      Object.entries(profile).filter(([key]) => !keys.includes(key as keyof Profile)),
    ) as typeof profile;
    const taken = Object.fromEntries(
      keys.filter((key) => onto[key] !== undefined).map((key) => [key, onto[key]]),
    );
    profile = { ...rest, ...taken };
  }
  return { profile, conflicts, updatedParts };
}

/** A part as a text to compare: an errno's name equals its number, and an archMap equals one in another order. */
function partText(profile: Profile, keys: readonly (keyof Profile)[]): string {
  if (keys.includes('defaultAction')) {
    const { defaultAction, defaultErrno, defaultErrnoRet } = profile;
    return keyOf({
      names: [],
      action: defaultAction ?? '',
      ...(defaultErrno === undefined ? {} : { errno: defaultErrno }),
      ...(defaultErrnoRet === undefined ? {} : { errnoRet: defaultErrnoRet }),
    }).replace(/,+$/, '');
  }
  if (keys.includes('archMap')) {
    const entries = (profile.archMap ?? []).map(
      ({ architecture, subArchitectures }) => `${architecture}: ${[...subArchitectures].sort().join(' ')}`,
    );
    return [...entries.sort(), ...(profile.architectures ?? [])].join('; ').replaceAll('SCMP_ARCH_', '');
  }
  return (profile.flags ?? []).join(' ');
}

/** A profile in another dialect; names of errnos become numbers if that dialect has none. */
export function inDialect(profile: Profile, dialect: Dialect): Profile {
  if (hasKeys(dialect, 'errno names')) return { ...profile, dialect };
  const { defaultErrno, ...head } = profile;
  const rules = profile.rules.map(({ errno, ...rule }) =>
    errno === undefined ? rule : { ...rule, errnoRet: errnoByName(errno) ?? Number(errno) },
  );
  const number =
    defaultErrno === undefined ? {} : { defaultErrnoRet: errnoByName(defaultErrno) ?? Number(defaultErrno) };
  return { ...head, ...number, dialect, rules };
}

/** The new default's rules; for some calls, the author's facts replace those of the default. */
function placeRules(
  onto: Profile,
  said: RuleFacts,
  { defaultAction = '', defaultErrno: errno, defaultErrnoRet: errnoRet }: Omit<Profile, 'rules'>,
): readonly ProfileRule[] {
  const byDefault = keyOf({
    names: [],
    action: defaultAction,
    ...(errno === undefined ? {} : { errno }),
    ...(errnoRet === undefined ? {} : { errnoRet }),
  });
  // A rule that answers as the default action does changes nothing: runtimes leave it out.
  const kept: RuleFacts = new Map(
    [...said].map(([call, facts]) => [call, facts.filter(({ key }) => key !== byDefault)]),
  );
  const apart = new Set<string>();
  const rules = arrange(onto, kept, apart);
  // Which of two rules without comparisons wins depends on their order.
  const found = factsOf({ rules });
  for (const [call, facts] of kept) {
    const order = (found.get(call) ?? []).map(({ key }) => key).join('\n');
    if (order !== facts.map(({ key }) => key).join('\n')) apart.add(call);
  }
  return apart.size === 0 ? rules : arrange(onto, kept, apart);
}

/** Adds the author's comments to rules that say the same of one of their calls. */
function withComments(
  rules: readonly ProfileRule[],
  { rules: before }: Profile,
  yours: Profile,
): readonly ProfileRule[] {
  const own = yours.rules.flatMap((rule) => {
    const { comment = '' } = rule;
    const isOwn = comment !== '' && !before.some((each) => each.comment === comment);
    return isOwn ? [{ comment, key: keyOf(rule), calls: callsOfRule(rule) }] : [];
  });
  return rules.map((rule) => {
    const key = keyOf(rule);
    const names = new Set(callsOfRule(rule));
    const like = own.find((each) => each.key === key && each.calls.some((call) => names.has(call)));
    return like === undefined ? rule : { ...rule, comment: like.comment };
  });
}

/** @param apart - calls whose rules all stand together, in the author's order */
function arrange(onto: Profile, kept: RuleFacts, apart: ReadonlySet<string>): readonly ProfileRule[] {
  const missing = new Map<string, Set<string>>();
  for (const [call, facts] of kept) missing.set(call, new Set(facts.map(({ key }) => key)));
  const rules: ProfileRule[] = [];
  for (const rule of onto.rules) {
    const key = keyOf(rule);
    const stays = callsOfRule(rule).filter((call) => {
      const wanted = missing.get(call);
      if (wanted === undefined) return true;
      return !apart.has(call) && wanted.delete(key);
    });
    if (stays.length === 0) continue;
    const more = rule.names.length === 0 ? [] : takeMissing(missing, key, apart);
    rules.push(rule.names.length === 0 ? rule : { ...rule, names: insertNames(stays, more) });
  }
  for (const [call, facts] of kept) {
    for (const { key, rule } of facts) {
      if (missing.get(call)?.has(key) !== true) continue;
      const calls = apart.has(call) ? [call] : takeMissing(missing, key, apart);
      const { name: _, place: __, ...plain } = rule;
      // Behind the rules of the call, where a reader looks for it.
      const last = rules.findLastIndex((each) => callsOfRule(each).includes(call));
      rules.splice(last < 0 ? rules.length : last + 1, 0, { ...plain, names: calls });
    }
  }
  return rules;
}

/** Takes the calls that still lack a rule, so that they lack it no longer. */
function takeMissing(
  missing: ReadonlyMap<string, Set<string>>,
  key: string,
  apart: ReadonlySet<string>,
): readonly string[] {
  return [...missing].filter(([call, keys]) => !apart.has(call) && keys.delete(key)).map(([call]) => call);
}

/** `ERRNO 38 unless CAP_SYS_ADMIN`, `ALLOW if arg0 EQ 8 on s390 s390x` */
function ruleText(rule: ProfileRule): string {
  const { action, errno, errnoRet, args = [], includes = {}, excludes = {} } = rule;
  const compared = args.map(({ index, op, value, valueTwo }) => {
    const name = op.replace('SCMP_CMP_', '');
    return name === 'MASKED_EQ'
      ? `arg${index} & 0x${value.toString(16)} == 0x${(valueTwo ?? 0n).toString(16)}`
      : `arg${index} ${name} 0x${value.toString(16)}`;
  });
  const { caps = [], arches = [], minKernel } = includes;
  return [
    action.replace('SCMP_ACT_', ''),
    ...(errno === undefined && errnoRet === undefined ? [] : [errno ?? `${errnoRet}`]),
    ...(compared.length === 0 ? [] : [`if ${compared.join(' and ')}`]),
    ...(caps.length === 0 ? [] : [`with ${caps.join(' ')}`]),
    ...(excludes.caps?.length ? [`without ${excludes.caps.join(' ')}`] : []),
    ...(arches.length === 0 ? [] : [`on ${arches.join(' ')}`]),
    ...(excludes.arches?.length ? [`not on ${excludes.arches.join(' ')}`] : []),
    ...(minKernel === undefined ? [] : [`from kernel ${minKernel}`]),
  ].join(' ');
}
