/**
 * What a filter says to each call of a trace.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { directSyscallNumber, syscallName } from '../../abi/syscall-numbers.ts';
import { isCarriedOut, possibleOutcomes } from '../../decision/outcomes.ts';
import type { Outcome } from '../../decision/space.ts';
import { addCounts } from '../../observe/call-counts.ts';
import type { TraceEntry } from '../../observe/trace-file.ts';
import type { Meaning } from './start-check.ts';
import { valuesOf } from './trace-values.ts';

/** What becomes of a call: `depends` where the trace does not show the arguments that decide. */
export type TraceAnswer = 'allowed' | 'denied' | 'depends' | 'unknown';

/** Calls of one name that meet the same answer. */
export interface AnsweredCalls {
  readonly answer: TraceAnswer;
  readonly name: string;
  readonly arch: ArchName;
  /** None for `unknown`, which is no call of the architecture. */
  readonly outcomes: readonly Outcome[];
  readonly count: number;
  readonly first: TraceEntry;
}

/** Decides every call, exactly where the trace shows the arguments that matter. */
export function decideTrace(
  calls: readonly TraceEntry[],
  meaning: Meaning,
  native: ArchName,
): readonly AnsweredCalls[] {
  const groups = new Map<string, AnsweredCalls>();
  for (const call of calls) {
    const arch = archOfTraced(call, native);
    const nr = numberOf(call.name, arch);
    const name = (nr === undefined ? undefined : syscallName(nr, arch)) ?? call.name;
    const outcomes =
      nr === undefined
        ? []
        : possibleOutcomes(meaning.space, meaning.root, {
            arch: architectures[arch].auditArch,
            nr,
            args: valuesOf(call, arch),
          });
    const answer = answerOf(outcomes);
    const key = [answer, arch, name, ...outcomes.map((outcome) => JSON.stringify(outcome)).sort()].join(' ');
    const known = groups.get(key);
    groups.set(
      key,
      known === undefined
        ? { answer, name, arch, outcomes, count: call.count, first: call }
        : { ...known, count: addCounts(known.count, call.count) },
    );
  }
  return [...groups.values()];
}

/** Whose call it is. 32-bit calls of a 64-bit process: i386's on x86_64, arm's on arm64; elsewhere they are not told apart. */
export function archOfTraced({ mode, arch }: TraceEntry, native: ArchName): ArchName {
  if (arch !== undefined) return arch;
  const compat: Partial<Record<ArchName, ArchName>> = { x86_64: 'x86', aarch64: 'arm', s390x: 's390' };
  if (mode === 'x32') return 'x32';
  return mode === '32 bit' ? (compat[native] ?? native) : native;
}

function numberOf(name: string, arch: ArchName): number | undefined {
  return /^\d+$/.test(name) ? Number(name) : directSyscallNumber(name, arch);
}

function answerOf(outcomes: readonly Outcome[]): TraceAnswer {
  if (outcomes.length === 0) return 'unknown';
  if (outcomes.every(isCarriedOut)) return 'allowed';
  return outcomes.some(isCarriedOut) ? 'depends' : 'denied';
}
