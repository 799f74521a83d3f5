/**
 * Calls as a recorder counts them: quickly, while the recorded program waits.
 * @module
 */
import { allArchitectures } from '../abi/architectures.ts';
import { syscallName } from '../abi/syscall-numbers.ts';

/** How often one call was made, and which values it had. */
export interface CountedCall {
  /** AUDIT_ARCH_*. */
  readonly auditArch: number;
  readonly nr: number;
  count: number;
  /** Milliseconds since 1970. */
  first: number;
  last: number;
  /** By the values of the arguments that are asked for, joined by commas; `undefined`: none are. */
  readonly values: Map<string, CountedValues> | undefined;
  /** Calls whose values were not kept, because there were too many different ones. */
  unkept: number;
}

interface CountedValues {
  readonly values: readonly bigint[];
  count: number;
}

interface WantedArgument {
  /** 0..5 */
  readonly index: number;
  /** The bits that the kernel reads; others are dropped. */
  readonly mask: bigint;
}

/** Which arguments of a call are recorded, by ascending index; `undefined`: none. */
export type WantedArguments = (auditArch: number, nr: number) => readonly WantedArgument[] | undefined;

export interface CallCounter {
  /**
   * @param argument - reads an argument of the call
   * @param thread - that makes the call, where it is known
   */
  readonly add: (auditArch: number, nr: number, argument: (index: number) => bigint, thread?: number) => void;
  /** @param argument - the bits of `mask` of an argument; `undefined`: they are not known */
  readonly addMany: (
    auditArch: number,
    nr: number,
    times: number,
    argument: (index: number, mask: bigint) => bigint | undefined,
  ) => void;
  readonly calls: () => readonly CountedCall[];
  /** How many calls there were; as {@link addCounts} adds. */
  readonly total: () => number;
}

/**
 * How many different numbers of an architecture are kept: more than any has calls. Beyond that, only numbers with a name
 * are kept. A program that tries numbers can try four thousand million.
 */
const MAX_NUMBERS = 1024;
/** All other numbers are counted as this one. No call has it (Linux 6.18 kernel/seccomp.c: it skips a call). */
const NO_CALL = -1;

/** Adds counts. A sum that a number does not hold exactly stays at 2^53 - 1, so that a recording can always be read again. */
export function addCounts(left: number, right: number): number {
  return Math.min(left + right, Number.MAX_SAFE_INTEGER);
}

type Counter = CountedCall & { readonly wanted: readonly WantedArgument[] | undefined };

/**
 * @param wanted - asked once a call
 * @param limit - how many different values are kept of one call
 * @param now - milliseconds since 1970; asked again after every 256 calls
 */
export function countCalls(wanted: WantedArguments, limit: number, now: () => number): CallCounter {
  const byArch = new Map<number, Map<number, Counter>>();
  const callsOf = (auditArch: number): Map<number, Counter> => {
    const found = byArch.get(auditArch) ?? new Map<number, Counter>();
    byArch.set(auditArch, found);
    return found;
  };
  let total = 0;
  let time = now();
  const addCounter = (calls: Map<number, Counter>, auditArch: number, nr: number): Counter => {
    time = now();
    const asked = wanted(auditArch, nr);
    const values = asked === undefined ? undefined : new Map<string, CountedValues>();
    const call = { auditArch, nr, count: 0, first: time, last: time, values, unkept: 0, wanted: asked };
    calls.set(nr, call);
    return call;
  };
  const counterOf = (auditArch: number, nr: number, times: number): Counter => {
    // Some hundred calls share a time: asking for it costs more than counting.
    if ((total & 0xff) + times > 0xff) time = now();
    total = addCounts(total, times);
    const byNumber = byArch.get(auditArch) ?? callsOf(auditArch);
    const found = byNumber.get(nr);
    const isOther = found === undefined && byNumber.size >= MAX_NUMBERS && !hasName(auditArch, nr);
    const call = isOther ? byNumber.get(NO_CALL) : found;
    const counted = call ?? addCounter(byNumber, auditArch, isOther ? NO_CALL : nr);
    counted.count = addCounts(counted.count, times);
    counted.last = time;
    return counted;
  };
  return {
    add: (auditArch, nr, argument) => {
      const call = counterOf(auditArch, nr, 1);
      if (call.wanted === undefined) return;
      const values = call.wanted.map(({ index, mask }) => argument(index) & mask);
      addValues(call, values, 1, limit);
    },
    addMany: (auditArch, nr, times, argument) => {
      const call = counterOf(auditArch, nr, times);
      if (call.wanted === undefined) return;
      const values = call.wanted.map(({ index, mask }) => argument(index, mask));
      if (values.every((value) => value !== undefined)) addValues(call, values, times, limit);
      else call.unkept = addCounts(call.unkept, times);
    },
    calls: () => [...byArch.values()].flatMap((calls) => [...calls.values()]),
    total: () => total,
  };
}

function hasName(auditArch: number, nr: number): boolean {
  return allArchitectures.some(
    (row) => row.auditArch === auditArch && syscallName(nr, row.name) !== undefined,
  );
}

function addValues(call: CountedCall, values: readonly bigint[], times: number, limit: number): void {
  const { values: kept } = call;
  if (kept === undefined) return;
  const key = values.join();
  const found = kept.get(key);
  if (found !== undefined) found.count = addCounts(found.count, times);
  else if (kept.size < limit) kept.set(key, { values, count: times });
  else call.unkept = addCounts(call.unkept, times);
}
