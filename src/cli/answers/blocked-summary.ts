/**
 * What a filter blocks: every call of an architecture, and what is dangerous among those that get through.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { FIELD_ARCH, NO_ARCH } from '../../decision/diagram-variables.ts';
import { leavesBelow } from '../../decision/outcomes.ts';
import type { Outcome } from '../../decision/space.ts';
import { nodeOfCall, restrict } from '../../decision/witness.ts';
import {
  callsOf,
  type DangerReason,
  dangerousOf,
  type SummarizedCall,
  type SummarizedState,
} from '../../report/call-states.ts';
import { architecturesOf, isUndecided } from '../../report/explain-call.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { decideWhole, type Filtered, filterOf, readSubject } from '../operands/filter-operand.ts';
import { parseArch, requireUses } from '../operands/host-options.ts';
import { defaultArch, hostArchFor } from './explain-question.ts';

/** What another architecture does otherwise. */
export interface OtherArchitecture {
  readonly arch: ArchName;
  readonly counts: Readonly<Record<SummarizedState, number>>;
  /** How many calls are not decided. They are among those that are asked. */
  readonly open: number;
  /** Calls that both have, and that get through there and not here. */
  readonly looser: readonly string[];
  /** The other way round. */
  readonly stricter: readonly string[];
}

export interface BlockedSummary {
  readonly filtered: Filtered;
  readonly arch: ArchName;
  readonly calls: readonly SummarizedCall[];
  readonly dangerous: readonly DangerReason[];
  readonly others: readonly OtherArchitecture[];
  /** What calls of architectures that the filter does not know get. */
  readonly foreign: readonly Outcome[];
  /** What a number gets that no call of the architecture has. */
  readonly unknownNumber: readonly Outcome[];
}

/** @throws OciSeccompError for what cannot be read */
export async function summarizeFilter(
  subject: string,
  { arch: wanted, hostArch, ...rest }: MeaningOptions & { readonly hostArch?: string },
): Promise<BlockedSummary> {
  const asked = wanted === undefined ? undefined : parseArch(wanted);
  const reading = { ...rest, arch: hostArch ?? hostArchFor(asked) };
  const source = await readSubject(subject, reading);
  await requireUses({ ...rest, hostArch }, [source]);
  const filtered = await filterOf(source, reading);
  const whole = decideWhole(filtered);
  const arch = asked ?? defaultArch(whole, filtered);
  const { space, root } = whole ?? (await import('./decide-alone.ts')).decideCallByCall(filtered, NO_CALL);
  const calls = callsOf(space, root, arch, true);
  const others = architecturesOf(space, root)
    .filter((each) => each !== arch)
    .map((each) => compare(each, calls, callsOf(space, root, each, false)));
  return {
    filtered,
    arch,
    calls,
    dangerous: dangerousOf(space, root, arch, calls),
    others,
    foreign: leavesBelow(space, restrict(space, root, FIELD_ARCH, NO_ARCH)),
    unknownNumber: leavesBelow(space, nodeOfCall(space, root, arch, NO_CALL)),
  };
}

/** None of today's architectures has a call of this number. */
const NO_CALL = 0x3fff_fff0;

function compare(
  arch: ArchName,
  here: readonly SummarizedCall[],
  there: readonly SummarizedCall[],
): OtherArchitecture {
  const counts = { allowed: 0, 'by-arguments': 0, denied: 0, asked: 0 };
  const states = new Map(here.map(({ syscall, state }) => [syscall, state]));
  const differing = (own: SummarizedState, other: SummarizedState): readonly string[] =>
    there
      .filter(({ syscall, state }) => state === other && states.get(syscall) === own)
      .map(({ syscall }) => syscall);
  for (const { state } of there) counts[state] += 1;
  return {
    arch,
    counts,
    open: there.filter(isUndecided).length,
    looser: [...differing('denied', 'allowed'), ...differing('by-arguments', 'allowed')],
    stricter: [...differing('allowed', 'denied'), ...differing('by-arguments', 'denied')],
  };
}
