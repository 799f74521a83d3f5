/**
 * Calls that reach out of a container, or into kernel code that was exploited from inside one.
 */

import { argumentField } from '../../abi/arguments.ts';
import { listWords } from '../../abi/list-words.ts';
import { testComparison } from '../../decision/condition-diagrams.ts';
import { and, FALSE, type Node } from '../../decision/space.ts';
import { hasKeys } from '../../oci/dialect-rows.ts';
import {
  type CallOpenness,
  callOpennessOf,
  forEachView,
  openingPlaces,
  opensByDefault,
  rulesNaming,
  witnessWhere,
} from '../ask/call-openness.ts';
import { cloneFlagsIndex } from '../ask/call-parameters.ts';
import { comparedCalls, comparedIndexes } from '../ask/compared-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { listNames } from '../ask/list-names.ts';
import { ifDecided } from '../ask/named-calls.ts';
import { ringBypassOf } from '../ask/ring-bypass.ts';
import { type DangerousCall, dangerousCalls } from '../catalog/danger.ts';
import { groupBy } from '../engine/group-by.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const dangerousAllowed = builtinRule({
  id: 'dangerous-allowed',
  group: 'openness',
  level: 'warn',
  title: 'A call that is dangerous in a container is open',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

function checkView(context: LintContext, view: HostView): void {
  const byDefault: string[] = [];
  const byRules: PlacedFound[] = [];
  for (const danger of dangerousCalls) {
    for (const syscall of danger.calls.split(' ')) {
      const found = findOpen(view, syscall, danger);
      if (found === undefined || isSaidOfRings(context, view, syscall)) continue;
      const named = rulesNaming(context, view, syscall).filter(({ opens }) => opens);
      if (named.length > 0 && named.every(({ rule }) => isGranted(context, view, rule))) continue;
      if (named.length === 0 && opensByDefault(view)) byDefault.push(nameOf(syscall, [danger]));
      else byRules.push(...atRule(context, view, found));
    }
  }
  // Several values of one call that one rule opens have one cause.
  const causes = groupBy(byRules, ({ asked, pointer }) => `${asked.arch} ${asked.syscall} ${pointer}`);
  for (const found of causes.values()) reportCall(context, view, found);
  if (byDefault.length === 0) return;
  const names = [...new Set(byDefault)];
  context.report({
    pointer: `${context.root}/defaultAction`,
    message: `the default action lets ${names.length} dangerous ${names.length === 1 ? 'call' : 'calls'} through that no rule denies: ${listNames(names, 100)}`,
    hint: 'deny by default and name what the program needs, or deny these by name',
    view,
  });
}

/** io-uring-bypass says of an open ring what is worse; without that rule, this one speaks. */
function isSaidOfRings(context: LintContext, view: HostView, syscall: string): boolean {
  if (syscall !== 'io_uring_setup' || !context.runs('io-uring-bypass')) return false;
  return ifDecided(() => ringBypassOf(view)) !== undefined;
}

/** `bpf`, `socket with AF_ALG and AF_VSOCK` */
function nameOf(syscall: string, dangers: readonly DangerousCall[]): string {
  const values = valuesOf(dangers);
  return values.length === 0 ? syscall : `${syscall} with ${listWords(values)}`;
}

function valuesOf(dangers: readonly DangerousCall[]): readonly string[] {
  return dangers.flatMap(({ value }) => value?.name ?? []);
}

interface Found {
  readonly danger: DangerousCall;
  readonly asked: CallOpenness;
  /** The arguments for which it is dangerous and open. */
  readonly condition: Node;
}

interface PlacedFound extends Found {
  /** Of the name, in the first rule that opens it. */
  readonly pointer: string;
}

function findOpen(view: HostView, syscall: string, danger: DangerousCall): Found | undefined {
  for (const { arch } of view.expanded) {
    const asked = callOpennessOf(view, arch, syscall);
    if (asked === undefined) continue;
    if (danger.value === undefined) {
      if (asked.openness === 'open') return { danger, asked, condition: asked.open };
      continue;
    }
    const condition = dangerousValues(view, asked, danger.value);
    if (condition === FALSE) continue;
    if (danger.whenFiltered === true && !isFiltered(view, asked, danger.value.index)) continue;
    return { danger, asked, condition };
  }
  return undefined;
}

/** The arguments that are open and hold the value, other bits that the kernel ignores being 0. */
function dangerousValues(
  view: HostView,
  asked: CallOpenness,
  { index, name }: NonNullable<DangerousCall['value']>,
): Node {
  const at = asked.syscall === 'clone' ? cloneFlagsIndex(asked.arch) : index;
  const field = argumentField(asked.syscall, at, asked.arch);
  const value = field?.names.get(name);
  if (field === undefined || value === undefined) return FALSE;
  const isEnum = field.kind === 'enum';
  const test = { index: at, op: isEnum ? 'eq' : 'maskedEq', value, valueTwo: value } as const;
  return and(view.space, asked.open, testComparison(view.space, test, 64));
}

function isFiltered(view: HostView, { arch, nr }: CallOpenness, index: number): boolean {
  const call = comparedCalls(view, arch).find((each) => each.nr === nr);
  return call !== undefined && comparedIndexes(call).includes(index);
}

/** A rule for containers with a capability, or for kernels, that its author named: a decision, not an oversight. */
function isGranted(context: LintContext, view: HostView, rule: number): boolean {
  const { includes } = context.profile.rules[rule] ?? {};
  const conditional = (includes?.caps ?? []).length > 0 || (includes?.minKernel ?? '') !== '';
  const unseen = view.resolution.steps.some(
    (step) => step.rule === rule && step.reason === 'includes-ignored',
  );
  return conditional && !unseen;
}

function atRule(context: LintContext, view: HostView, found: Found): readonly PlacedFound[] {
  const [pointer] = openingPlaces(context, view, found.asked, found.condition);
  return pointer === undefined ? [] : [{ ...found, pointer }];
}

/** Reports what one rule opens of one call. */
function reportCall(context: LintContext, view: HostView, found: readonly PlacedFound[]): void {
  const [first] = found;
  if (first === undefined) return;
  const { danger, asked, condition, pointer } = first;
  const { what, capability } = danger;
  const dangers = found.map((each) => each.danger);
  const values = valuesOf(dangers);
  const gate =
    capability !== undefined && hasKeys(context.dialect, 'conditions')
      ? `, or allow it with the capability that it needs: "includes": {"caps": ["${capability}"]}`
      : '';
  const why = dangers.map(({ reason, sources }) => `; ${reason} (${sources.join(', ')})`).join('');
  const name = nameOf(asked.syscall, dangers);
  const about = {
    names: [name],
    many: `… are allowed: each ${what}`,
    hint: `remove them unless the program needs them${gate.replace('allow it', 'allow them').replace('it needs', 'they need')}${why}`,
  };
  context.report({
    pointer,
    message: `${name} is allowed: ${effectOf(dangers)}`,
    hint: `${values.length === 0 ? 'remove it' : `deny ${listWords(values)}`} unless the program needs ${values.length > 1 ? 'them' : 'it'}${gate}${why}`,
    ...(dangers.length === 1 ? { about } : {}),
    ...witnessWhere(view, asked, condition),
    view,
  });
}

/** `it loads programs …`; of several values what each does. */
function effectOf(dangers: readonly DangerousCall[]): string {
  if (dangers.length === 1) return dangers.map(({ what }) => `it ${what}`).join();
  return dangers.map(({ value, what }) => `${value?.name} ${what}`).join('; ');
}
