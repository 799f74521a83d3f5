/**
 * The constants of rules as tables, for rules of a call of which each compares one argument with a value of its own.
 *
 * The comparisons of all these rules are there once. The value says with which constants they are made: a table puts two of
 * them into A and X. If there are more, one table follows the other, and cells of scratch memory keep what the tables found.
 *
 *     ldx #100; xor #0x3e; jeq 64, found, next;  next: ldx #200; xor #0x9; …
 *
 * So two constants of a rule take three instructions. The test for the value leaves a constant in A too: A is not the value
 * itself, but the value changed by `xor`, so that it is the constant where the test holds. Each rule changes A by what its
 * constant differs from that of the rule before.
 *
 * A call takes as many steps as there are rules: this is for programs that are too long in every other way.
 * @module
 */
import { BPF_ALU_AND_X, BPF_ALU_XOR_K, BPF_LDX_MEM, BPF_MISC_TXA } from '../../bpf/computing-codes.ts';
import {
  type Code,
  type CodeGraph,
  type CodeNode,
  codeAt,
  computeCode,
  copyCode,
  loadCode,
  operandCode,
  storeCode,
  successorsOf,
  testCode,
  testXCode,
  type WordPlace,
} from './code-graph.ts';

/** A rule whose call has the value. */
export interface TableRule {
  /** u32; no two rules have the same. */
  readonly value: number;
  /** What is asked of the other arguments. */
  readonly compare: Code;
}

/** The comparisons of a rule, with its constants. */
interface Comparisons {
  readonly value: number;
  readonly compare: Code;
  /** All but the constants. */
  readonly shape: string;
  readonly constants: readonly number[];
}

/** Cells of scratch memory. Those before hold arguments (folded-arguments.ts). */
const FIRST_CELL = 6;
const MOST_CONSTANTS = 10;
/** Rules that compare in more ways have no room in tables. */
const MOST_SHAPES = 64;

/**
 * Makes code that finds a rule by its value, and compares with its constants.
 *
 * @param place - where the value is loaded from
 * @param otherwise - where no rule has the value
 * @returns `undefined` if rules compare too much, or in too many ways
 */
export function tableCode(
  graph: CodeGraph,
  place: WordPlace,
  rules: readonly TableRule[],
  otherwise: Code,
): Code | undefined {
  const byShape = new Map<string, Comparisons[]>();
  for (const rule of rules) {
    const own = comparisonsOf(graph, rule);
    if (own === undefined) return undefined;
    const known = byShape.get(own.shape);
    if (known === undefined) byShape.set(own.shape, [own]);
    else known.push(own);
  }
  if (byShape.size > MOST_SHAPES) return undefined;
  let next = otherwise;
  for (const alike of byShape.values()) next = codeOfShape(graph, place, alike, next, otherwise);
  return next;
}

function comparisonsOf(graph: CodeGraph, { value, compare }: TableRule): Comparisons | undefined {
  const constants: number[] = [];
  const places = new Map<Code, number>();
  let shape = '';
  const walk = (code: Code): void => {
    const node = codeAt(graph, code);
    const place = places.get(code);
    if (place !== undefined) {
      shape += `@${place};`;
      return;
    }
    places.set(code, places.size);
    shape += `${node.kind} `;
    if (node.kind === 'load') shape += `${node.place} `;
    else if (node.kind === 'test') shape += `${node.test} `;
    else if (node.kind !== 'mask') {
      shape += `${code};`;
      return;
    }
    if (node.kind === 'test') constants.push(node.operand);
    if (node.kind === 'mask') constants.push(node.mask);
    if (constants.length <= MOST_CONSTANTS) for (const next of successorsOf(node)) walk(next);
  };
  walk(compare);
  return constants.length > MOST_CONSTANTS ? undefined : { value, compare, shape, constants };
}

/** @param otherwise - where a value is in no table: behind the first one, no call comes there */
function codeOfShape(
  graph: CodeGraph,
  place: WordPlace,
  alike: readonly Comparisons[],
  next: Code,
  otherwise: Code,
): Code {
  const [first] = alike;
  if (first === undefined) return next;
  const differing = first.constants.flatMap((constant, at) =>
    alike.some(({ constants }) => constants[at] !== constant) ? at : [],
  );
  let found = comparingCode(graph, first.compare, new Set(differing));
  const pairs = differing.flatMap((at, index) =>
    index % 2 === 0 ? [[at, differing[index + 1]] as const] : [],
  );
  if (pairs.length === 0) pairs.push([-1, undefined]);
  for (const [index, [a, x]] of pairs.toReversed().entries()) {
    const isFirst = index === pairs.length - 1;
    found = oneTable(graph, { place, alike, a, x, found, next: isFirst ? next : otherwise });
  }
  return found;
}

interface Table {
  readonly place: WordPlace;
  readonly alike: readonly Comparisons[];
  /** The constant that A brings; -1: none. */
  readonly a: number;
  /** The one that X brings. */
  readonly x: number | undefined;
  readonly found: Code;
  readonly next: Code;
}

function oneTable(graph: CodeGraph, { place, alike, a, x, found, next }: Table): Code {
  const flips = alike.map(({ value, constants }) => (a < 0 ? 0 : (value ^ (constants[a] ?? 0)) >>> 0));
  const ofX = (rule: number): number | undefined => (x === undefined ? undefined : alike[rule]?.constants[x]);
  let kept = found;
  if (x !== undefined) kept = computeCode(graph, BPF_MISC_TXA, 0, storeCode(graph, FIRST_CELL + x, kept));
  if (a >= 0) kept = storeCode(graph, FIRST_CELL + a, kept);
  let code = next;
  for (let rule = alike.length - 1; rule >= 0; rule -= 1) {
    const [before = 0, flip = 0] = [flips[rule - 1], flips[rule]];
    code = testCode(graph, 'eq', ((alike[rule]?.value ?? 0) ^ flip) >>> 0, kept, code);
    if (flip !== before) code = computeCode(graph, BPF_ALU_XOR_K, (flip ^ before) >>> 0, code);
    const constant = ofX(rule);
    // X still holds what the rule before needs.
    if (constant !== undefined && constant !== ofX(rule - 1)) code = operandCode(graph, constant, code);
  }
  return loadCode(graph, place, code);
}

/** The comparisons with the constants that differ taken from cells. */
function comparingCode(graph: CodeGraph, compare: Code, differing: ReadonlySet<number>): Code {
  const made = new Map<Code, Code>();
  let constants = 0;
  const make = (code: Code): Code => {
    const known = made.get(code);
    if (known !== undefined) return known;
    const node = codeAt(graph, code);
    let copy = code;
    if (node.kind === 'load') copy = copyCode(graph, node, make);
    else if (node.kind === 'mask' || node.kind === 'test') {
      const own = constants;
      constants += 1;
      copy = differing.has(own)
        ? computeCode(graph, BPF_LDX_MEM, FIRST_CELL + own, withX(graph, node, make))
        : copyCode(graph, node, make);
    }
    made.set(code, copy);
    return copy;
  };
  return make(compare);
}

function withX(
  graph: CodeGraph,
  node: CodeNode & { readonly kind: 'mask' | 'test' },
  make: (code: Code) => Code,
): Code {
  return node.kind === 'mask'
    ? computeCode(graph, BPF_ALU_AND_X, 0, make(node.next))
    : testXCode(graph, node.test, make(node.yes), make(node.no));
}
