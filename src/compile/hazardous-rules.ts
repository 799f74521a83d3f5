/**
 * The rule sets that must not go to libseccomp in this process: those that can make it loop forever,
 * run for seconds, or write past its buffers.
 *
 * libseccomp keeps the conditional rules of one system call as a tree with one node per 32-bit test.
 * Three mechanisms break it (`_db_rule_gen_64`, `_db_tree_add`, `_db_tree_prune` in src/db.c and
 * `_bpf_append_blk` in src/gen_bpf.c; read in 2.5.4 and 2.6.0, the same behaviour seen in 2.6.1):
 *
 * 1. *Shared nodes.* A 64-bit `!=`, `<`, `<=`, `>`, `>=` is two or three nodes, and two of them lead to
 *    the next comparison of the rule: its nodes are shared. Merging a second such rule inserts the
 *    shared node once per way into a level; the second insertion links the node to itself, and every
 *    later walk of that level is endless. `==` and masked equality have one way to the next
 *    comparison, and a 32-bit architecture has one node a comparison: nothing is shared. So it takes
 *    two rules of one system call, each with a comparison other than an equality before its last one
 *    (in the order of argument indexes, whatever the order in the document).
 * 2. *Search time.* Looking for parts that a new rule makes redundant walks the whole level again for
 *    each of the new rule's nodes: with A nodes in the level the work is the product, over the
 *    comparisons, of A² (equality) to A³ + A² + A (ordering), A on 32-bit architectures.
 * 3. *Length.* Instructions are counted in 16 bits. From 65,536 on, 2.5.4 returns a truncated program
 *    as a success after writing past a heap buffer, or crashes; 2.6.0 crashes; 2.6.1 fails with
 *    EFAULT. Emitting takes time that grows with the square of the length (rules of one system call:
 *    0.4 s for 17,679 instructions, 2.2 s for 35,346) to its cube (comparisons on 300 system calls:
 *    0.2 s for 2,225, 1.0 s for 3,233).
 *
 * The test is conservative about the first: most sets with two such rules are harmless. What it calls
 * ordinary is what was attacked with random rule sets, see {@link findHazard}.
 * @module
 */
import type { Comparison, Operator } from '../abi/operators.ts';

/** What {@link findHazard} looks at in a rule. */
export interface HazardRule {
  /** The name of the call. */
  readonly syscall: string;
  /** Its conditions, all of which must hold. */
  readonly comparisons: readonly Comparison[];
}

/** How many search steps are allowed in this process: at most 0.2 s (5 to 80 ns a step were measured). */
const SEARCH_BUDGET = 2_000_000;

/** How many instructions are allowed in this process. The estimate is about twice the real number; the worst takes a second. */
const INSTRUCTION_BUDGET = 10_000;

/** Instructions of one comparison: up to 6, and room for reloads and long jumps. */
const INSTRUCTIONS_PER_COMPARISON = 12;
const INSTRUCTIONS_PER_RULE = 4;

/** What nodes an operator makes. Nodes with equal kind, argument, value and mask are one node. */
interface NodeKinds {
  readonly wide: string;
  readonly narrow: string;
  /** Polynomial of the search work on a 64-bit architecture. */
  readonly work: (level: number) => number;
  /** Whether exactly one way leads from this comparison to the next. */
  readonly single: boolean;
}

const equality = (a: number): number => a * a;
const ordering = (a: number): number => a * (a * (a + 1) + 1);

const kinds = {
  eq: { wide: '=', narrow: '=', work: equality, single: true },
  maskedEq: { wide: '&', narrow: '&', work: equality, single: true },
  ne: { wide: '=', narrow: '=', work: (a) => a * (a + 1), single: false },
  lt: { wide: '>', narrow: '>=', work: ordering, single: false },
  ge: { wide: '>', narrow: '>=', work: ordering, single: false },
  le: { wide: '>', narrow: '>', work: ordering, single: false },
  gt: { wide: '>', narrow: '>', work: ordering, single: false },
} as const satisfies Record<Operator, NodeKinds>;

const byIndex = (a: Comparison, b: Comparison): number => a.index - b.index;

/** Whether a rule, its comparisons in index order, makes nodes that are reached in two ways. */
function sharesNodes(comparisons: readonly Comparison[]): boolean {
  return comparisons.some((comparison, at) => at < comparisons.length - 1 && !kinds[comparison.op].single);
}

/** The levels of one system call's tree, for one width of argument words. */
interface Tree {
  readonly wide: boolean;
  readonly nodes: Set<string>;
  /** Per level, how many of its nodes test argument i or a later one. */
  readonly levels: Map<string, number[]>;
  /** The largest of those counts over all levels. */
  readonly largest: number[];
}

function newTree(wide: boolean): Tree {
  return { wide, nodes: new Set(), levels: new Map(), largest: [0, 0, 0, 0, 0, 0] };
}

function nodeKey(comparison: Comparison, wide: boolean): string {
  const { index, op, value, valueTwo } = comparison;
  const word = (v: bigint): bigint => (wide ? v >> 32n : v & 0xffff_ffffn);
  const kind = wide ? kinds[op].wide : kinds[op].narrow;
  return op === 'maskedEq'
    ? `${index}${kind}${word(value)}:${word(value & valueTwo)}`
    : `${index}${kind}${word(value)}`;
}

function searchWork(tree: Tree, comparisons: readonly Comparison[]): number {
  let work = 1;
  for (const { index, op } of comparisons) {
    const level = Math.max(1, tree.largest[index] ?? 0);
    work *= tree.wide ? kinds[op].work(level) : level;
  }
  return work + tree.nodes.size;
}

function grow(tree: Tree, comparisons: readonly Comparison[]): void {
  let path = '';
  for (const [at, comparison] of comparisons.entries()) {
    const key = `${path}/${nodeKey(comparison, tree.wide)}`;
    if (!tree.nodes.has(key)) {
      tree.nodes.add(key);
      const counts = tree.levels.get(path) ?? [0, 0, 0, 0, 0, 0];
      tree.levels.set(path, counts);
      for (let index = 0; index <= comparison.index; index++) {
        const count = (counts[index] ?? 0) + 1;
        counts[index] = count;
        tree.largest[index] = Math.max(tree.largest[index] ?? 0, count);
      }
    }
    if (at === comparisons.length - 1) return;
    const { index, op, value, valueTwo } = comparison;
    path += `/${index}${op}${value}:${op === 'maskedEq' ? valueTwo : ''}`;
  }
}

/** Steps that adding these rules of one system call, in this order, takes on one architecture. */
function searchSteps(rules: readonly (readonly Comparison[])[]): number {
  if (rules.length < 2) return rules.length;
  const wide = newTree(true);
  const narrow = newTree(false);
  let steps = 0;
  for (const comparisons of rules) {
    steps += Math.max(searchWork(wide, comparisons), searchWork(narrow, comparisons));
    // The caller only asks whether the budget holds, and a long list would take long here too.
    if (steps > SEARCH_BUDGET) return steps;
    grow(wide, comparisons);
    grow(narrow, comparisons);
  }
  return steps;
}

function conditionalRules(rules: readonly HazardRule[]): Map<string, (readonly Comparison[])[]> {
  const groups = new Map<string, (readonly Comparison[])[]>();
  for (const { syscall, comparisons } of rules) {
    if (comparisons.length === 0) continue;
    const sorted = comparisons.length === 1 ? comparisons : comparisons.toSorted(byIndex);
    const group = groups.get(syscall);
    if (group === undefined) groups.set(syscall, [sorted]);
    else group.push(sorted);
  }
  return groups;
}

/**
 * Says why these rules must go to libseccomp in a child process with a time limit, if they must.
 *
 * Evidence: random sets on one system call that this function calls ordinary (1 to 13 rules of up to
 * 6 comparisons, all operators, 1 to 4 architectures, both optimisation levels, one to three actions),
 * 2,295,000 with each of libseccomp 2.5.4, 2.6.0 and 2.6.1: no loop, no crash, at most 71 ms. 100,000
 * with builds of 2.5.4 and of 2.6.0 that check every memory access: no error. Sets of up to 400 rules,
 * 4,000 with each version: at most 21 ms. Those runs had twice the instruction budget of today;
 * test/oracle/hazard.test.ts repeats a part of them. Without the test one random set in 120 loops. The
 * smallest loop is `a0 != 1, a1 == 1` then `a0 != 1, a2 == 1`; in the other order it is harmless.
 *
 * @param rules - in the order they are added; a rule with no comparison is harmless. The bound on
 *   search time depends on the order, the rest does not
 * @param architectureCount - architectures of the filter, 1 or more; each repeats the work
 * @returns the reason, naming the system call where there is one; undefined for an ordinary set
 */
export function findHazard(rules: readonly HazardRule[], architectureCount: number): string | undefined {
  let instructions = 0;
  for (const { comparisons } of rules) {
    instructions += INSTRUCTIONS_PER_RULE + INSTRUCTIONS_PER_COMPARISON * comparisons.length;
  }
  if (instructions * architectureCount > INSTRUCTION_BUDGET) {
    return `the filter may exceed ${INSTRUCTION_BUDGET} instructions`;
  }
  let steps = 0;
  for (const [syscall, group] of conditionalRules(rules)) {
    if (group.filter(sharesNodes).length > 1) return `several rules with several comparisons on ${syscall}`;
    steps += searchSteps(group) * architectureCount;
    if (steps > SEARCH_BUDGET) return `too many combinations of comparisons on ${syscall}`;
  }
  return undefined;
}
