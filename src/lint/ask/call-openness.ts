/**
 * What rules about openness ask: whether a call gets through, always or for some arguments, and where the profile says so.
 * @module
 */
import { type ActionKind, actionByOciAction, actions, type ReturnWord } from '../../abi/actions.ts';
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { enosysOf, isMade, seemsAbsent, treatmentOf } from '../../abi/carried-out.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { directSyscallNumber } from '../../abi/syscall-numbers.ts';
import { testComparison } from '../../decision/condition-diagrams.ts';
import { allHold } from '../../decision/decide-policy.ts';
import { whereOutcome } from '../../decision/relate.ts';
import { and, FALSE, type Node, type Outcome, type Space, TRUE } from '../../decision/space.ts';
import { evaluate } from '../../decision/witness.ts';
import { rulesByNumber } from '../../policy/expand-policy.ts';
import type { Witness } from '../engine/finding.ts';
import type { LintContext, Report } from '../engine/rule-context.ts';
import { callNode, nodeIfDecided } from './call-meaning.ts';
import type { HostView } from './host-view.ts';
import { namePointer } from './name-pointer.ts';
import { callWhere, ifDecided } from './named-calls.ts';
import { onceAView } from './once-a-view.ts';

/** Runs a check on every view, as far as each can be decided. */
export function forEachView(context: LintContext, check: (view: HostView) => void): void {
  for (const view of context.views) ifDecided(() => check(view));
}

/**
 * Whether a program can get a call with this word through: the kernel carries the call out, or the program can trace a child of
 * its own and let the child's call through.
 */
export function isOpening(view: HostView, word: ReturnWord): boolean {
  return isMade(word) || (treatmentOf(word) === 'traced' && mayTrace(view));
}

/** Whether a call with this outcome can get through. */
export function outcomeOpens(view: HostView, outcome: Outcome): boolean {
  if (outcome.kind === 'word') return isOpening(view, outcome.word);
  return outcome.kind === 'conflict' && outcome.words.some((word) => isOpening(view, word));
}

/** linux/ptrace.h: either request sets PTRACE_O_TRACESECCOMP, with which a tracer decides about calls that get TRACE. */
const traceRequests = [0x4200n, 0x4206n]; // PTRACE_SETOPTIONS, PTRACE_SEIZE

/** Whether programs may call ptrace with what it takes to pass calls that get TRACE. */
export const mayTrace = onceAView((view) =>
  view.expanded.some(({ arch }) => {
    const nr = directSyscallNumber('ptrace', arch);
    if (nr === undefined) return false;
    const { space } = view;
    const made = whereOutcome(space, callNode(view, arch, nr), (outcome) =>
      outcome.kind === 'word'
        ? isMade(outcome.word)
        : outcome.kind === 'conflict' && outcome.words.some(isMade),
    );
    const requests = traceRequests.map((value) => ({ index: 0, op: 'eq', value, valueTwo: 0n }) as const);
    return requests.some((test) => and(space, made, testComparison(space, test, 64)) !== FALSE);
  }),
);

/** How much of a call gets through: always, for some arguments, never. */
export type Openness = 'open' | 'partly' | 'closed';

export function opennessOf(condition: Node): Openness {
  if (condition === TRUE) return 'open';
  return condition === FALSE ? 'closed' : 'partly';
}

/** A call on an architecture of the filter, and what the profile makes of it. */
export interface CallOpenness {
  /** The architecture. */
  readonly arch: ArchName;
  /** The name of the call. */
  readonly syscall: string;
  /** Its number, as `seccomp_data.nr` holds it. */
  readonly nr: number;
  /** The outcome by the arguments. */
  readonly node: Node;
  /** The arguments for which it gets through. */
  readonly open: Node;
  /** Whether that is always so, for some arguments, or never. */
  readonly openness: Openness;
}

/**
 * Looks up a call's own number, not the multiplexer's.
 *
 * @returns `undefined` if the architecture has no such call, or what becomes of it is too complex to decide
 */
export function callOpennessOf(view: HostView, arch: ArchName, syscall: string): CallOpenness | undefined {
  const nr = directSyscallNumber(syscall, arch);
  if (nr === undefined) return undefined;
  const node = nodeIfDecided(view, arch, nr);
  if (node === undefined) return undefined;
  const open = openCondition(view, node);
  return { arch, syscall, nr, node, open, openness: opennessOf(open) };
}

/** Where a node of the view's meaning lets calls through. */
export function openCondition(view: HostView, node: Node): Node {
  const known = openByNode(view);
  const open = known.get(node) ?? whereOutcome(view.space, node, (outcome) => outcomeOpens(view, outcome));
  known.set(node, open);
  return open;
}

const openByNode = onceAView(() => new Map<Node, Node>());

/** Whether every denied call gets ENOSYS. C libraries then take the kernel for an old one, and use another call. */
export function fallsBack(view: HostView, { arch, node }: Pick<CallOpenness, 'arch' | 'node'>): boolean {
  const otherwise = whereOutcome(
    view.space,
    node,
    (outcome) =>
      !outcomeOpens(view, outcome) && !(outcome.kind === 'word' && seemsAbsent(outcome.word, arch)),
  );
  return otherwise === FALSE;
}

/** The return word of a call; of several in conflict the loosest. */
export function verdictOf(space: Space, node: Node, call: SeccompData): ReturnWord {
  const outcome = evaluate(space, node, call);
  if (outcome.kind === 'word') return outcome.word;
  if (outcome.kind !== 'conflict') throw new RangeError(`no verdict: ${outcome.kind}`);
  return outcome.words.find(isMade) ?? outcome.words[0] ?? 0;
}

/** A call with its return word; where rules contradict each other, the loosest, and what it may get instead. */
export function shownCall(space: Space, node: Node, call: SeccompData): Omit<Witness, 'meant'> {
  const outcome = evaluate(space, node, call);
  const verdict = verdictOf(space, node, call);
  if (outcome.kind !== 'conflict') return { call, verdict };
  return { call, verdict, otherwise: outcome.words.filter((word) => word !== verdict) };
}

/** A call that shows a condition, as reports carry it; empty if the condition holds for none. */
export function witnessWhere(
  view: HostView,
  { arch, nr, node }: CallOpenness,
  condition: Node,
): Pick<Report, 'witness'> {
  const call = callWhere(view, { arch, nr }, condition);
  return call === undefined ? {} : { witness: shownCall(view.space, node, call) };
}

/** A rule of `Profile.rules` that applies in a view, and one of its names. */
export interface NamedRule {
  /** Index into `Profile.rules`. */
  readonly rule: number;
  /** JSON pointer of the name. */
  readonly pointer: string;
  /** Its action; `undefined` for one that is not known. */
  readonly kind: ActionKind | undefined;
  /** Whether its action lets calls through. */
  readonly opens: boolean;
  /** It answers ENOSYS. */
  readonly fallsBack: boolean;
  /** Whether it compares arguments. */
  readonly conditional: boolean;
}

/** A rule of `LinuxSeccomp.syscalls`, without its names. */
interface RuleFacts extends Omit<NamedRule, 'pointer'> {
  readonly names: readonly string[];
}

/** The rules that count in a view, also those that the runtime skips because they repeat the default action. */
const ruleFacts = onceAView((view): readonly RuleFacts[] =>
  (view.seccomp.syscalls ?? []).flatMap(({ names, action, errnoRet, args }, index) => {
    const rule = view.resolution.origins[index];
    if (rule === undefined) return [];
    const kind = actionByOciAction(action)?.kind;
    return {
      names,
      rule,
      kind,
      opens: kind !== undefined && isOpening(view, actions[kind].word),
      fallsBack: kind === 'errno' && errnoRet === enosysOf(view.policy.architectures[0]),
      conditional: (args ?? []).length > 0,
    };
  }),
);

/** By name: the indices of its rules among {@link ruleFacts}. Rules ask for hundreds of names, and few have a rule. */
const rulesOfNames = onceAView((view): ReadonlyMap<string, number | readonly number[]> => {
  const byName = new Map<string, number | number[]>();
  ruleFacts(view).forEach(({ names }, index) => {
    names.forEach((name) => {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, index);
      else if (typeof known !== 'number') {
        if (known.at(-1) !== index) known.push(index);
      } else if (known !== index) byName.set(name, [known, index]);
    });
  });
  return byName;
});

function factsNaming(view: HostView, syscall: string): readonly RuleFacts[] {
  const found = rulesOfNames(view).get(syscall);
  if (found === undefined) return [];
  const facts = ruleFacts(view);
  const indices = typeof found === 'number' ? [found] : found;
  return indices.flatMap((index) => facts[index] ?? []);
}

/** Whether a rule that counts in a view names a call. */
export function hasRule(view: HostView, syscall: string): boolean {
  return rulesOfNames(view).has(syscall);
}

/** The rules that name a call and count in a view. */
export function rulesNaming(context: LintContext, view: HostView, syscall: string): readonly NamedRule[] {
  return factsNaming(view, syscall).map(({ names: _, ...facts }) => ({
    ...facts,
    pointer: namePointer(context, facts.rule, syscall),
  }));
}

/** The names in rules that deny, otherwise than with ENOSYS, or that compare; each once. */
export function filteredNames(view: HostView): readonly string[] {
  const names = new Set<string>();
  for (const rule of ruleFacts(view)) {
    if (rule.fallsBack || (rule.opens && !rule.conditional)) continue;
    for (const name of rule.names) names.add(name);
  }
  return [...names];
}

/**
 * Where a profile lets a call through: the names in rules that do so for some of the arguments given, else the default
 * action.
 */
export function openingPlaces(
  context: LintContext,
  view: HostView,
  { arch, nr, open }: Pick<CallOpenness, 'arch' | 'nr' | 'open'>,
  condition: Node = open,
): readonly string[] {
  const { space, policy } = view;
  const { rules = [] } = view.expanded.find((each) => each.arch === arch) ?? {};
  const own = rulesByNumber(rules).get(nr) ?? [];
  const plain = own.find(({ comparisons }) => comparisons.length === 0);
  const places = (plain === undefined ? own : [plain]).flatMap(({ rule, comparisons, returnWord }) => {
    const origin = view.profileRule(rule);
    if (!isOpening(view, returnWord) || origin === undefined) return [];
    const matches = allHold(space, comparisons, architectures[arch].bits);
    if (and(space, matches, condition) === FALSE) return [];
    return namePointer(context, origin, policy.rules[rule]?.syscall ?? '');
  });
  return places.length > 0 ? [...new Set(places)] : [`${context.root}/defaultAction`];
}

/** Whether the default action lets calls through. */
export function opensByDefault(view: HostView): boolean {
  return isOpening(view, view.policy.defaultAction);
}
