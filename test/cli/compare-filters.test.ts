/**
 * Two filters are compared in the room of the first one's proof, unless that is crowded: then the second would have too
 * little of it.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { decodeProgram } from '../../src/bpf/program.ts';
import { compareFilters } from '../../src/cli/answers/compare-filters.ts';
import type { Filtered } from '../../src/cli/operands/filter-operand.ts';
import { decidePrograms } from '../../src/decision/answer-call.ts';
import { fromRuns } from '../../src/decision/condition-diagrams.ts';
import { FIELD_NR } from '../../src/decision/diagram-variables.ts';
import { createSpace, FALSE, TRUE } from '../../src/decision/space.ts';

const fixtures = `${import.meta.dirname}/../../fixtures/programs`;

function filterOf(name: string): Filtered {
  const bytes = Buffer.from(readFileSync(`${fixtures}/${name}.b64`, 'utf8'), 'base64');
  const programs = [{ program: decodeProgram(bytes, 'little'), endian: 'little' as const }];
  const basis = { proven: false } as unknown as Filtered['basis'];
  return { name, circumstances: [], programs, basis, work: undefined, decided: undefined };
}

/** A space that holds as many nodes as asked for, and has no room for many more. */
function crowded(nodes: number) {
  const space = createSpace({ maxNodes: nodes + 3000 });
  for (let seed = 1; space.count < nodes; seed += 1) {
    const ends = Array.from({ length: 1000 }, (_, at) => (at + 1) * 64 * seed + ((at * at * seed) % 61));
    ends.push(0xffff_ffff);
    fromRuns(space, FIELD_NR, { ends, nodes: ends.map((_, at) => (at % 2 === 0 ? FALSE : TRUE)) });
  }
  return space;
}

it.each([
  ['few nodes: both are in it', 100, true],
  ['65,536 nodes: the second gets another', 65_536, false],
])('a proof with %s', (_, nodes, isShared) => {
  const [first, second] = [filterOf('runc'), filterOf('crun')];
  const space = crowded(nodes);
  const decided = { space, root: decidePrograms(space, first.programs), meant: undefined };
  const before = space.work.steps;
  const { differences } = compareFilters([{ ...first, decided }, second]);
  expect(space.work.steps > before).toBe(isShared);
  expect(differences).toEqual(compareFilters([first, second]).differences);
});
