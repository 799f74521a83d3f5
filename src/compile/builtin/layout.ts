/**
 * Code as a program: every instruction gets its place.
 *
 * Jumps lead forward only, and conditional ones over at most 255 instructions. So the program is laid out from its end: what an
 * instruction leads to is placed already. If that is too far away, a return is written once more, and other code is reached by
 * a jump of any distance.
 * @module
 */
import { SECCOMP_DATA_SIZE } from '../../abi/seccomp-data.ts';
import {
  BPF_ALU_AND_K,
  BPF_JMP_JA,
  BPF_JMP_JEQ_K,
  BPF_JMP_JGE_K,
  BPF_JMP_JGT_K,
  BPF_JMP_JSET_K,
  BPF_LD_IMM,
  BPF_LD_MEM,
  BPF_LD_W_ABS,
  BPF_LDX_IMM,
  BPF_RET_K,
  BPF_ST,
  BPF_X,
  type Program,
  type SockFilter,
} from '../../bpf/program.ts';
import {
  type Code,
  type CodeGraph,
  type CodeNode,
  type CodeTest,
  codeAt,
  codesBehind,
  successorsOf,
  type WordPlace,
} from './code-graph.ts';

const FARTHEST = 255;

const testCodes = {
  eq: BPF_JMP_JEQ_K,
  ge: BPF_JMP_JGE_K,
  gt: BPF_JMP_JGT_K,
  set: BPF_JMP_JSET_K,
} as const satisfies Record<CodeTest, number>;

interface Layout {
  readonly graph: CodeGraph;
  /** The instructions so far, the last one first. */
  readonly reversed: SockFilter[];
  /** Index into `reversed`. */
  readonly places: Map<Code, number>;
  /** The nearest instruction that leads to a code placed far away. */
  readonly near: Map<Code, number>;
  /**
   * Whether scratch memory is used. All returns then stand at the end. The kernel checks that each cell is written before it is
   * read, and takes the instruction behind a return for its successor (Linux 6.18 net/core/filter.c check_load_and_stores).
   */
  readonly hasCells: boolean;
}

/** Lays out all code that `root` leads to. */
export function layOut(graph: CodeGraph, root: Code): Program {
  const hasCells = graph.nodes.some(({ kind }) => kind === 'store');
  const layout: Layout = { graph, reversed: [], places: new Map(), near: new Map(), hasCells };
  const sizes = sizesOf(graph);
  const toPlace: Code[] = [root, ...(hasCells ? returnsBehind(graph, root) : [])];
  for (let code = toPlace.at(-1); code !== undefined; code = toPlace.at(-1)) {
    const isPlaced = layout.places.has(code);
    const node = codeAt(graph, code);
    const missing = isPlaced ? undefined : missingOf(layout, node, sizes);
    if (missing !== undefined) toPlace.push(missing);
    else {
      toPlace.pop();
      if (!isPlaced) place(layout, code, node);
    }
  }
  return layout.reversed.toReversed();
}

/** What has to be placed before a node. Of two, the larger part comes first: what is placed last is the nearer one. */
function missingOf({ places }: Layout, node: CodeNode, sizes: readonly number[]): Code | undefined {
  if (node.kind === 'return') return undefined;
  if (node.kind !== 'test' && node.kind !== 'testX') return places.has(node.next) ? undefined : node.next;
  const { yes, no } = node;
  if (places.has(yes)) return places.has(no) ? undefined : no;
  return places.has(no) || (sizes[yes] ?? 0) > (sizes[no] ?? 0) ? yes : no;
}

function returnsBehind(graph: CodeGraph, root: Code): readonly Code[] {
  return [...codesBehind(graph, root)].filter((code) => codeAt(graph, code).kind === 'return');
}

/** Instructions that each code would be if nothing were shared, up to a limit. */
function sizesOf({ nodes }: CodeGraph): readonly number[] {
  const sizes: number[] = [];
  nodes.forEach((node) => {
    let parts = 1;
    for (const next of successorsOf(node)) parts += sizes[next] ?? 0;
    sizes.push(Math.min(parts, Number.MAX_SAFE_INTEGER / 4));
  });
  return sizes;
}

function place(layout: Layout, code: Code, node: CodeNode): void {
  const instruction = instructionOf(layout, node);
  layout.places.set(code, write(layout, instruction));
}

/** Makes an instruction to be written next, and writes before it what it needs close by. */
function instructionOf(layout: Layout, node: CodeNode): SockFilter {
  switch (node.kind) {
    case 'return':
      return { code: BPF_RET_K, jt: 0, jf: 0, k: node.word };
    case 'load':
      fallThrough(layout, node.next);
      return loadOf(node.place);
    case 'constant':
      fallThrough(layout, node.next);
      return { code: BPF_LD_IMM, jt: 0, jf: 0, k: node.value };
    case 'operand':
      fallThrough(layout, node.next);
      return { code: BPF_LDX_IMM, jt: 0, jf: 0, k: node.value };
    case 'store':
      fallThrough(layout, node.next);
      return { code: BPF_ST, jt: 0, jf: 0, k: node.cell };
    case 'mask':
      fallThrough(layout, node.next);
      return { code: BPF_ALU_AND_K, jt: 0, jf: 0, k: node.mask };
    case 'compute':
      fallThrough(layout, node.next);
      return { code: node.code, jt: 0, jf: 0, k: node.k };
    case 'test':
    case 'testX': {
      const [yes, no] = bringNear(layout, node.yes, node.no);
      const jumps = { jt: distance(layout, yes), jf: distance(layout, no) };
      const code = testCodes[node.test];
      return node.kind === 'test'
        ? { code, ...jumps, k: node.operand }
        : { code: code | BPF_X, ...jumps, k: 0 };
    }
  }
}

function loadOf(place: WordPlace): SockFilter {
  return place < SECCOMP_DATA_SIZE
    ? { code: BPF_LD_W_ABS, jt: 0, jf: 0, k: place }
    : { code: BPF_LD_MEM, jt: 0, jf: 0, k: place - SECCOMP_DATA_SIZE };
}

function write({ reversed }: Layout, instruction: SockFilter): number {
  return reversed.push(instruction) - 1;
}

/** The number of instructions between the next instruction to be written and an existing one, which its jump skips. */
function distance({ reversed }: Layout, at: number): number {
  return reversed.length - 1 - at;
}

function placeOf({ places }: Layout, code: Code): number {
  const at = places.get(code);
  if (at === undefined) throw new RangeError(`code ${code} has no place yet`);
  return at;
}

/** Makes sure that some code follows the next instruction to be written. */
function fallThrough(layout: Layout, code: Code): void {
  const over = distance(layout, placeOf(layout, code));
  if (over > 0) write(layout, { code: BPF_JMP_JA, jt: 0, jf: 0, k: over });
}

/** Where a test that is written next can jump to for two codes. */
function bringNear(layout: Layout, yes: Code, no: Code): readonly [number, number] {
  // Each instruction written for the second code moves the first one away by one.
  return [near(layout, yes, 1), near(layout, no, 0)];
}

/** @param slack - instructions that may yet come before the jump */
function near(layout: Layout, code: Code, slack: number): number {
  const known = layout.near.get(code) ?? placeOf(layout, code);
  if (distance(layout, known) + slack <= FARTHEST) return known;
  const node = codeAt(layout.graph, code);
  const instruction: SockFilter =
    node.kind === 'return' && !layout.hasCells
      ? { code: BPF_RET_K, jt: 0, jf: 0, k: node.word }
      : { code: BPF_JMP_JA, jt: 0, jf: 0, k: distance(layout, placeOf(layout, code)) };
  const at = write(layout, instruction);
  layout.near.set(code, at);
  return at;
}
