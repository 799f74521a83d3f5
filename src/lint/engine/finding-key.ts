/**
 * Decides whether two findings in copies of one profile are the same, wherever they are in the text.
 * @module
 */
import { exactJson } from '../../abi/exact-json.ts';
import { callsOfRule, factsOf, keyOf, type RuleFacts } from '../../compose/dated/rule-facts.ts';
import type { Profile } from '../../oci/profile.ts';
import { recentAnswers } from '../../recent-answers.ts';
import type { Finding } from './finding.ts';

/** A profile as places and texts of findings are looked up in it. */
export interface Source {
  readonly profile: Profile;
  readonly facts: RuleFacts;
  /** All but the rules. */
  readonly head: string;
  readonly ruleAt: ReadonlyMap<string, Profile['rules'][number]>;
}

/** Made once for each profile, because many copies are compared with one default. */
export const sourceOf = recentAnswers(1, makeSource);

function makeSource(profile: Profile): Source {
  const { defaultAction, defaultErrno, defaultErrnoRet = 1, architectures = [], archMap = [] } = profile;
  const { flags = [], listenerPath } = profile;
  const maps = archMap.map(({ architecture, subArchitectures = [] }) => [architecture, subArchitectures]);
  return {
    profile,
    facts: factsOf(profile),
    head: JSON.stringify([
      defaultAction,
      defaultErrno ?? defaultErrnoRet,
      [...architectures].sort(),
      maps,
      flags,
      listenerPath,
    ]),
    ruleAt: new Map(profile.rules.map((rule, at) => [rule.place?.pointer ?? `/syscalls/${at}`, rule])),
  };
}

interface Anchor {
  readonly rule: Profile['rules'][number] | undefined;
  /** The call, if the place is one name of the rule. */
  readonly call: string | undefined;
}

export function anchorOf(pointer: string, { ruleAt }: Source): Anchor {
  const [, place = '', index] = /^(.*?\/syscalls\/\d+)(?:\/names\/(\d+))?(?=\/|$)/.exec(pointer) ?? [];
  const rule = ruleAt.get(place);
  return { rule, call: index === undefined ? undefined : rule?.names[Number(index)] };
}

/** A text that is equal for equal findings: everything except positions. */
export function keyOfFinding(finding: Finding, source: Source): string {
  const { rule, level, message, witness, hosts, range, related = [] } = finding;
  const call = witness === undefined ? undefined : { ...witness, call: callText(witness.call) };
  return exactJson([
    [rule, level, message, hosts, placeText(range.pointer, source)],
    call,
    related.map((each) => [each.message, placeText(each.range.pointer, source)]).sort(),
  ]);
}

function callText({ arch, nr, args }: NonNullable<Finding['witness']>['call']): string {
  return [arch, nr, ...args].join(' ');
}

function placeText(pointer: string, source: Source): string {
  const { rule, call } = anchorOf(pointer, source);
  return rule === undefined ? `head ${source.head}` : `${keyOf(rule)} ${call ?? ''}`;
}

/** The name at a place, or all names of the rule there. */
export function callsAt(pointer: string, source: Source): readonly string[] {
  const { rule, call } = anchorOf(pointer, source);
  if (call !== undefined) return [call];
  return rule === undefined ? [] : callsOfRule(rule);
}
