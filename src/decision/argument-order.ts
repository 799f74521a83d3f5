/**
 * Rules whose arguments are asked in another order.
 *
 * A diagram asks arguments from the first to the last. If the last one tells hundreds of rules apart, a diagram asks bounds of the
 * others before it, and remembers for each part of them which rules are left: so many nodes are too many. The question is as
 * easy as with the arguments exchanged. So they are exchanged, in the rules and in the program alike: a program means what
 * rules say exactly if both still agree when each argument has changed its place.
 * @module
 */
import { SECCOMP_DATA_ARGS, type SeccompData } from '../abi/seccomp-data.ts';
import { BPF_LD_W_ABS, type Program } from '../bpf/program.ts';
import { type ArchPolicy, type ArchRule, rulesByNumber } from '../policy/expand-policy.ts';
import { tryWithin } from './node-room.ts';
import { createSpace, type Space, STEPS_A_QUESTION } from './space.ts';
import { askWithin } from './work.ts';

/** By place: the argument that is asked there. All six are in it. */
export type ArgumentOrder = readonly number[];

const NATURAL: ArgumentOrder = [0, 1, 2, 3, 4, 5];
const ARGUMENT_SIZE = 8;
/** Fewer values of an argument do not make a diagram complex. */
const FEWEST_VALUES = 16;

/** An order that is better than the natural one. */
interface BetterOrder {
  readonly order: ArgumentOrder;
  /** Steps that a question may take in the natural order before it is asked in this one. */
  readonly patience: number;
}

/** If bounds are asked first, a meaning that takes more steps is seldom decided, or has a program with room. */
const STEPS_BEHIND_BOUNDS = 1_000_000;

/**
 * Finds a better order than the natural one: arguments with many values, each of another rule, come first.
 *
 * @returns `undefined` if the natural order is as good
 */
export function findBetterOrder(expanded: readonly ArchPolicy[]): BetterOrder | undefined {
  const most = NATURAL.map(() => 0);
  let first: number = NATURAL.length;
  for (const { rules } of expanded) {
    for (const own of rulesByNumber(rules).values()) {
      if (own.length < FEWEST_VALUES) continue;
      for (const index of NATURAL) most[index] = Math.max(most[index] ?? 0, countValues(own, index));
      for (const { comparisons } of own) for (const { index } of comparisons) first = Math.min(first, index);
    }
  }
  const values = (index: number): number => {
    const count = most[index] ?? 0;
    return count < FEWEST_VALUES ? 0 : count;
  };
  const order = NATURAL.toSorted((a, b) => values(b) - values(a));
  if (order.every((index, place) => index === place)) return undefined;
  return { order, patience: values(first) === 0 ? STEPS_BEHIND_BOUNDS : Number.POSITIVE_INFINITY };
}

function countValues(rules: readonly ArchRule[], index: number): number {
  const compared = rules.flatMap(({ comparisons }) => comparisons.filter((each) => each.index === index));
  return new Set(compared.flatMap(({ op, value }) => (op === 'eq' ? value : []))).size;
}

/**
 * Asks a question with arguments in the natural order, and if that is too complex, in another one.
 *
 * @param expanded - the rules that say which order is better; none: the natural one
 * @param ask - called with an empty space for each order; absent order: the natural one
 * @throws OciSeccompError `ERR_UNDECIDED` if the question is too complex in both orders
 */
export function askInBestOrder<Answer>(
  space: Space,
  expanded: readonly ArchPolicy[],
  ask: (space: Space, order?: ArgumentOrder) => Answer,
): Answer {
  const better = findBetterOrder(expanded);
  if (better === undefined) return ask(space);
  const natural = tryWithin(space, better.patience, () => ask(space));
  if (natural !== undefined) return natural;
  const { work, maxNodes, maxUnneeded } = space;
  const other = createSpace({ work, maxNodes, maxUnneeded });
  const answer = askWithin(work, STEPS_A_QUESTION, () =>
    tryWithin(other, STEPS_A_QUESTION, () => ask(other, better.order)),
  );
  return answer ?? ask(space);
}

/** The rules with each argument at its place. */
export function reorderRules(
  expanded: readonly ArchPolicy[],
  order: ArgumentOrder | undefined,
): readonly ArchPolicy[] {
  if (order === undefined) return expanded;
  const moved = (rule: ArchRule): ArchRule => ({
    ...rule,
    comparisons: rule.comparisons.map((each) => ({ ...each, index: order.indexOf(each.index) })),
  });
  return expanded.map((each) => ({ ...each, rules: each.rules.map(moved) }));
}

/** A program that reads each argument at its place. */
export function reorderProgram(program: Program, order: ArgumentOrder | undefined): Program {
  if (order === undefined) return program;
  return program.map((instruction) => {
    const { code, k } = instruction;
    if (code !== BPF_LD_W_ABS || k < SECCOMP_DATA_ARGS) return instruction;
    const offset = k - SECCOMP_DATA_ARGS;
    const place = order.indexOf(Math.floor(offset / ARGUMENT_SIZE));
    return { ...instruction, k: SECCOMP_DATA_ARGS + ARGUMENT_SIZE * place + (offset % ARGUMENT_SIZE) };
  });
}

/** The order that undoes another one. */
export function inverseOrder(order: ArgumentOrder): ArgumentOrder {
  return NATURAL.map((index) => order.indexOf(index));
}

/** The call that was meant by one with each argument at its place. */
export function callInNaturalOrder(call: SeccompData, order: ArgumentOrder | undefined): SeccompData {
  return order === undefined
    ? call
    : { ...call, args: NATURAL.map((index) => call.args[order.indexOf(index)] ?? 0n) };
}

/** A call with each argument at its place: the inverse of {@link callInNaturalOrder}. */
export function reorderCall(call: SeccompData, order: ArgumentOrder | undefined): SeccompData {
  return order === undefined ? call : callInNaturalOrder(call, inverseOrder(order));
}
