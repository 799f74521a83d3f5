/**
 * Code as a graph: instructions that name what follows them. Each is made once, so code that answers the same in the same
 * way is one node, whoever leads to it. Where the instructions stand in the program is decided later (layout.ts).
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { SECCOMP_DATA_SIZE } from '../../abi/seccomp-data.ts';

/** A node of a {@link CodeGraph}: its number there. */
export type Code = number;

/** Where a word is loaded from: its offset in seccomp_data. Larger numbers are cells of scratch memory. */
export type WordPlace = number;

/** The place of a cell of scratch memory. */
export function placeOfCell(cell: number): WordPlace {
  return SECCOMP_DATA_SIZE + cell;
}

/** Tests of the accumulator against a constant or X, all unsigned; `set`: a common bit. */
export type CodeTest = 'eq' | 'ge' | 'gt' | 'set';

export type CodeNode =
  | { readonly kind: 'return'; readonly word: ReturnWord }
  | { readonly kind: 'load'; readonly place: WordPlace; readonly next: Code }
  /** Puts a constant into the accumulator. */
  | { readonly kind: 'constant'; readonly value: number; readonly next: Code }
  /** Puts a constant into X. */
  | { readonly kind: 'operand'; readonly value: number; readonly next: Code }
  /** Keeps the accumulator in a cell of scratch memory. */
  | { readonly kind: 'store'; readonly cell: number; readonly next: Code }
  /** Keeps the bits of the accumulator that `mask` has. */
  | { readonly kind: 'mask'; readonly mask: number; readonly next: Code }
  /** Another instruction that goes on with the next one: `code` and `k` are its fields. */
  | { readonly kind: 'compute'; readonly code: number; readonly k: number; readonly next: Code }
  | {
      readonly kind: 'test';
      readonly test: CodeTest;
      readonly operand: number;
      readonly yes: Code;
      readonly no: Code;
    }
  /** As `test`, against X. */
  | { readonly kind: 'testX'; readonly test: CodeTest; readonly yes: Code; readonly no: Code };

export interface CodeGraph {
  /** What a node leads to has a lower number. */
  readonly nodes: CodeNode[];
  readonly known: Map<string, Code>;
  /** Tests of bits, with values, both ends included, that they are made for. */
  readonly windows: Map<Code, { readonly from: number; readonly to: number }>;
}

export function createCodeGraph(): CodeGraph {
  return { nodes: [], known: new Map(), windows: new Map() };
}

export function codeAt(graph: CodeGraph, code: Code): CodeNode {
  const node = graph.nodes[code];
  if (node === undefined) throw new RangeError(`there is no code ${code}`);
  return node;
}

function make(graph: CodeGraph, key: string, node: CodeNode): Code {
  const found = graph.known.get(key);
  if (found !== undefined) return found;
  const code = graph.nodes.length;
  graph.nodes.push(node);
  graph.known.set(key, code);
  return code;
}

export function returnCode(graph: CodeGraph, word: ReturnWord): Code {
  return make(graph, `return ${word}`, { kind: 'return', word });
}

/** Code that loads a word and goes on; nothing is loaded for code that does not look at it. */
export function loadCode(graph: CodeGraph, place: WordPlace, next: Code): Code {
  const { kind } = codeAt(graph, next);
  if (kind === 'return' || kind === 'load') return next;
  return make(graph, `load ${place} ${next}`, { kind: 'load', place, next });
}

export function constantCode(graph: CodeGraph, value: number, next: Code): Code {
  return make(graph, `constant ${value} ${next}`, { kind: 'constant', value, next });
}

export function operandCode(graph: CodeGraph, value: number, next: Code): Code {
  return make(graph, `operand ${value} ${next}`, { kind: 'operand', value, next });
}

export function storeCode(graph: CodeGraph, cell: number, next: Code): Code {
  return make(graph, `store ${cell} ${next}`, { kind: 'store', cell, next });
}

export function maskCode(graph: CodeGraph, mask: number, next: Code): Code {
  const { kind } = codeAt(graph, next);
  if (kind === 'return' || kind === 'load') return next;
  return make(graph, `mask ${mask} ${next}`, { kind: 'mask', mask, next });
}

export function computeCode(graph: CodeGraph, code: number, k: number, next: Code): Code {
  return make(graph, `compute ${code} ${k} ${next}`, { kind: 'compute', code, k, next });
}

export function testCode(graph: CodeGraph, test: CodeTest, operand: number, yes: Code, no: Code): Code {
  if (yes === no) return yes;
  return make(graph, `${test} ${operand} ${yes} ${no}`, { kind: 'test', test, operand, yes, no });
}

export function testXCode(graph: CodeGraph, test: CodeTest, yes: Code, no: Code): Code {
  if (yes === no) return yes;
  return make(graph, `${test} x ${yes} ${no}`, { kind: 'testX', test, yes, no });
}

/** The same node, but what it leads to. */
export function copyCode(graph: CodeGraph, node: CodeNode, nextOf: (next: Code) => Code): Code {
  switch (node.kind) {
    case 'return':
      return returnCode(graph, node.word);
    case 'load':
      return loadCode(graph, node.place, nextOf(node.next));
    case 'constant':
      return constantCode(graph, node.value, nextOf(node.next));
    case 'operand':
      return operandCode(graph, node.value, nextOf(node.next));
    case 'store':
      return storeCode(graph, node.cell, nextOf(node.next));
    case 'mask':
      return maskCode(graph, node.mask, nextOf(node.next));
    case 'compute':
      return computeCode(graph, node.code, node.k, nextOf(node.next));
    case 'test':
      return testCode(graph, node.test, node.operand, nextOf(node.yes), nextOf(node.no));
    case 'testX':
      return testXCode(graph, node.test, nextOf(node.yes), nextOf(node.no));
  }
}

/** What a node can lead to next. */
export function successorsOf(node: CodeNode): readonly Code[] {
  switch (node.kind) {
    case 'return':
      return [];
    case 'test':
    case 'testX':
      return [node.yes, node.no];
    default:
      return [node.next];
  }
}

/** Some code, and all that it can lead to. */
export function codesBehind(graph: CodeGraph, root: Code): ReadonlySet<Code> {
  const seen = new Set([root]);
  // A set hands out what is added to it while it is walked.
  for (const code of seen) for (const next of successorsOf(codeAt(graph, code))) seen.add(next);
  return seen;
}

/** Whether some code is more instructions than `most`, without counting on. */
export function isLonger(graph: CodeGraph, root: Code, most: number): boolean {
  const seen = new Set([root]);
  for (const code of seen) {
    for (const next of successorsOf(codeAt(graph, code))) seen.add(next);
    if (seen.size > most) return true;
  }
  return false;
}

/** How many instructions some code is, jumps that layout may add not counted. */
export function countCode(graph: CodeGraph, root: Code): number {
  return codesBehind(graph, root).size;
}
