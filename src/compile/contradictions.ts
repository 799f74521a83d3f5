/**
 * Calls for which rules of a profile say different things, and which of the rules the filter follows.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { syscallName } from '../abi/syscall-numbers.ts';
import { allHold } from '../decision/decide-policy.ts';
import { and, countStep, createSpace, FALSE, type Space, STEPS_A_QUESTION } from '../decision/space.ts';
import { createWork, type Work } from '../decision/work.ts';
import { OciSeccompError } from '../errors.ts';
import {
  type ArchPolicy,
  type ArchRule,
  expandPolicy,
  rulesAbout,
  rulesByNumber,
} from '../policy/expand-policy.ts';
import type { Lowered } from '../policy/lower-profile.ts';
import type { SyscallTable } from '../policy/policy.ts';
import type { Proof } from './prove.ts';

/**
 * - `both-match`: their comparisons hold for one call; libseccomp chooses one, depending on the other rules
 * - `unconditional`: one of them has no comparisons, and so the other one has no effect
 * - `default`: one of them has the default action, so the runtime skipped it
 * - `order`: the runtime takes the first rule that matches
 */
export type ContradictionCause = 'both-match' | 'unconditional' | 'default' | 'order';

/** A system call for which rules want different actions. */
export interface Contradiction {
  /** Where the rules contradict each other. */
  readonly cause: ContradictionCause;
  /** The architecture of the call; `undefined` for one that libseccomp does not know. */
  readonly arch: ArchName | undefined;
  /** Its number, as `seccomp_data.nr` holds it. */
  readonly nr: number;
  /** A call that shows it, where the proof found one. */
  readonly call: SeccompData | undefined;
  /** What the rules say. */
  readonly words: readonly ReturnWord[];
  /** The action that the filter uses; `undefined` if it uses neither. */
  readonly winner: ReturnWord | undefined;
}

interface ContradictionInput {
  readonly lowered: Lowered;
  /** From `expandPolicy`. */
  readonly expanded: readonly ArchPolicy[];
  readonly table: SyscallTable;
  readonly proof: Proof | OciSeccompError;
}

/**
 * Finds the contradictions of a policy, each once a system call and architecture; if the proof is about some calls, those of these.
 *
 * @throws OciSeccompError `ERR_UNDECIDED` if it takes too many steps to hold the rules of the calls against each other
 */
export function findContradictions(input: ContradictionInput): readonly Contradiction[] {
  const { table, proof } = input;
  const { policy, skipped } = input.lowered;
  const inOrder = policy.runtime.traits.sentry !== undefined;
  const calls = proof instanceof OciSeccompError ? undefined : proof.calls;
  const about = (expanded: readonly ArchPolicy[]): readonly ArchPolicy[] =>
    calls === undefined ? expanded : rulesAbout(expanded, calls);
  const kept = about(input.expanded);
  const left = skipped.length === 0 ? [] : about(expandPolicy({ ...policy, rules: skipped }, table));
  let opened: Work | undefined;
  // Most policies ask nothing, and then the code for diagrams is not loaded.
  const work = (): Work => {
    opened ??= createWork(STEPS_A_QUESTION);
    return opened;
  };
  const conflicts = proof instanceof OciSeccompError ? [] : proof.conflicts;
  const all: readonly Contradiction[] = [
    ...conflicts.map(({ arch, nr, call, words, done }): Contradiction => {
      return { cause: 'both-match', arch, nr, call, words, winner: done };
    }),
    ...kept.flatMap(({ arch, rules }) => (inOrder ? comesLater(arch, rules, work) : overruled(arch, rules))),
    ...left.flatMap(({ arch, rules }, index) => skippedInVain(arch, rules, kept[index]?.rules ?? [], work)),
  ];
  const byKey = new Map(all.map((each) => [[each.cause, each.arch, each.nr, each.words].join(), each]));
  return [...byKey.values()];
}

/** The rules that a rule without comparisons for the same call overrules. */
function overruled(arch: ArchName, rules: readonly ArchRule[]): readonly Contradiction[] {
  const deciding = new Map<number, ReturnWord>();
  rulesByNumber(rules).forEach((group, nr) => {
    const plain = group.length < 2 ? undefined : group.find(({ comparisons }) => comparisons.length === 0);
    if (plain !== undefined) deciding.set(nr, plain.returnWord);
  });
  // Contradictions are rare among hundreds of rules, so no list is made for each rule.
  const found: Contradiction[] = [];
  if (deciding.size === 0) return found;
  rules.forEach(({ nr, returnWord }) => {
    const winner = deciding.get(nr);
    if (winner === undefined || winner === returnWord) return;
    found.push({ cause: 'unconditional', arch, nr, call: undefined, words: [returnWord, winner], winner });
  });
  return found;
}

/** For a runtime that uses the first match: rules behind another rule that matches the same calls. */
function comesLater(arch: ArchName, rules: readonly ArchRule[], work: () => Work): readonly Contradiction[] {
  return [...rulesByNumber(rules)].flatMap(([nr, group]) => {
    const overlaps = createLook(arch, work);
    return group.flatMap((rule, at): readonly Contradiction[] => {
      const first = group.find(
        (each, before) => before < at && each.returnWord !== rule.returnWord && overlaps(rule, each),
      );
      // A last rule without comparisons only says what the other calls get.
      if (first === undefined || (rule.comparisons.length === 0 && first.comparisons.length > 0)) return [];
      const words = [rule.returnWord, first.returnWord];
      return [{ cause: 'order', arch, nr, call: undefined, words, winner: first.returnWord }];
    });
  });
}

/**
 * Skipped rules whose calls another rule answers.
 *
 * NOTE: a skipped rule without comparisons, beside kept rules with comparisons, says "otherwise the default". That is what happens,
 * so it is no contradiction.
 */
function skippedInVain(
  arch: ArchName,
  skipped: readonly ArchRule[],
  kept: readonly ArchRule[],
  work: () => Work,
): readonly Contradiction[] {
  const byNumber = rulesByNumber(kept);
  return [...rulesByNumber(skipped)].flatMap(([nr, group]) => {
    const overlaps = createLook(arch, work);
    const others = byWord(byNumber.get(nr) ?? []);
    return byWord(group).flatMap(([word, own]) =>
      others.flatMap(([winner, theirs]): readonly Contradiction[] => {
        // One pair shows it.
        if (!own.some((mine) => theirs.some((other) => overlaps(mine, other)))) return [];
        return [{ cause: 'default', arch, nr, call: undefined, words: [word, winner], winner }];
      }),
    );
  });
}

function byWord(rules: readonly ArchRule[]): readonly [ReturnWord, readonly ArchRule[]][] {
  const groups = new Map<ReturnWord, ArchRule[]>();
  for (const rule of rules) {
    const group = groups.get(rule.returnWord);
    if (group === undefined) groups.set(rule.returnWord, [rule]);
    else group.push(rule);
  }
  return [...groups];
}

/** Whether the second of two rules for one call answers some of the first one's calls. */
type Look = (own: ArchRule, other: ArchRule) => boolean;

/** @param work - the account for all calls: the number of pairs is the product of the lengths of two lists */
function createLook(arch: ArchName, work: () => Work): Look {
  const { bits } = architectures[arch];
  let space: Space | undefined;
  return ({ comparisons: own }, { comparisons: other }) => {
    if (other.length === 0) return true;
    if (own.length === 0) return false;
    space ??= createSpace({ work: work() });
    countStep(space);
    return and(space, allHold(space, own, bits), allHold(space, other, bits)) !== FALSE;
  };
}

/** The contradictions in words, each once for a system call on all architectures. */
export function describeContradictions(contradictions: readonly Contradiction[]): readonly string[] {
  return [...new Set(contradictions.map(describe))];
}

function describe({ cause, arch, nr, words, winner }: Contradiction): string {
  const name = (arch === undefined ? undefined : syscallName(nr, arch)) ?? `system call ${nr >>> 0}`;
  const actions = words.map((word) => formatReturnWord(word, arch)).join(' and ');
  const result = winner === undefined ? 'the program does neither' : `${formatReturnWord(winner, arch)} wins`;
  const why = {
    'both-match': '',
    unconditional: ', because its rule has no comparisons',
    default: ', because the other rule repeats the default action and is skipped',
    order: ', because its rule comes first',
  }[cause];
  return `rules contradict each other for ${name} (${actions}): ${result}${why}`;
}
