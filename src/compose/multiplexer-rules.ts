/**
 * Rules for `socketcall` and `ipc`, where rules for the calls that they carry are not enough to say the result.
 *
 * On architectures with a multiplexer, rules of several names meet at its number. If one profile allows `socket` and another one
 * `socketcall`, both allow `socketcall(1, …)`. No rule for `socket` says that. A rule for `socketcall` that compares its argument 0
 * does.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { architectures } from '../abi/architectures.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import { testComparison } from '../decision/condition-diagrams.ts';
import { argumentOf, WORD_BITS } from '../decision/diagram-variables.ts';
import {
  and,
  createSpace,
  FALSE,
  highOf,
  isLeaf,
  levelAt,
  lowOf,
  type Node,
  not,
  or,
  type Space,
  TRUE,
} from '../decision/space.ts';
import { nodeOfCall } from '../decision/witness.ts';
import { OciSeccompError } from '../errors.ts';
import type { Host } from '../oci/host.ts';
import type { Profile, ProfileRule } from '../oci/profile.ts';
import { conditionOf, rulesOfCondition } from './argument-rules.ts';
import { conditionsOf, contains, coverSituations } from './condition-cover.ts';
import { callsOfRule } from './dated/rule-facts.ts';
import type { Join } from './join-meanings.ts';
import { carriedCalls, type Multiplexer } from './multiplexed-calls.ts';
import { decideLowered, lowerOn } from './prove-composition.ts';
import {
  collectSituations,
  countSituations,
  engineRowOf,
  hostIn,
  type Situations,
  situationAt,
} from './situations.ts';
import { type RuleBody, ruleOf, whereWord, withinReason, wordsIn } from './write-rules.ts';

/** What was composed, how, and for which hosts. */
interface Composing {
  readonly inputs: readonly Profile[];
  readonly join: Join;
  readonly hosts: readonly Host[];
}

/**
 * Writes the rules of multiplexers so that together with those of the calls that they carry they say the result.
 *
 * @returns the profile as it is where no such rules are found; the proof of the whole decides
 */
export function withMultiplexerRules(
  composing: Composing,
  profile: Profile,
  multiplexers: readonly Multiplexer[],
): Profile {
  return multiplexers.reduce(
    (result, each) => withinReason(() => rewrite(composing, result, each)) ?? result,
    profile,
  );
}

function rewrite(composing: Composing, profile: Profile, multiplexer: Multiplexer): Profile {
  const rest = { ...profile, rules: withoutName(profile.rules, multiplexer) };
  const own = new Set([multiplexer, ...carriedCalls(multiplexer)]);
  const inputs = composing.inputs.map((input) => partFor(input, own));
  const part = partFor(rest, own);
  const mentioned = [...inputs, part].flatMap(({ rules, dialect }) =>
    rules.map((rule) => ({ rule, dialect })),
  );
  const archs = [...new Set(composing.hosts.map(({ arch }) => arch))];
  const situations = collectSituations(mentioned, archs);
  const space = createSpace();
  const demands = Array.from({ length: countSituations(situations) }, (_, index) => {
    const { arch } = situationAt(situations, index);
    const name = situations.archs[arch];
    if (name === undefined || !archs.includes(name)) return NOTHING;
    const host = hostIn(situations, situationAt(situations, index));
    return demandOn(space, { ...composing, inputs }, part, { host, multiplexer });
  });
  const words = new Set(demands.flatMap((demand) => [...demand.keys()]));
  const bodies = [...words].flatMap((word) =>
    bodiesOfWord(space, situations, { word, demands, dialect: profile.dialect }),
  );
  return { ...rest, rules: [...rest.rules, ...bodies.map((body) => ruleOf([multiplexer], body))] };
}

/** The rules for some names. */
function partFor({ rules, ...profile }: Profile, names: ReadonlySet<string>): Profile {
  return {
    ...profile,
    rules: rules.flatMap((rule) => {
      const own = callsOfRule(rule).filter((name) => names.has(name));
      const { name: _, ...plain } = rule;
      return own.length === 0 ? [] : [{ ...plain, names: own }];
    }),
  };
}

function withoutName(rules: readonly ProfileRule[], name: string): readonly ProfileRule[] {
  return rules.flatMap((rule) => {
    const names = callsOfRule(rule);
    if (!names.includes(name)) return [rule];
    const { name: _, ...plain } = rule;
    const others = names.filter((each) => each !== name);
    return others.length === 0 ? [] : [{ ...plain, names: others }];
  });
}

/** For which arguments rules for the multiplexer must give a word, and for which they may. */
interface Demand {
  readonly must: Node;
  readonly may: Node;
}

/** What a host demands, by word. A word that is not here must not be given. */
type Demands = ReadonlyMap<ReturnWord, Demand>;

/** The demands of hosts that are not looked at, or have no such call. */
const NOTHING: Demands = new Map();

function demandOn(
  space: Space,
  { inputs, join }: Composing,
  part: Profile,
  { host, multiplexer }: { readonly host: Host; readonly multiplexer: Multiplexer },
): Demands {
  const lowered = lowerOn(part, host);
  const wanted = join(
    space,
    inputs.map((input) => decideLowered(space, lowerOn(input, host))),
  );
  const found = decideLowered(space, lowered);
  const demands = new Map<ReturnWord, Demand>();
  const points = lowered.architectures.flatMap((arch) => {
    const nr = directSyscallNumber(multiplexer, arch);
    if (nr === undefined) return [];
    const at = (root: Node): Node => nodeOfCall(space, root, arch, nr);
    return [{ arch, wanted: at(wanted), found: at(found) }];
  });
  if (points.length === 0) return NOTHING;
  // A rule that answers as the default action does is dropped.
  demands.set(lowered.defaultAction, { must: FALSE, may: TRUE });
  const all = points.flatMap((point) => wordsIn(space, [point.wanted]));
  for (const word of new Set(all.filter((each) => each !== lowered.defaultAction))) {
    let [must, may]: [Node, Node] = [FALSE, TRUE];
    for (const point of points) {
      const own = whereWord(space, point.wanted, word);
      const left = and(space, own, not(space, whereWord(space, point.found, word)));
      const seen = architectures[point.arch].bits === 64 ? TRUE : lowHalvesAlone(space, own);
      must = or(space, must, and(space, left, seen));
      may = and(space, may, or(space, own, not(space, seen)));
    }
    demands.set(word, { must, may });
  }
  return demands;
}

/** Calls in which each argument that a condition asks about has an upper half of 0: 32-bit architectures do not show that half. */
function lowHalvesAlone(space: Space, condition: Node): Node {
  const upper = 0xffff_ffff_0000_0000n;
  return argumentsOf(space, condition).reduce((sum, index) => {
    const isLow = testComparison(space, { index, op: 'maskedEq', value: upper, valueTwo: 0n }, 64);
    return and(space, sum, isLow);
  }, TRUE);
}

function argumentsOf(space: Space, root: Node): readonly number[] {
  const indices = new Set<number>();
  const seen = new Set<Node>();
  const walk = (node: Node): void => {
    if (seen.has(node) || isLeaf(space, node)) return;
    seen.add(node);
    const index = argumentOf(space, Math.floor(levelAt(space, node) / WORD_BITS));
    if (index !== undefined) indices.add(index);
    walk(lowOf(space, node));
    walk(highOf(space, node));
  };
  walk(root);
  return [...indices];
}

function bodiesOfWord(
  space: Space,
  situations: Situations,
  asked: {
    readonly word: ReturnWord;
    readonly demands: readonly Demands[];
    readonly dialect: Profile['dialect'];
  },
): readonly RuleBody[] {
  const { word, dialect } = asked;
  const demands = asked.demands.map(
    (each) => each.get(word) ?? { must: FALSE, may: each === NOTHING ? TRUE : FALSE },
  );
  const covered = demands.map((): Node => FALSE);
  const bodies: RuleBody[] = [];
  for (const [at, { must, may }] of demands.entries()) {
    const left = and(space, must, not(space, covered[at] ?? FALSE));
    if (left === FALSE) continue;
    // Two architectures of one host can want different answers, but a rule applies to both.
    if (and(space, left, not(space, may)) !== FALSE)
      throw new OciSeccompError('ERR_INEXPRESSIBLE', 'one rule would have to give two answers');
    const rules = rulesOfCondition(space, left, may);
    const coverage = rules.reduce<Node>((sum, each) => or(space, sum, conditionOf(space, each)), FALSE);
    const isWithin = (index: number): boolean =>
      and(space, coverage, not(space, demands[index]?.may ?? FALSE)) === FALSE;
    const own = [...demands.keys()].filter((index) => demands[index]?.must === must && isWithin(index));
    for (const box of coverSituations(situations, own, isWithin)) {
      const conditions = conditionsOf(situations, box, engineRowOf(dialect));
      bodies.push(...rules.map((comparisons) => ({ word, comparisons, ...conditions })));
      for (const index of covered.keys()) {
        if (contains(box, situationAt(situations, index)))
          covered[index] = or(space, covered[index] ?? FALSE, coverage);
      }
    }
  }
  return bodies;
}
