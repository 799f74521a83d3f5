/**
 * From a Policy to numbers: the rules that each architecture of a filter gets from libseccomp.
 *
 * What libseccomp 2.5.4 to 2.6.1 does on the way (test/oracle compares with the library):
 *
 * - A rule applies to every architecture that has the call. The call is the one that has the rule's number on the native one.
 * - On 32-bit architectures, x32 and n32 included, only the low half of an argument and of a datum is compared.
 * - On architectures with a multiplexer, a rule for a socket or System V IPC call becomes one for the multiplexer, whose argument
 *   0 names the call, and one for the call's own number, if there is one. A comparison of argument 0 is lost on the multiplexer.
 *   Other comparisons then compare *its* arguments, which mean something else.
 *
 * docs/semantics.md says why this is the meaning of a policy.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { type Comparison, U32_MAX } from '../abi/operators.ts';
import { directSyscallNumber, hasMultiplexer, multiplexedCall } from '../abi/syscall-numbers.ts';
import { recentAnswers } from '../recent-answers.ts';
import type { Policy, PolicyRule, SyscallTable } from './policy.ts';

/** A rule in numbers of one architecture. */
export interface ArchRule {
  /** As `seccomp_data.nr` holds it, 0 or more; of x32 with bit 30. */
  readonly nr: number;
  /** All must hold. At most one an argument; data below 2^32 where only the low half is compared. */
  readonly comparisons: readonly Comparison[];
  /** What the rule answers. */
  readonly returnWord: ReturnWord;
  /** Index into `Policy.rules`. */
  readonly rule: number;
}

/** What one architecture of a filter gets. */
export interface ArchPolicy {
  /** The architecture. */
  readonly arch: ArchName;
  /** In the order in which they are added. */
  readonly rules: readonly ArchRule[];
}

/** What of a policy is expanded. */
type Expandable = Pick<Policy, 'architectures' | 'rules'>;

/** The last answer for a policy: the compiler, the proof and the claim ask for the same. */
const lastAnswer = recentAnswers(
  1,
  (_: Expandable): { table?: SyscallTable; expanded?: readonly ArchPolicy[] } => ({}),
);

/** Expands a policy to the rules of each of its architectures, in its order. */
export function expandPolicy(policy: Expandable, table: SyscallTable): readonly ArchPolicy[] {
  const last = lastAnswer(policy);
  if (last.expanded !== undefined && last.table === table) return last.expanded;
  last.table = table;
  last.expanded = expand(policy, table);
  return last.expanded;
}

function expand(policy: Expandable, table: SyscallTable): readonly ArchPolicy[] {
  const [native] = policy.architectures;
  return policy.architectures.map((arch) => {
    const rules: ArchRule[] = [];
    const isNarrow = architectures[arch].bits === 32;
    const multiplexes = hasMultiplexer(arch);
    // `forEach`: until V8 has optimized a loop over a list, each step makes an object.
    policy.rules.forEach((rule, index) => {
      const nr = arch === native ? rule.nr : table.resolve(rule.syscall, arch);
      if (nr === undefined) return;
      const comparisons =
        isNarrow && rule.comparisons.length > 0 ? rule.comparisons.map(lowHalf) : rule.comparisons;
      if (multiplexes) expandRule(rules, rule, comparisons, index, nr, arch);
      else if (nr >= 0) rules.push({ nr, comparisons, returnWord: rule.returnWord, rule: index });
    });
    return { arch, rules };
  });
}

/** As many architectures have one byte order, so no filter has more. Several rules of lint ask for all of them in turn. */
const MOST_ARCHITECTURES = 12;

/** The rules of an architecture by their number, numbers in the order in which they are first named; kept for some lists. */
export const rulesByNumber = recentAnswers(MOST_ARCHITECTURES, groupByNumber);

function groupByNumber(rules: readonly ArchRule[]): ReadonlyMap<number, readonly ArchRule[]> {
  const groups = new Map<number, ArchRule[]>();
  rules.forEach((rule) => {
    const group = groups.get(rule.nr);
    if (group === undefined) groups.set(rule.nr, [rule]);
    else group.push(rule);
  });
  return groups;
}

/** The rules for some calls; of an architecture that has none of them, no rule is left. */
export function rulesAbout(
  expanded: readonly ArchPolicy[],
  calls: readonly { readonly arch: ArchName; readonly nr: number }[],
): readonly ArchPolicy[] {
  return expanded.map(({ arch, rules }) => {
    const numbers = calls.flatMap((call) => (call.arch === arch ? [call.nr >>> 0] : []));
    return { arch, rules: numbers.length === 0 ? [] : rules.filter(({ nr }) => numbers.includes(nr)) };
  });
}

/** Expands a rule on an architecture with multiplexers. @param rules - the new rules are added here */
function expandRule(
  rules: ArchRule[],
  { syscall, returnWord }: PolicyRule,
  comparisons: readonly Comparison[],
  index: number,
  nr: number,
  arch: ArchName,
): void {
  const multiplexed = multiplexedCall(syscall, arch);
  const direct = multiplexed === undefined ? nr : directSyscallNumber(syscall, arch);
  if (multiplexed !== undefined) {
    const call: Comparison = { index: 0, op: 'eq', value: BigInt(multiplexed.argument), valueTwo: 0n };
    const others = comparisons.filter((comparison) => comparison.index !== 0);
    rules.push({ nr: multiplexed.nr, comparisons: [call, ...others], returnWord, rule: index });
  }
  if (direct !== undefined && direct >= 0) rules.push({ nr: direct, comparisons, returnWord, rule: index });
}

function lowHalf({ index, op, value, valueTwo }: Comparison): Comparison {
  return { index, op, value: value & U32_MAX, valueTwo: valueTwo & U32_MAX };
}
