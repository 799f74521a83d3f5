/**
 * What a filter makes of every call of an architecture, and what is dangerous among those that get through.
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { namedValue } from '../abi/argument-fields.ts';
import { isDenied, isMade } from '../abi/carried-out.ts';
import { directSyscallNumbers, syscallName } from '../abi/syscall-numbers.ts';
import { type Description, describeArguments } from '../decision/describe.ts';
import { FIELD_ARCH, FIELD_NR } from '../decision/diagram-variables.ts';
import { leavesBelow } from '../decision/outcomes.ts';
import { restrictCall } from '../decision/partial-call.ts';
import type { Node, Outcome, Space } from '../decision/space.ts';
import { restrict } from '../decision/witness.ts';
import { type DangerousCall, dangerousCalls } from '../lint/catalog/danger.ts';
import { subsystemOf } from './subsystems.ts';

/** `asked`: a supervisor decides, or the filter computes what cannot be followed. */
export type SummarizedState = 'allowed' | 'by-arguments' | 'denied' | 'asked';

export interface SummarizedCall {
  readonly syscall: string;
  readonly nr: number;
  readonly subsystem: string;
  readonly state: SummarizedState;
  readonly outcomes: readonly Outcome[];
  /** For calls that depend on arguments: which outcome a call has when, if that was asked for. */
  readonly description: Description | undefined;
}

/** A reason why open calls are dangerous. */
export interface DangerReason {
  readonly calls: readonly string[];
  readonly danger: DangerousCall;
}

/** What becomes of each call of an architecture. @param describe - also say which outcome a call has when, which is most of the work */
export function callsOf(
  space: Space,
  root: Node,
  arch: ArchName,
  describe: boolean,
): readonly SummarizedCall[] {
  const own = restrict(space, root, FIELD_ARCH, architectures[arch].auditArch);
  // Many calls share a diagram.
  const below = new Map<Node, readonly Outcome[]>();
  return directSyscallNumbers(arch).flatMap((nr) => {
    const syscall = syscallName(nr, arch);
    if (syscall === undefined) return [];
    const node = restrict(space, own, FIELD_NR, nr >>> 0);
    const outcomes = below.get(node) ?? leavesBelow(space, node);
    below.set(node, outcomes);
    const state = stateOf(outcomes);
    const description = describe && outcomes.length > 1 ? describeArguments(space, node) : undefined;
    return [{ syscall, nr, subsystem: subsystemOf(syscall), state, outcomes, description }];
  });
}

function stateOf(outcomes: readonly Outcome[]): SummarizedState {
  const words = outcomes.flatMap((outcome) => (outcome.kind === 'word' ? [outcome.word] : []));
  if (words.length < outcomes.length) return 'asked';
  if (words.every(isMade)) return 'allowed';
  if (words.every(isDenied)) return 'denied';
  return words.some(isDenied) && words.some((word) => !isDenied(word)) ? 'by-arguments' : 'asked';
}

/** What is dangerous among the calls that get through. */
export function dangerousOf(
  space: Space,
  root: Node,
  arch: ArchName,
  calls: readonly SummarizedCall[],
): readonly DangerReason[] {
  const byName = new Map(calls.map((call) => [call.syscall, call]));
  return dangerousCalls.flatMap((danger) => {
    const open = danger.calls.split(/\s+/).filter((name) => {
      const call = byName.get(name);
      return call !== undefined && call.state !== 'denied' && mayHappen(space, root, arch, call, danger);
    });
    return open.length === 0 ? [] : [{ calls: open, danger }];
  });
}

/** Whether a call gets through with the value that makes it dangerous. */
function mayHappen(
  space: Space,
  root: Node,
  arch: ArchName,
  { syscall, nr, state }: SummarizedCall,
  { value, whenFiltered }: DangerousCall,
): boolean {
  if (value === undefined) return true;
  if (whenFiltered === true && state === 'allowed') return false;
  const named = namedValue(value.name, { syscall, index: value.index, arch })?.value;
  if (named === undefined) return false;
  const args = Array.from({ length: value.index + 1 }, (_, i) => (i === value.index ? named : undefined));
  const outcomes = leavesBelow(space, restrictCall(space, root, { arch, nr, args }));
  return outcomes.some((outcome) => outcome.kind !== 'word' || !isDenied(outcome.word));
}
