/**
 * What a filter blocks: every call of an architecture, and what is dangerous among those that get through.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { argumentField } from '../../abi/arguments.ts';
import { isDenied, isMade } from '../../abi/carried-out.ts';
import { directSyscallNumbers, syscallName } from '../../abi/syscall-numbers.ts';
import { answerCall } from '../../decision/answer-call.ts';
import { type Description, describeArguments } from '../../decision/describe.ts';
import { FIELD_ARCH, FIELD_NR } from '../../decision/diagram-variables.ts';
import { leavesBelow } from '../../decision/outcomes.ts';
import type { Node, Outcome, Space } from '../../decision/space.ts';
import { restrict } from '../../decision/witness.ts';
import { type DangerousCall, dangerousCalls } from '../../lint/catalog/danger.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { decideFilter, type Filtered, filterOf, readSubject } from '../operands/filter-operand.ts';
import { parseArch } from '../operands/host-options.ts';
import { defaultArch, hostFor } from './explain-question.ts';
import { architecturesOf } from './explanation.ts';
import { subsystemOf } from './subsystems.ts';

/** `asked`: a supervisor decides, or the filter computes what cannot be followed. */
export type CallState = 'allowed' | 'by-arguments' | 'denied' | 'asked';

export interface SummarizedCall {
  readonly syscall: string;
  readonly nr: number;
  readonly subsystem: string;
  readonly state: CallState;
  readonly outcomes: readonly Outcome[];
  /** Of calls that depend on arguments: which outcome when. */
  readonly description: Description | undefined;
}

/** What another architecture does otherwise. */
export interface OtherArchitecture {
  readonly arch: ArchName;
  readonly counts: Readonly<Record<CallState, number>>;
  /** Calls that both have, and that get through there and not here. */
  readonly looser: readonly string[];
  /** The other way round. */
  readonly stricter: readonly string[];
}

export interface BlockedSummary {
  readonly filtered: Filtered;
  readonly arch: ArchName;
  readonly calls: readonly SummarizedCall[];
  readonly dangerous: readonly { readonly calls: readonly string[]; readonly danger: DangerousCall }[];
  readonly others: readonly OtherArchitecture[];
  /** What calls of architectures that the filter does not know get. */
  readonly foreign: readonly Outcome[];
  /** What a number gets that no call of the architecture has. */
  readonly unknownNumber: readonly Outcome[];
}

/** @throws OciSeccompError for what cannot be read, and `ERR_UNDECIDED` if the filter is too complex */
export async function summarizeFilter(
  subject: string,
  { arch: wanted, hostArch, ...rest }: MeaningOptions & { readonly hostArch?: string },
): Promise<BlockedSummary> {
  const asked = wanted === undefined ? undefined : parseArch(wanted);
  const reading = { ...rest, arch: hostArch ?? hostFor(asked) };
  const filtered = await filterOf(await readSubject(subject, reading), reading);
  const { space, root } = decideFilter(filtered);
  const arch = asked ?? defaultArch(space, root, filtered);
  const calls = callsOf(space, root, arch);
  const others = architecturesOf(space, root)
    .filter((each) => each !== arch)
    .map((each) => compare(each, calls, callsOf(space, root, each)));
  return {
    filtered,
    arch,
    calls,
    dangerous: dangerousOf(space, root, arch, calls),
    others,
    foreign: leavesBelow(space, restrict(space, root, FIELD_ARCH, NO_ARCH)),
    unknownNumber: leavesBelow(space, nodeOf(space, root, arch, NO_CALL)),
  };
}

/** No architecture has this word, and none of today's has a call of this number. */
const NO_ARCH = 0xffff_ffff;
const NO_CALL = 0x3fff_fff0;

function nodeOf(space: Space, root: Node, arch: ArchName, nr: number): Node {
  return restrict(
    space,
    restrict(space, root, FIELD_ARCH, architectures[arch].auditArch),
    FIELD_NR,
    nr >>> 0,
  );
}

function callsOf(space: Space, root: Node, arch: ArchName): readonly SummarizedCall[] {
  const own = restrict(space, root, FIELD_ARCH, architectures[arch].auditArch);
  return directSyscallNumbers(arch).flatMap((nr) => {
    const syscall = syscallName(nr, arch);
    if (syscall === undefined) return [];
    const node = restrict(space, own, FIELD_NR, nr >>> 0);
    const outcomes = leavesBelow(space, node);
    const state = stateOf(outcomes);
    const description = outcomes.length > 1 ? describeArguments(space, node) : undefined;
    return [{ syscall, nr, subsystem: subsystemOf(syscall), state, outcomes, description }];
  });
}

function stateOf(outcomes: readonly Outcome[]): CallState {
  const words = outcomes.flatMap((outcome) => (outcome.kind === 'word' ? [outcome.word] : []));
  if (words.length < outcomes.length) return 'asked';
  if (words.every(isMade)) return 'allowed';
  if (words.every(isDenied)) return 'denied';
  return words.some(isDenied) && words.some((word) => !isDenied(word)) ? 'by-arguments' : 'asked';
}

function compare(
  arch: ArchName,
  here: readonly SummarizedCall[],
  there: readonly SummarizedCall[],
): OtherArchitecture {
  const counts = { allowed: 0, 'by-arguments': 0, denied: 0, asked: 0 };
  const states = new Map(here.map(({ syscall, state }) => [syscall, state]));
  const differing = (own: CallState, other: CallState): readonly string[] =>
    there
      .filter(({ syscall, state }) => state === other && states.get(syscall) === own)
      .map(({ syscall }) => syscall);
  for (const { state } of there) counts[state] += 1;
  return {
    arch,
    counts,
    looser: [...differing('denied', 'allowed'), ...differing('by-arguments', 'allowed')],
    stricter: [...differing('allowed', 'denied'), ...differing('by-arguments', 'denied')],
  };
}

function dangerousOf(
  space: Space,
  root: Node,
  arch: ArchName,
  calls: readonly SummarizedCall[],
): BlockedSummary['dangerous'] {
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
  const named = argumentField(syscall, value.index, arch)?.names.get(value.name);
  if (named === undefined) return false;
  const args = Array.from({ length: value.index + 1 }, (_, i) => (i === value.index ? named : undefined));
  const { outcomes } = answerCall(space, root, { arch, nr, args });
  return outcomes.some((outcome) => outcome.kind !== 'word' || !isDenied(outcome.word));
}
