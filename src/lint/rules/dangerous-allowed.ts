/**
 * Calls that reach out of a container, or into kernel code that was exploited from inside one.
 */
import { groupBy } from '../../abi/group-by.ts';
import { listWords } from '../../abi/list-words.ts';
import { hasKeys, isForeign } from '../../oci/dialect-rows.ts';
import {
  forEachView,
  openingPlaces,
  opensByDefault,
  rulesNaming,
  witnessWhere,
} from '../ask/call-openness.ts';
import { isSaidOfDefault } from '../ask/default-openness.ts';
import type { HostView } from '../ask/host-view.ts';
import { ifDecided } from '../ask/named-calls.ts';
import {
  dangersByDefault,
  findOpen,
  isByDefault,
  listDangers,
  nameOf,
  type OpenDanger,
  valuesOf,
  withoutValues,
} from '../ask/open-dangers.ts';
import { ringBypassOf } from '../ask/ring-bypass.ts';
import { type DangerousCall, dangerousCalls } from '../catalog/danger.ts';
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
  const byRules: PlacedDanger[] = [];
  for (const danger of dangerousCalls) {
    for (const syscall of danger.calls.split(' ')) {
      const found = findOpen(view, syscall, danger);
      if (found === undefined || isByDefault(context, view, syscall)) continue;
      if (isSaidOfRings(context, view, syscall)) continue;
      const named = rulesNaming(context, view, syscall).filter(({ opens }) => opens);
      if (named.length > 0 && named.every(({ rule }) => isGranted(context, view, rule))) continue;
      byRules.push(...atRule(context, view, found));
    }
  }
  // Several values of one call that one rule opens have one cause.
  const causes = groupBy(byRules, ({ asked, pointer }) => `${asked.arch} ${asked.syscall} ${pointer}`);
  for (const found of causes.values()) reportCall(context, view, found);
  if (!isSaidOfDefault(context)) reportDefault(context, view);
}

function reportDefault(context: LintContext, view: HostView): void {
  const names = dangersByDefault(context, view).filter((name) => !isSaidOfRings(context, view, name));
  if (names.length === 0) return;
  context.report({
    pointer: `${context.root}/defaultAction`,
    message: `the default action lets ${listDangers(names)}`,
    hint: 'deny by default and name what the program needs, or deny these by name',
    view,
  });
}

/** io-uring-bypass says of an open ring what is worse; without that rule, this one speaks. */
function isSaidOfRings(context: LintContext, view: HostView, syscall: string): boolean {
  if (syscall !== 'io_uring_setup' || !context.runs('io-uring-bypass')) return false;
  return ifDecided(() => ringBypassOf(view)) !== undefined;
}

interface PlacedDanger extends OpenDanger {
  /** The JSON pointer of the name, in the first rule that opens it. */
  readonly pointer: string;
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

function atRule(context: LintContext, view: HostView, found: OpenDanger): readonly PlacedDanger[] {
  const [pointer] = openingPlaces(context, view, found.asked, found.condition);
  return pointer === undefined ? [] : [{ ...found, pointer }];
}

/** Reports what one rule opens of one call. */
function reportCall(context: LintContext, view: HostView, found: readonly PlacedDanger[]): void {
  const [first] = found;
  if (first === undefined) return;
  const { danger, asked, condition, pointer } = first;
  const { what, capability } = danger;
  const dangers = found.map((each) => each.danger);
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
    hint: `${adviceFor(context, view, found)}${gate}${why}`,
    ...(dangers.length === 1 ? { about } : {}),
    ...witnessWhere(view, asked, condition),
    view,
  });
}

/** A rule that denies is no help in a profile that denies by default: it says what the default says, and is skipped. */
function adviceFor(context: LintContext, view: HostView, found: readonly PlacedDanger[]): string {
  const values = valuesOf(found.map(({ danger }) => danger));
  if (values.length === 0) return 'remove it unless the program needs it';
  const unless = `unless the program needs ${values.length > 1 ? 'them' : 'it'}`;
  if (opensByDefault(view) || isForeign(context.dialect)) return `deny ${listWords(values)} ${unless}`;
  return `do not allow ${listWords(values)} ${unless}: ${withoutValues(found)}`;
}

/** `it loads programs …`; of several values what each does. */
function effectOf(dangers: readonly DangerousCall[]): string {
  if (dangers.length === 1) return dangers.map(({ what }) => `it ${what}`).join();
  return dangers.map(({ value, what }) => `${value?.name} ${what}`).join('; ');
}
