/**
 * A call is denied, but another one that does the same is not: a program without the first uses the second.
 */
import type { ArchName } from '../../abi/architectures.ts';
import { cloneFlagsIndex } from '../../abi/clone-arguments.ts';
import { directSyscallNumber } from '../../abi/syscall-numbers.ts';
import {
  type CallOpenness,
  callOpennessOf,
  fallsBack,
  forEachView,
  hasRule,
  openingPlaces,
  rulesNaming,
} from '../ask/call-openness.ts';
import { comparedCalls, comparedIndexes } from '../ask/compared-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { listNames } from '../ask/list-names.ts';
import { type CallFamily, callFamilies } from '../catalog/families.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const equivalentOpen = builtinRule({
  id: 'equivalent-open',
  group: 'openness',
  level: 'warn',
  title: 'A call is denied, but another call that does the same is open',
  check: (context) =>
    forEachView(context, (view) => {
      for (const family of callFamilies) checkFamily(context, view, family);
    }),
});

/** How a profile keeps programs from a call. */
interface Denial {
  readonly syscall: string;
  readonly how: 'denied' | 'left to a supervisor' | 'left to a tracer' | 'limited by its arguments';
  readonly places: readonly string[];
}

function checkFamily(context: LintContext, view: HostView, family: CallFamily): void {
  const calls = words(family.calls);
  for (const syscall of calls) {
    const denial = denialOf(context, view, syscall, family);
    if (denial === undefined) continue;
    const siblings = calls.filter((other) => other !== syscall).map((other) => [other]);
    const ways = [...siblings, ...words(family.ways ?? '').map((way) => way.split('+'))];
    const open = view.expanded.flatMap(({ arch }): readonly OpenWay[] =>
      directSyscallNumber(syscall, arch) === undefined
        ? []
        : ways.map((names) => openWay(view, arch, names)).filter((way) => way !== undefined),
    );
    report(context, view, family, denial, open);
  }
}

const split = new Map<string, readonly string[]>();

/** The words of a text of the catalog: every profile asks for all of them. */
function words(text: string): readonly string[] {
  const known = split.get(text) ?? (text === '' ? [] : text.split(' '));
  split.set(text, known);
  return known;
}

/** Calls that together do what another does; all are open. */
type OpenWay = readonly CallOpenness[];

function openWay(view: HostView, arch: ArchName, names: readonly string[]): OpenWay | undefined {
  const calls = names.flatMap((name) => callOpennessOf(view, arch, name) ?? []);
  const all = calls.length === names.length && calls.every(({ openness }) => openness === 'open');
  return all ? calls : undefined;
}

/** What a rule says against a call and the filter upholds; ENOSYS is no denial but an offer to use another call. */
function denialOf(
  context: LintContext,
  view: HostView,
  syscall: string,
  { argument, whole = false }: CallFamily,
): Denial | undefined {
  if (!hasRule(view, syscall)) return undefined;
  const arch = view.policy.architectures.find((each) => directSyscallNumber(syscall, each) !== undefined);
  const asked = arch === undefined ? undefined : callOpennessOf(view, arch, syscall);
  if (arch === undefined || asked === undefined || asked.openness === 'open') return undefined;
  if (fallsBack(view, asked)) return undefined;
  const rules = rulesNaming(context, view, syscall);
  if (asked.openness === 'closed') {
    const closing = rules.filter(({ opens }) => !opens);
    if (closing.length === 0 || argument !== undefined) return undefined;
    const kinds = closing.map(({ kind }) => kind);
    const how = kinds.includes('notify')
      ? 'left to a supervisor'
      : kinds.includes('trace')
        ? 'left to a tracer'
        : 'denied';
    return { syscall, how, places: closing.map(({ pointer }) => pointer) };
  }
  const compared = comparedCalls(view, arch).find(({ nr }) => nr === asked.nr);
  const indexes = compared === undefined ? [] : comparedIndexes(compared);
  const wanted = syscall === 'clone' && argument !== undefined ? cloneFlagsIndex(arch) : argument;
  if (whole || (wanted !== undefined && !indexes.includes(wanted))) return undefined;
  const denying = rules.filter(({ opens }) => !opens).map(({ pointer }) => pointer);
  const places = denying.length > 0 ? denying : openingPlaces(context, view, asked);
  return { syscall, how: 'limited by its arguments', places };
}

function report(
  context: LintContext,
  view: HostView,
  { what, reason }: CallFamily,
  { syscall, how, places }: Denial,
  open: readonly OpenWay[],
): void {
  const names = [...new Set(open.map((way) => way.map((call) => call.syscall).join(' with ')))];
  const [pointer] = places;
  if (names.length === 0 || pointer === undefined) return;
  const one = names.length === 1;
  const calls = [...new Map(open.flat().map((call) => [call.syscall, call])).values()];
  const others = listNames(
    calls.map((call) => call.syscall),
    12,
  );
  const related = calls
    .flatMap((call) =>
      openingPlaces(context, view, call).map((place) => ({
        pointer: place,
        message: `${call.syscall} is open here`,
      })),
    )
    .filter((each) => each.pointer !== `${context.root}/defaultAction`);
  const but = `${how}, but ${listNames(names)}, which can ${what} too, ${one ? 'is' : 'are'} open`;
  context.report({
    pointer,
    message: `${syscall} is ${but}`,
    about: { names: [syscall], many: `… are ${but}` },
    hint: `${how === 'denied' ? 'deny' : 'treat'} ${others} ${how === 'denied' ? 'as well' : 'likewise'}: ${reason}`,
    ...(related.length === 0 ? {} : { related }),
    view,
  });
}
