/**
 * One question to a filter: what it does with a call. Some arguments of the call may be unknown.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import type { KernelVersion } from '../abi/kernel-version.ts';
import type { Program } from '../bpf/program.ts';
import { wordOnKernel } from '../policy/kernel-limits.ts';
import { decideFirst } from './argument-order.ts';
import { decideProgram } from './decide-program.ts';
import { type Description, describeArguments } from './describe.ts';
import { argumentOf, type Field, WORD_BITS } from './diagram-variables.ts';
import { type KnownCall, restrictCall } from './partial-call.ts';
import { findOrderOf } from './program-values.ts';
import { mapWords, strictestOf } from './relate.ts';
import { highOf, isLeaf, levelAt, lowOf, type Node, type Outcome, outcomeAt, type Space } from './space.ts';

/** A program and the byte order of its target. */
export interface DecidableProgram {
  /** The instructions. */
  readonly program: Program;
  /** The byte order of its target. */
  readonly endian: Endian;
  /** The kernel that it runs on; absent: one that knows every action. */
  readonly kernel?: KernelVersion;
}

/**
 * Decides what a task with several programs does: all run, and the lowest action word wins (`strictestOf`). In an empty space it
 * chooses the order of arguments.
 */
export function decidePrograms(
  space: Space,
  programs: readonly DecidableProgram[],
  values?: ReadonlyMap<Field, number>,
): Node {
  return decideFirst(space, findOrderOf(programs), () =>
    strictestOf(
      space,
      programs.map(({ program, endian, kernel }) =>
        onKernel(space, decideProgram(space, program, endian, values), kernel),
      ),
    ),
  );
}

/** What a filter means on a kernel that may lack some of its actions. */
export function onKernel(space: Space, root: Node, kernel: KernelVersion | undefined): Node {
  return kernel === undefined ? root : mapWords(space, root, (word) => wordOnKernel(word, kernel));
}

/** What can become of a call. */
export interface Answer {
  /** Every outcome the call can have; one if the known arguments decide it. */
  readonly outcomes: readonly Outcome[];
  /** Which outcome when, by the arguments that are not known. */
  readonly description: Description;
  /** Arguments that the answer still depends on, ascending. */
  readonly dependsOn: readonly number[];
  /** Whether it depends on the address the call is made from. */
  readonly dependsOnInstructionPointer: boolean;
}

/** Asks a diagram about a call. */
export function answerCall(space: Space, root: Node, call: KnownCall): Answer {
  const node = restrictCall(space, root, call);
  const seen = new Set<Node>();
  const outcomes: Outcome[] = [];
  const fields = new Set<number>();
  const walk = (each: Node): void => {
    if (seen.has(each)) return;
    seen.add(each);
    if (isLeaf(space, each)) {
      outcomes.push(outcomeAt(space, each));
      return;
    }
    fields.add(Math.floor(levelAt(space, each) / WORD_BITS));
    walk(lowOf(space, each));
    walk(highOf(space, each));
  };
  walk(node);
  const indexes = [...fields].map((field) => argumentOf(space, field));
  const dependsOn = [...new Set(indexes.filter((index) => index !== undefined))].sort((a, b) => a - b);
  return {
    outcomes,
    description: describeArguments(space, node),
    dependsOn,
    dependsOnInstructionPointer: indexes.includes(undefined),
  };
}
