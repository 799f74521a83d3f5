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

/** By place: the argument that is asked there. All six are in it. */
export type ArgumentOrder = readonly number[];

const NATURAL: ArgumentOrder = [0, 1, 2, 3, 4, 5];
const ARGUMENT_SIZE = 8;
/** Fewer values of an argument do not make a diagram complex. */
const FEWEST_VALUES = 16;

/**
 * Finds a better order than the natural one: arguments with many values, each of another rule, come first.
 *
 * @returns `undefined` if there is none
 */
export function findArgumentOrder(expanded: readonly ArchPolicy[]): ArgumentOrder | undefined {
  const most = NATURAL.map(() => 0);
  for (const { rules } of expanded) {
    for (const own of rulesByNumber(rules).values()) {
      for (const index of NATURAL) most[index] = Math.max(most[index] ?? 0, countValues(own, index));
    }
  }
  const values = (index: number): number => {
    const count = most[index] ?? 0;
    return count < FEWEST_VALUES ? 0 : count;
  };
  const order = NATURAL.toSorted((a, b) => values(b) - values(a));
  return order.every((index, place) => index === place) ? undefined : order;
}

function countValues(rules: readonly ArchRule[], index: number): number {
  const compared = rules.flatMap(({ comparisons }) => comparisons.filter((each) => each.index === index));
  return new Set(compared.flatMap(({ op, value }) => (op === 'eq' ? value : []))).size;
}

/** The rules with each argument at its place. */
export function reorderRules(expanded: readonly ArchPolicy[], order: ArgumentOrder): readonly ArchPolicy[] {
  const moved = (rule: ArchRule): ArchRule => ({
    ...rule,
    comparisons: rule.comparisons.map((each) => ({ ...each, index: order.indexOf(each.index) })),
  });
  return expanded.map((each) => ({ ...each, rules: each.rules.map(moved) }));
}

/** A program that reads each argument at its place. */
export function reorderProgram(program: Program, order: ArgumentOrder): Program {
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
export function callInNaturalOrder(call: SeccompData, order: ArgumentOrder): SeccompData {
  return { ...call, args: NATURAL.map((index) => call.args[order.indexOf(index)] ?? 0n) };
}
