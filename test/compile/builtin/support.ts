/**
 * What the builtin compiler makes of policies, and whether it means what they mean.
 * @module
 */
import { architectures } from '../../../src/abi/architectures.ts';
import { encodeProgram, type Program } from '../../../src/bpf/program.ts';
import { findProgramProblems } from '../../../src/bpf/program-problems.ts';
import { NO_WEIGHTS } from '../../../src/compile/builtin/call-weights.ts';
import { type Made, type Manner, makeProgram } from '../../../src/compile/builtin/diagram-code.ts';
import { type FindRules, findRulesInTurn } from '../../../src/compile/builtin/rules-in-turn.ts';
import type { SynthesisOptions } from '../../../src/compile/builtin/synthesize.ts';
import { synthesizeProgram } from '../../../src/compile/builtin/synthesize.ts';
import { proveDecision } from '../../../src/compile/prove.ts';
import { decidePolicy } from '../../../src/decision/decide-policy.ts';
import { decideProgram } from '../../../src/decision/decide-program.ts';
import { formatCall, formatOutcome } from '../../../src/decision/format-call.ts';
import { mapLeaves, winningWord } from '../../../src/decision/relate.ts';
import {
  createSpace,
  type Node,
  outcomeAt,
  type Space,
  STEPS_A_QUESTION,
  wordLeaf,
} from '../../../src/decision/space.ts';
import { evaluate } from '../../../src/decision/witness.ts';
import { nextQuestion } from '../../../src/decision/work.ts';
import type { ArchPolicy } from '../../../src/policy/expand-policy.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import type { Random } from '../../decision/random.ts';
import { interestingWords, sampleCalls } from '../../decision/samples.ts';
import { evaluatePolicy } from '../../decision/small-policies.ts';
import { simulator } from '../../oracle/support/simulate.ts';
import { shapeFaults } from './program-shape.ts';
import { namedCalls, readRules } from './rules-in-words.ts';

export interface Synthesized {
  readonly space: Space;
  readonly meant: Node;
  readonly program: Program;
  readonly endian: 'little' | 'big';
}

export interface Expanded {
  readonly policy: Policy;
  readonly expanded: readonly ArchPolicy[];
}

/** A program with constants packed, which only one that is too long for a kernel gets. */
export function packPolicy(work: Expanded): Synthesized {
  return makeLastResort(work, ({ pack }) => pack());
}

/** A program with constants of rules in tables, which only one that is too long for a kernel gets. */
export function tablePolicy(work: Expanded): Synthesized {
  const { policy, expanded } = work;
  const findRules: FindRules = (of, root) => findRulesInTurn(of, root, policy, expanded);
  return makeLastResort(work, ({ program }) => program, { findRules, asTables: true });
}

function makeLastResort(
  { policy, expanded }: Expanded,
  programOf: (made: Made) => Program,
  how: Partial<Manner> = {},
): Synthesized {
  const space = createSpace();
  const { endian } = architectures[policy.architectures[0]];
  const meant = decidePolicy(space, policy, expanded);
  const settled = mapLeaves(space, meant, (leaf) => {
    const outcome = outcomeAt(space, leaf);
    return outcome.kind === 'conflict' ? wordLeaf(space, outcome.words.reduce(winningWord)) : leaf;
  });
  const made = makeProgram(space, settled, {
    ...{ endian, weights: NO_WEIGHTS, windows: undefined, longestChain: 8, tryOrders: false, fold: true },
    ...{ findRules: undefined, asTables: false, ...how },
  });
  return { space, meant, program: programOf(made), endian };
}

export function buildProgram({ policy, expanded }: Expanded, options?: SynthesisOptions): Synthesized {
  const space = createSpace();
  const { endian } = architectures[policy.architectures[0]];
  const meant = decidePolicy(space, policy, expanded);
  const findRules: FindRules = (of, root) => findRulesInTurn(of, root, policy, expanded);
  return {
    space,
    meant,
    program: synthesizeProgram(space, meant, endian, { findRules, ...options }),
    endian,
  };
}

/** What is wrong with a program: `undefined` if the kernel takes it and it means what the policy says, proven. */
export function faultOf({ policy, expanded }: Expanded, made: Synthesized): string | undefined {
  const { space, meant, program, endian } = made;
  const [problem] = findProgramProblems(program);
  if (problem !== undefined) return `${problem.message}`;
  const [fault] = shapeFaults(program);
  if (fault !== undefined) return `instruction ${fault}`;
  // The proof has steps of its own, as in prove.ts.
  nextQuestion(space.work, STEPS_A_QUESTION);
  const done = decideProgram(space, program, endian);
  const { counterexample } = proveDecision(space, { policy, expanded, meant, done });
  if (counterexample === undefined) return undefined;
  const { call } = counterexample;
  return `${formatCall(call)}: says ${formatOutcome(counterexample.meant)}, does ${formatOutcome(counterexample.done)}`;
}

/**
 * Calls for which the interpreter, given the bytes, finds something else than a second reading of the rules: neither
 * diagrams nor the expansion of rules to architectures take part.
 */
export function wrongByTheWords(
  { policy }: Expanded,
  { program, endian }: Synthesized,
  random: Random,
  count: number,
): readonly string[] {
  const expanded = readRules(policy);
  const run = simulator(encodeProgram(program, endian), endian);
  const archs = [...policy.architectures.map((arch) => architectures[arch].auditArch), 0];
  const half = Math.ceil(count / 2);
  const calls = [
    ...sampleCalls(random, interestingWords(program), half, endian, archs),
    ...namedCalls(random, expanded, half),
  ];
  return calls.flatMap(({ record, data }) => {
    const done = run(record);
    const said = evaluatePolicy({ policy, expanded }, data).split(' or ').map(Number);
    // Where rules conflict, a rule of the strictest action: the kernel orders them as signed words.
    const strictest = Math.min(...said.map(actionOf));
    if (said.includes(done) && actionOf(done) === strictest) return [];
    return [`${formatCall(data)}: says ${said.join(' or ')}, does ${done}`];
  });
}

function actionOf(word: number): number {
  return word & 0xffff_0000;
}

/** Calls at the program's borders for which an interpreter, which knows no diagrams, finds something else. */
export function wrongSamples(
  { space, meant, program, endian }: Synthesized,
  random: Random,
  count: number,
): readonly string[] {
  const run = simulator(encodeProgram(program, endian), endian);
  const archs = [...new Set(program.flatMap(({ code, k }) => (code === 0x15 && k > 0x4000_0000 ? [k] : [])))];
  return sampleCalls(random, interestingWords(program), count, endian, archs).flatMap(({ record, data }) => {
    const word = run(record);
    const outcome = evaluate(space, meant, data);
    const isMeant =
      outcome.kind === 'word'
        ? outcome.word === word
        : outcome.kind === 'conflict' && outcome.words.includes(word);
    return isMeant
      ? []
      : [`${formatCall(data)}: says ${formatOutcome(outcome)}, does 0x${word.toString(16)}`];
  });
}
