/**
 * Where rules of a profile say different things to one call, and which of them the filter follows.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import type { Comparison } from '../abi/operators.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { syscallName } from '../abi/syscall-numbers.ts';
import { allHold } from '../decision/decide-policy.ts';
import { and, createSpace, FALSE } from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import { type ArchPolicy, type ArchRule, expandPolicy, rulesByNumber } from '../policy/expand-policy.ts';
import type { Lowered } from '../policy/lower-profile.ts';
import type { SyscallTable } from '../policy/policy.ts';
import type { Proof } from './prove.ts';

/**
 * - `both-match`: their comparisons hold for one call; libseccomp decides, and it depends on the other rules how
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

export interface ContradictionInput {
  readonly lowered: Lowered;
  /** From `expandPolicy`. */
  readonly expanded: readonly ArchPolicy[];
  readonly table: SyscallTable;
  readonly proof: Proof | OciSeccompError;
}

/** Finds the contradictions of a policy, each once a system call and architecture. */
export function findContradictions(input: ContradictionInput): readonly Contradiction[] {
  const { expanded: kept, table, proof } = input;
  const { policy, skipped } = input.lowered;
  const inOrder = policy.runtime.traits.sentry !== undefined;
  const left = skipped.length === 0 ? [] : expandPolicy({ ...policy, rules: skipped }, table);
  const conflicts = proof instanceof OciSeccompError ? [] : proof.conflicts;
  const all: readonly Contradiction[] = [
    ...conflicts.map(({ arch, nr, call, words, done }): Contradiction => {
      return { cause: 'both-match', arch, nr, call, words, winner: done };
    }),
    ...kept.flatMap(({ arch, rules }) => (inOrder ? comesLater : overruled)(arch, rules)),
    ...left.flatMap(({ arch, rules }, index) => skippedInVain(arch, rules, kept[index]?.rules ?? [])),
  ];
  const byKey = new Map(all.map((each) => [[each.cause, each.arch, each.nr, each.words].join(), each]));
  return [...byKey.values()];
}

/** The rules next to a rule without comparisons, which decides. */
function overruled(arch: ArchName, rules: readonly ArchRule[]): readonly Contradiction[] {
  const deciding = new Map<number, ArchRule>();
  for (const rule of rules) {
    if (rule.comparisons.length === 0 && !deciding.has(rule.nr)) deciding.set(rule.nr, rule);
  }
  const found: Contradiction[] = [];
  // A loop, because there are hundreds of rules and hardly ever a contradiction: a list for each is garbage.
  for (const { nr, returnWord } of rules) {
    const winner = deciding.get(nr)?.returnWord;
    if (winner === undefined || winner === returnWord) continue;
    found.push({ cause: 'unconditional', arch, nr, call: undefined, words: [returnWord, winner], winner });
  }
  return found;
}

/** The rules behind one that matches the same calls, where the first one decides. */
function comesLater(arch: ArchName, rules: readonly ArchRule[]): readonly Contradiction[] {
  return [...rulesByNumber(rules)].flatMap(([nr, group]) =>
    group.flatMap((rule, at): readonly Contradiction[] => {
      const first = group
        .slice(0, at)
        .find(
          (each) => each.returnWord !== rule.returnWord && overlaps(arch, rule.comparisons, each.comparisons),
        );
      // The last one without comparisons says what the calls get that the others leave.
      if (first === undefined || (rule.comparisons.length === 0 && first.comparisons.length > 0)) return [];
      const words = [rule.returnWord, first.returnWord];
      return [{ cause: 'order', arch, nr, call: undefined, words, winner: first.returnWord }];
    }),
  );
}

/**
 * Skipped rules whose calls another rule answers.
 *
 * NOTE: a skipped rule without comparisons beside kept ones with some says "otherwise the default", which is what
 * happens.
 */
function skippedInVain(
  arch: ArchName,
  skipped: readonly ArchRule[],
  kept: readonly ArchRule[],
): readonly Contradiction[] {
  return skipped.flatMap((own) =>
    kept.flatMap((other): readonly Contradiction[] => {
      if (other.nr !== own.nr || !overlaps(arch, own.comparisons, other.comparisons)) return [];
      const words = [own.returnWord, other.returnWord];
      return [{ cause: 'default', arch, nr: own.nr, call: undefined, words, winner: other.returnWord }];
    }),
  );
}

function overlaps(arch: ArchName, own: readonly Comparison[], other: readonly Comparison[]): boolean {
  if (other.length === 0) return true;
  if (own.length === 0) return false;
  const space = createSpace();
  const { bits } = architectures[arch];
  return and(space, allHold(space, own, bits), allHold(space, other, bits)) !== FALSE;
}

/** Each once a system call, whatever its architectures, in words. */
export function describeContradictions(contradictions: readonly Contradiction[]): readonly string[] {
  return [...new Set(contradictions.map(describe))];
}

function describe({ cause, arch, nr, words, winner }: Contradiction): string {
  const name = (arch === undefined ? undefined : syscallName(nr, arch)) ?? `system call ${nr >>> 0}`;
  const actions = words.map(formatReturnWord).join(' and ');
  const result = winner === undefined ? 'the program does neither' : `${formatReturnWord(winner)} wins`;
  const why = {
    'both-match': '',
    unconditional: ', because its rule has no comparisons',
    default: ', because the other rule repeats the default action and is skipped',
    order: ', because its rule comes first',
  }[cause];
  return `rules contradict each other for ${name} (${actions}): ${result}${why}`;
}
