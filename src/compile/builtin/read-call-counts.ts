/**
 * How often calls come, as people measure it: the table that `strace -c` prints, or a name and a count a line.
 * @module
 */
import { isSyscallName } from '../../abi/syscall-numbers.ts';
import { OciSeccompError } from '../../errors.ts';

/** Calls by name; numbers of any scale. */
export type CallCounts = ReadonlyMap<string, number>;

/** Lines of `strace -c` that hold no call. */
const NO_CALL = /^(?:% time|-+ -+|System call usage summary\b|\s*#|\s*$)/;
/** % time, seconds, usecs/call, calls, errors (may be empty), syscall */
const STRACE = /^\s*[\d.]+\s+[\d.]+\s+(?:\d+\s+)?(\d+)\s+(?:\d+\s+)?(\S+)\s*$/;
const PLAIN = /^\s*([a-z_][a-z0-9_]*)(?:\s*,\s*|\s+)(\d+(?:\.\d+)?)\s*$/i;

/**
 * Reads counts. Calls that stand there more than once, as in the tables of several runs one after the other, are added up.
 * Names of no call are passed over: strace prints some.
 *
 * @param name - the file's, for messages
 * @throws OciSeccompError `ERR_USAGE` for a line that is neither, for a text without calls, and for counts that are too
 *   large to be added up
 */
export function readCallCounts(text: string, name: string): CallCounts {
  const counts = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (NO_CALL.test(line)) continue;
    const strace = STRACE.exec(line);
    const plain = PLAIN.exec(line);
    const [call, count] = strace === null ? [plain?.[1], plain?.[2]] : [strace[2], strace[1]];
    if (call === undefined || count === undefined) {
      throw new OciSeccompError(
        'ERR_USAGE',
        `${name}:${index + 1}: cannot read this line as the count of a system call`,
        {
          hint: HINT,
          details: { line: index + 1 },
        },
      );
    }
    if (isSyscallName(call)) counts.set(call, (counts.get(call) ?? 0) + Number(count));
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) throw new OciSeccompError('ERR_USAGE', `${name}: no call is counted here`, { hint: HINT });
  if (total === Number.POSITIVE_INFINITY)
    throw new OciSeccompError('ERR_USAGE', `${name}: the counts are too large to be added up`);
  return counts;
}

const HINT = "give the table that 'strace -f -c -o FILE COMMAND' writes, or lines with a name and a count";
