/**
 * The tree in which libseccomp keeps the rules of one call, as far as it decides which rules the library refuses (EEXIST).
 *
 * libseccomp compares 32 bits at a time. A rule is a chain of such tests, and rules share the tests with which they begin. So two
 * rules can meet at a test although no comparison of theirs is the same: `arg > 0x100000001` and `arg > 0x100000002` both ask first
 * whether the upper half is above 1. Only the tree says which rules meet, and it depends on their order.
 *
 * This is `db_rule_add` of src/db.c with what it calls, without its counts of references: they free memory. 2.5.4 and 2.6.1 refuse
 * what this refuses; test/oracle/rule-tree.test.ts compares. The names of the C code stand in backquotes.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type Comparison, type Operator, U32_MAX } from '../abi/operators.ts';

/** Where a test leads: to an action, to the first of further tests, or nowhere. */
interface Branch {
  action?: ReturnWord | undefined;
  test?: Test | undefined;
}

/** A comparison of one half of an argument (`db_arg_chain_tree`). */
interface Test {
  /** Argument and half (`__db_chain_arg_priority`). */
  readonly place: number;
  readonly op: 'eq' | 'gt' | 'ge' | 'maskedEq';
  /** That of the rule (`op_orig`). */
  readonly asked: Operator;
  readonly mask: bigint;
  readonly value: bigint;
  /** The value that both halves are of (`datum_full`). */
  readonly whole: bigint;
  /** If it holds (`act_t`, `nxt_t`). */
  readonly yes: Branch;
  /** If it does not (`act_f`, `nxt_f`). */
  readonly no: Branch;
  /** The tests beside it (`lvl_prv`, `lvl_nxt`). */
  before: Test | undefined;
  after: Test | undefined;
}

const sides = ['yes', 'no'] as const;

/** Steps for one call. Where tests are linked in a circle, libseccomp does not return. */
const MAX_STEPS = 10_000_000;

/**
 * Which rules of one call libseccomp refuses, in the order in which they are added.
 *
 * @param bits - of the architecture's arguments; with 32, values are below 2^32
 * @returns says of the next rule whether it is refused; of none after one that is
 */
export function createRuleTree(
  bits: 32 | 64,
): (comparisons: readonly Comparison[], action: ReturnWord) => boolean {
  let root: Branch | undefined;
  let isOver = false;
  const work = { steps: MAX_STEPS };
  return (comparisons, action) => {
    const rule = chainOf(comparisons, action, bits);
    const isFirst = root === undefined;
    root ??= rule;
    // A rule without comparisons decides the call.
    if (isOver || isFirst || root.test === undefined) return false;
    if (rule.test === undefined) {
      root = rule;
      return false;
    }
    try {
      isOver = isRefused(root, rule, action, work);
      return isOver;
    } catch (error) {
      if (!(error instanceof Endless)) throw error;
      // It neither takes nor refuses the rule: `compile` says so.
      isOver = true;
      return false;
    }
  };
}

class Endless extends Error {}

interface Work {
  steps: number;
}

function step(work: Work): void {
  if (--work.steps < 0) throw new Endless();
}

/** `db_rule_add`, where both the tree and the rule have tests. */
function isRefused(root: Branch, rule: Branch, action: ReturnWord, work: Work): boolean {
  const search: Search = { flags: 0, action, root, work };
  const went = prune(root, rule.test, search);
  if (went && root.test === undefined) {
    root.test = rule.test;
    return false;
  }
  if (!went && (search.flags & REDUNDANT) === REDUNDANT) return false;
  return refusedBy(root, rule.test, work);
}

/** `_db_rule_gen_64`, `_db_rule_gen_32` */
function chainOf(comparisons: readonly Comparison[], action: ReturnWord, bits: 32 | 64): Branch {
  const root: Branch = {};
  let open: readonly Branch[] = [root];
  for (const comparison of comparisons.toSorted((a, b) => a.index - b.index)) {
    const tests = bits === 64 ? testsOf64(comparison) : testsOf32(comparison);
    if (tests === undefined) continue;
    for (const branch of open) branch.test = tests.first;
    open = tests.open;
  }
  for (const branch of open) branch.action = action;
  return root;
}

/** The tests of one comparison, linked, and the branches on which it holds; `undefined`: it always holds. */
type Tests = { readonly first: Test; readonly open: readonly Branch[] } | undefined;

function testsOf32(comparison: Comparison): Tests {
  const opposites: Partial<Record<Operator, Test['op']>> = { ne: 'eq', lt: 'ge', le: 'gt' };
  const opposite = opposites[comparison.op];
  const test = lowerTest(comparison, opposite ?? (comparison.op as Test['op']));
  if (comparison.op === 'maskedEq' && test.mask === 0n) return undefined;
  return { first: test, open: [opposite === undefined ? test.yes : test.no] };
}

function testsOf64(comparison: Comparison): Tests {
  const { op, value } = comparison;
  if (op === 'maskedEq' && value === 0n) return undefined;
  if (op === 'eq' || op === 'ne' || op === 'maskedEq') {
    const same = op === 'maskedEq' ? op : 'eq';
    const [upper, lower] = [upperTest(comparison, same), lowerTest(comparison, same)];
    upper.yes.test = lower;
    return { first: upper, open: op === 'ne' ? [upper.no, lower.no] : [lower.yes] };
  }
  const [above, same] = [upperTest(comparison, 'gt'), upperTest(comparison, 'eq')];
  const lower = lowerTest(comparison, op === 'gt' || op === 'le' ? 'gt' : 'ge');
  above.no.test = same;
  same.yes.test = lower;
  return { first: above, open: op === 'gt' || op === 'ge' ? [above.yes, lower.yes] : [same.no, lower.no] };
}

function lowerTest(comparison: Comparison, op: Test['op']): Test {
  return testOf(comparison, op, 0, (word) => word & U32_MAX);
}

function upperTest(comparison: Comparison, op: Test['op']): Test {
  return testOf(comparison, op, 1, (word) => (word >> 32n) & U32_MAX);
}

function testOf(
  { index, op: asked, value, valueTwo }: Comparison,
  op: Test['op'],
  half: 0 | 1,
  part: (word: bigint) => bigint,
): Test {
  const [mask, whole] = asked === 'maskedEq' ? [part(value), valueTwo] : [U32_MAX, value];
  const links = { yes: {}, no: {}, before: undefined, after: undefined };
  return { place: 2 * index + half, op, asked, mask, value: part(whole) & mask, whole, ...links };
}

/** `__db_chain_op_priority` */
const priorities = { maskedEq: 3, eq: 3, ne: 3, le: 2, lt: 2, ge: 1, gt: 1 } as const satisfies Record<
  Operator,
  number
>;

/** `_db_chain_lt` */
function isBefore(a: Test, b: Test): boolean {
  if (a.place !== b.place) return a.place < b.place;
  if (priorities[a.asked] !== priorities[b.asked]) return priorities[a.asked] < priorities[b.asked];
  return a.asked === 'le' || a.asked === 'lt' ? a.value > b.value : a.value < b.value;
}

/** `_db_chain_eq` */
function isSame(a: Test, b: Test): boolean {
  return a.place === b.place && a.op === b.op && a.value === b.value && a.mask === b.mask;
}

/** `_db_chain_leaf` */
function isLast({ yes, no }: Test): boolean {
  return yes.test === undefined && no.test === undefined;
}

function firstBeside(test: Test, work: Work): Test {
  let first = test;
  for (; first.before !== undefined; first = first.before) step(work);
  return first;
}

/** `_db_tree_remove` */
function remove(tree: Branch, wanted: Test, work: Work): boolean {
  if (tree.test === undefined) return false;
  for (let test: Test | undefined = firstBeside(tree.test, work); test !== undefined; test = test.after) {
    step(work);
    const { yes, no } = test;
    const isFound = test === wanted;
    const isBelow = !isFound && [remove(yes, wanted, work), remove(no, wanted, work)].includes(true);
    if (isFound || !(leads(yes) || leads(no))) {
      if (test === tree.test) tree.test = test.before ?? test.after;
      if (test.before !== undefined) test.before.after = test.after;
      if (test.after !== undefined) test.after.before = test.before;
      test.before = test.after = undefined;
      return true;
    }
    if (isBelow) return true;
  }
  return false;
}

function leads({ action, test }: Branch): boolean {
  return action !== undefined || test !== undefined;
}

/** `_db_tree_act_check` */
function hasOther(tree: Test | undefined, action: ReturnWord, work: Work): boolean {
  if (tree === undefined) return false;
  for (let test: Test | undefined = firstBeside(tree, work); test !== undefined; test = test.after) {
    step(work);
    for (const { action: own, test: further } of [test.yes, test.no]) {
      if ((own !== undefined && own !== action) || hasOther(further, action, work)) return true;
    }
  }
  return false;
}

/** `_DB_IST_*` */
const MATCH = 0x1;
const MATCH_ONCE = 0x2;
const OLD_ENDS = 0x10;
const NEW_ENDS = 0x20;
const OLD_HAS_MORE = 0x100;
const NEW_HAS_MORE = 0x200;
const REDUNDANT = MATCH | OLD_ENDS | NEW_HAS_MORE;

/** A new rule that is looked for in a tree, and what was found (`db_iter_state`). */
interface Search {
  flags: number;
  readonly action: ReturnWord;
  readonly root: Branch;
  readonly work: Work;
}

/** `_db_tree_prune`: takes out what a new rule makes needless. @returns whether something went */
function prune(tree: Branch, rule: Test | undefined, search: Search): boolean {
  const found = { ...search };
  const isOver = (search.flags & (MATCH | MATCH_ONCE)) === MATCH_ONCE;
  const went =
    tree.test !== undefined &&
    rule !== undefined &&
    !isOver &&
    pruneLevel(firstBeside(tree.test, search.work), rule, search, found);
  if ((found.flags & MATCH) !== 0) search.flags |= found.flags;
  else search.flags &= ~MATCH;
  return went;
}

/** @param found - what the whole level shows is added here */
function pruneLevel(first: Test, rule: Test, search: Search, found: Search): boolean {
  let went = false;
  for (let test: Test | undefined = first; test !== undefined; ) {
    step(search.work);
    const next: Test | undefined = test.after;
    const visit = isSame(test, rule) ? pruneSame : isBefore(test, rule) ? pruneBelow : pruneBeside;
    const seen = visit(test, rule, search, found);
    went ||= seen.went;
    if (seen.isDone) return went;
    test = next;
  }
  // It fell through: nothing matched.
  found.flags &= ~MATCH;
  return went;
}

interface Visit {
  readonly went: boolean;
  /** Whether the rest of the level does not matter. */
  readonly isDone: boolean;
}

function pruneSame(test: Test, rule: Test, search: Search, found: Search): Visit {
  const has = (flags: number): boolean => (found.flags & flags) === flags;
  found.flags |= MATCH | MATCH_ONCE;
  if (isLast(rule)) found.flags |= NEW_ENDS;
  if (isLast(test)) found.flags |= OLD_ENDS;
  if (sides.some((side) => leads(test[side]) && !leads(rule[side]))) return { went: false, isDone: true };
  const isOther = sides.some((side) => test[side].action !== rule[side].action);
  if (has(NEW_ENDS | OLD_ENDS) && isOther) return { went: false, isDone: true };
  let went = false;
  for (const side of sides) {
    if (rule[side].test === undefined) continue;
    const inner = { ...search, flags: search.flags | MATCH | MATCH_ONCE };
    went = prune(test[side], rule[side].test, inner) || went;
    if ((inner.flags & MATCH) !== 0) found.flags |= inner.flags;
  }
  if (hasOther(test, found.action, search.work)) return { went, isDone: false };
  if (has(MATCH | NEW_ENDS | OLD_HAS_MORE)) {
    went = remove(search.root, test, search.work) || went;
    return { went, isDone: search.root.test === undefined };
  }
  return { went, isDone: has(REDUNDANT) };
}

/** The new rule may stand where an earlier test leads. */
function pruneBelow(test: Test, rule: Test, search: Search, found: Search): Visit {
  if ((search.flags & NEW_HAS_MORE) !== 0) return { went: false, isDone: true };
  return pruneFurther(test, OLD_HAS_MORE, search, found, (side, inner) => prune(test[side], rule, inner));
}

/** What follows the first test of the new rule may stand here. */
function pruneBeside(test: Test, rule: Test, search: Search, found: Search): Visit {
  if ((search.flags & OLD_HAS_MORE) !== 0) return { went: false, isDone: true };
  return pruneFurther(rule, NEW_HAS_MORE, search, found, (side, inner) =>
    prune({ test }, rule[side].test, inner),
  );
}

function pruneFurther(
  longer: Test,
  flag: number,
  search: Search,
  found: Search,
  next: (side: (typeof sides)[number], inner: Search) => boolean,
): Visit {
  let went = false;
  for (const side of sides) {
    if (longer[side].test === undefined) continue;
    const inner = { ...search, flags: (search.flags & ~MATCH) | flag };
    went = next(side, inner) || went;
    if ((inner.flags & MATCH) === 0) continue;
    found.flags |= inner.flags;
    return { went, isDone: true };
  }
  return { went, isDone: false };
}

/** `_db_tree_add`: puts a rule into the tree. @returns whether it is refused */
function refusedBy(tree: Branch, rule: Test | undefined, work: Work): boolean {
  if (rule === undefined) return false;
  for (let test = tree.test; test !== undefined; test = test.after) {
    step(work);
    if (isSame(test, rule))
      return sides.some((side) => actsOtherwise(test, rule, side, work)) || isRefusedBelow(test, rule, work);
    if (isBefore(test, rule)) {
      insertBefore(tree, test, rule);
      return false;
    }
    if (test.after === undefined) {
      rule.before = test;
      test.after = rule;
      return false;
    }
  }
  return false;
}

function actsOtherwise(test: Test, rule: Test, side: (typeof sides)[number], work: Work): boolean {
  const [old, { action }] = [test[side], rule[side]];
  if (action === undefined || old.action === action) return false;
  if (old.action !== undefined) {
    // Of GT, GE, LT and LE with the same upper half, the wider comparison decides. 2.5.4 does so for GT and GE alone.
    const isWider = side === 'yes' ? rule.whole > test.whole : rule.whole < test.whole;
    if (rule.place % 2 === 1 && isWider) old.action = action;
    return isLast(test) || isLast(rule);
  }
  if (hasOther(old.test, action, work)) return true;
  old.test = undefined;
  old.action = action;
  return false;
}

function isRefusedBelow(test: Test, rule: Test, work: Work): boolean {
  for (const side of sides) {
    const [old, further] = [test[side], rule[side].test];
    if (further === undefined) continue;
    if (old.test !== undefined) {
      if (refusedBy(old, further, work)) return true;
    } else if (old.action === undefined) old.test = further;
    else return false;
  }
  return false;
}

function insertBefore(tree: Branch, test: Test, rule: Test): void {
  if (test.before === undefined) {
    rule.after = test;
  } else {
    test.before.after = rule;
    rule.before = test.before;
    rule.after = test;
  }
  test.before = rule;
  if (tree.test === test) tree.test = rule;
}
