/** Jumps that are as far as a test can jump, one less, one more, and much more: code does the same wherever it stands. */
import { describe, expect, it } from 'vitest';
import { encodeProgram } from '../../../src/bpf/program.ts';
import { findProgramProblems } from '../../../src/bpf/program-problems.ts';
import {
  type Code,
  type CodeGraph,
  codeAt,
  createCodeGraph,
  loadCode,
  maskCode,
  returnCode,
  testCode,
} from '../../../src/compile/builtin/code-graph.ts';
import { layOut } from '../../../src/compile/builtin/layout.ts';
import { simulator } from '../../oracle/support/simulate.ts';
import { isThorough } from '../../support/samples.ts';
import { shapeFaults } from './program-shape.ts';

const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;
const FARTHEST = 255;

/** What the code does with seccomp_data words, followed node by node. */
function follow(graph: CodeGraph, root: Code, words: DataView): number {
  let code = root;
  for (let a = 0; ; ) {
    const node = codeAt(graph, code);
    if (node.kind === 'return') return node.word;
    if (node.kind === 'load') a = words.getUint32(node.place, true);
    if (node.kind === 'mask') a = (a & node.mask) >>> 0;
    if (node.kind === 'testX') throw new Error('nothing here is compared with X');
    if (node.kind !== 'test') code = node.next;
    else {
      const { operand } = node;
      const holds = { eq: a === operand, ge: a >= operand, gt: a > operand, set: (a & operand) !== 0 };
      code = holds[node.test] ? node.yes : node.no;
    }
  }
}

function record(nr: number, argument: number): DataView {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint32(0, nr, true);
  view.setUint32(16, argument, true);
  return view;
}

/** The code behind `tests` tests of the number, and what each of them leads to. */
type Shape = (graph: CodeGraph, tests: number) => Code;

function chain(graph: CodeGraph, tests: number, yes: (nr: number) => Code, rest: Code): Code {
  let code = rest;
  for (let nr = tests; nr > 0; nr--) code = testCode(graph, 'eq', nr, yes(nr), code);
  return loadCode(graph, 0, code);
}

function argument(graph: CodeGraph, word: number): Code {
  return loadCode(graph, 16, testCode(graph, 'gt', 5, returnCode(graph, word), returnCode(graph, ALLOW)));
}

const shapes: Readonly<Record<string, Shape>> = {
  'one return that all tests lead to': (graph, tests) =>
    chain(graph, tests, () => returnCode(graph, ERRNO), returnCode(graph, ALLOW)),
  'one load that all tests lead to': (graph, tests) =>
    chain(graph, tests, () => argument(graph, ERRNO), returnCode(graph, ALLOW)),
  'two loads that tests lead to in turn': (graph, tests) =>
    chain(graph, tests, (nr) => argument(graph, ERRNO + (nr % 2)), argument(graph, ERRNO + 2)),
  'a return for each test': (graph, tests) =>
    chain(graph, tests, (nr) => returnCode(graph, ERRNO + nr), argument(graph, ERRNO)),
  'both ends of the first test far away': (graph, tests) => {
    const last = argument(graph, ERRNO + 1);
    const other = argument(graph, ERRNO + 2);
    const middle = chain(graph, tests, (nr) => (nr % 2 === 0 ? last : other), returnCode(graph, ERRNO));
    return loadCode(graph, 0, testCode(graph, 'eq', 0, last, testCode(graph, 'ge', 5000, other, middle)));
  },
  'a load and a mask in front of far code': (graph, tests) => {
    const far = testCode(graph, 'set', 4, returnCode(graph, ERRNO + 9), argument(graph, ERRNO + 1));
    const first = chain(graph, tests, () => loadCode(graph, 16, maskCode(graph, 12, far)), far);
    return loadCode(
      graph,
      16,
      testCode(graph, 'eq', 77, loadCode(graph, 0, maskCode(graph, 15, far)), first),
    );
  },
};

/** Distances around those that a test can jump, once and twice. */
const counts = [
  1,
  2,
  100,
  ...[1, 2].flatMap((n) => [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3].map((by) => n * FARTHEST + by)),
  1500,
];

describe.each(Object.entries(shapes))('code laid out: %s', (_, shape) => {
  it.each(counts.filter((_, at) => isThorough || at % 2 === 0))('behind %i tests', (tests) => {
    const graph = createCodeGraph();
    const root = shape(graph, tests);
    const program = layOut(graph, root);
    expect(findProgramProblems(program)).toEqual([]);
    expect(shapeFaults(program)).toEqual([]);
    // No more than what a jump of any distance takes: one more for each 128 tests, and few at the ends.
    expect(program.length).toBeLessThanOrEqual(graph.nodes.length + 8 + 4 * Math.ceil(tests / 128));
    const run = simulator(encodeProgram(program, 'little'));
    for (let nr = 0; nr <= tests + 1; nr += tests > 300 ? 7 : 1 + (nr % 3)) {
      for (const word of [0, 6, 77]) {
        const data = record(nr, word);
        const [done, meant] = [run(data), follow(graph, root, data)];
        if (done !== meant) expect(done, `nr ${nr}, argument ${word}`).toBe(meant);
      }
    }
  });
});

it('code that nothing looks at is not made', () => {
  const graph = createCodeGraph();
  const inner = argument(graph, ERRNO);
  const made = graph.nodes.length;
  expect(testCode(graph, 'eq', 1, inner, inner)).toBe(inner);
  expect(loadCode(graph, 0, inner)).toBe(inner);
  expect(maskCode(graph, 15, inner)).toBe(inner);
  expect(graph.nodes).toHaveLength(made);
});
