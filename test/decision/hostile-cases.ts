/**
 * Everything that decides, compares or describes, on inputs made to be hard.
 * @module
 */
import { findConflicts } from '../../src/decision/conflicts.ts';
import { cutByCall } from '../../src/decision/cut-diagram.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { describeArguments } from '../../src/decision/describe.ts';
import { findDifferences } from '../../src/decision/difference.ts';
import { strictestOf, whereRelated } from '../../src/decision/relate.ts';
import { createSpace, isLeaf, type Node, type Space } from '../../src/decision/space.ts';
import { findWitness } from '../../src/decision/witness.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { hostilePolicies } from './hostile-policies.ts';
import { hostilePrograms } from './hostile-programs.ts';

/** @returns what came out, in a few words */
export type HostileCase = () => string;

export interface Outcome {
  /** `decided`, or the reason of the refusal. */
  readonly answer: string;
  /** Processor time, which others' work on the machine does not lengthen. */
  readonly milliseconds: number;
}

const cases: Record<string, HostileCase> = {};

for (const [name, make] of Object.entries(hostilePrograms)) {
  cases[`decide a program: ${name}`] = () => {
    const space = createSpace();
    decideProgram(space, make(), 'little');
    return `${space.count} nodes`;
  };
  cases[`compare with itself and allow: ${name}`] = () => {
    const { space, node } = decided(make());
    return use(space, node);
  };
}
for (const [name, make] of Object.entries(hostilePolicies)) {
  cases[`decide a policy: ${name}`] = () => {
    const space = createSpace();
    const { policy, expanded } = make();
    decidePolicy(space, policy, expanded);
    return `${space.count} nodes`;
  };
  cases[`use a policy: ${name}`] = () => {
    const space = createSpace();
    const { policy, expanded } = make();
    return use(space, decidePolicy(space, policy, expanded));
  };
}

function decided(program: ReturnType<(typeof hostilePrograms)[string]>): { space: Space; node: Node } {
  const space = createSpace();
  return { space, node: decideProgram(space, program, 'little') };
}

const allowAll = [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000 }];

/** What the commands do with a diagram. */
function use(space: Space, node: Node): string {
  const allow = decideProgram(space, allowAll, 'little');
  const looser = whereRelated(space, node, allow, ['looser']);
  const witness = findWitness(space, looser, ['x86_64']);
  strictestOf(space, [node, allow]);
  const conflicts = findConflicts(space, node).length;
  const differences = findDifferences(space, node, allow).length;
  let parts = 0;
  for (const { numbers } of cutByCall(space, [node, allow])) {
    for (const { nodes } of numbers) {
      const [first] = nodes;
      if (first === undefined || isLeaf(space, first)) continue;
      parts++;
      describeArguments(space, first);
    }
  }
  return `${space.count} nodes, ${witness === undefined ? 'no' : 'a'} witness, ${conflicts} conflicts, ${differences} differences, ${parts} described`;
}

export const hostileCases: Readonly<Record<string, HostileCase>> = cases;

/** Runs a case; a refusal is an answer, any other error is thrown. */
export function runHostile(name: string): Outcome {
  const started = process.cpuUsage();
  const run = hostileCases[name];
  if (run === undefined) throw new RangeError(`no case '${name}'`);
  let answer: string;
  try {
    answer = run();
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_UNDECIDED') throw error;
    answer = error.message;
  }
  const { user, system } = process.cpuUsage(started);
  return { answer, milliseconds: (user + system) / 1000 };
}
