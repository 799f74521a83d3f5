/**
 * Comparisons that differ in their constant only, made one.
 *
 * Many rules may load the same argument, compare it with a constant each, and then answer the same. Such a comparison is there
 * once, with the register X in place of the constant. The test that leads to it puts the constant into X first:
 *
 *     ld arg1; jeq 7, a, no;  a: ld arg2; jge 50, yes, no
 *     ld arg1; ldx #50; jeq 7, b, no;  b: ld arg2; jge x, yes, no
 *
 * So a rule takes one instruction for its last comparison, and no longer two, or three with a mask.
 * @module
 */
import { SECCOMP_DATA_ARGS } from '../../abi/seccomp-data.ts';
import { BPF_LDX_MEM, BPF_MISC_TXA } from '../../bpf/computing-codes.ts';
import { BPF_X } from '../../bpf/program.ts';
import {
  type Code,
  type CodeGraph,
  type CodeNode,
  codeAt,
  codesBehind,
  copyCode,
  operandCode,
  successorsOf,
  testXCode,
} from './code-graph.ts';

/** A load, a mask or none, and a test with a constant. */
interface LastComparison {
  /** What it has in common with others: all but the constant. */
  readonly shape: string;
  readonly constant: number;
}

/** The comparison with X is a load, a mask and a test itself: so many that use it pay. */
const FEWEST = 4;

/** Makes code that does the same, in which constants are passed in X. */
export function passConstants(graph: CodeGraph, root: Code): Code {
  const codes = [...codesBehind(graph, root)].sort((a, b) => a - b);
  const uses = countUses(graph, codes);
  const early = beforeArguments(graph, root);
  /** By test: the comparison behind it to which it passes a constant. */
  const passing = new Map<Code, { readonly to: Code; readonly passed: LastComparison }>();
  const counts = new Map<string, number>();
  const needX = needingX(graph, codes);
  for (const code of codes) {
    const node = codeAt(graph, code);
    if (node.kind !== 'test' || early.has(code) || needX.has(code)) continue;
    // What several tests lead to is there once already.
    for (const to of [node.yes, node.no]) {
      const passed = uses.get(to) === 1 ? lastComparison(graph, to) : undefined;
      if (passed === undefined) continue;
      passing.set(code, { to, passed });
      counts.set(passed.shape, (counts.get(passed.shape) ?? 0) + 1);
      break;
    }
  }
  const made = new Map<Code, Code>();
  // What code leads to has a lower number, and is made before it.
  for (const code of codes) {
    const node = codeAt(graph, code);
    const pass = passing.get(code);
    const nextOf = (next: Code): Code => made.get(next) ?? next;
    if (pass === undefined || (counts.get(pass.passed.shape) ?? 0) < FEWEST) {
      made.set(code, copyCode(graph, node, nextOf));
      continue;
    }
    const common = withX(graph, pass.to, nextOf);
    const test = copyCode(graph, node, (next) => (next === pass.to ? common : nextOf(next)));
    made.set(code, operandCode(graph, pass.passed.constant, test));
  }
  return made.get(root) ?? root;
}

export function countUses(graph: CodeGraph, codes: readonly Code[]): ReadonlyMap<Code, number> {
  const uses = new Map<Code, number>();
  for (const code of codes) {
    for (const next of successorsOf(codeAt(graph, code))) uses.set(next, (uses.get(next) ?? 0) + 1);
  }
  return uses;
}

/**
 * Code that needs what X holds before it: a word with several constants (packed-constants.ts).
 *
 * @param codes - ascending, so that what code leads to comes before it
 */
function needingX(graph: CodeGraph, codes: readonly Code[]): ReadonlySet<Code> {
  const needing = new Set<Code>();
  for (const code of codes) {
    const node = codeAt(graph, code);
    const keepsX = node.kind !== 'operand' && !(node.kind === 'compute' && node.code === BPF_LDX_MEM);
    if (readsX(node) || (keepsX && successorsOf(node).some((next) => needing.has(next)))) needing.add(code);
  }
  return needing;
}

function readsX(node: CodeNode): boolean {
  if (node.kind !== 'compute') return node.kind === 'testX';
  return node.code === BPF_MISC_TXA || (node.code & BPF_X) !== 0;
}

/** Code before the first look at an argument: the kernel follows it to find calls that are always allowed, and knows no X there. */
export function beforeArguments(graph: CodeGraph, root: Code): ReadonlySet<Code> {
  const early = new Set([root]);
  for (const code of early) {
    const node = codeAt(graph, code);
    if (!looksAtArgument(node)) for (const next of successorsOf(node)) early.add(next);
  }
  return early;
}

export function looksAtArgument(node: CodeNode): boolean {
  return node.kind === 'load' && node.place >= SECCOMP_DATA_ARGS;
}

function lastComparison(graph: CodeGraph, code: Code): LastComparison | undefined {
  const load = codeAt(graph, code);
  if (load.kind !== 'load' || !looksAtArgument(load)) return undefined;
  const after = codeAt(graph, load.next);
  const test = after.kind === 'mask' ? codeAt(graph, after.next) : after;
  if (test.kind !== 'test') return undefined;
  const mask = after.kind === 'mask' ? after.mask : '';
  return { shape: [load.place, mask, test.test, test.yes, test.no].join(), constant: test.operand };
}

/** A load, a mask or none, and a test, with X in place of the constant. */
function withX(graph: CodeGraph, code: Code, nextOf: (next: Code) => Code): Code {
  const node = codeAt(graph, code);
  if (node.kind === 'test') return testXCode(graph, node.test, nextOf(node.yes), nextOf(node.no));
  return copyCode(graph, node, (next) => withX(graph, next, nextOf));
}
