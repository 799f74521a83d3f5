/**
 * `run --dry-run`: what a filter would say to the calls of a trace.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { OciSeccompError } from '../../errors.ts';
import { readTrace } from '../../observe/trace-file.ts';
import { displayName, noHint, readInput } from '../../pipeline/read-input.ts';
import type { FilterOptions } from '../define/shared-options.ts';
import { type Ending, answer as yesOrNo } from '../exit-code.ts';
import { type PaintedOutputOptions, writeReport } from '../output.ts';
import { dryRunJson, renderDryRun } from '../render/render-dry-run.ts';
import { decideTrace } from './decide-trace.ts';
import { makeFilter } from './run-filter.ts';
import { meaningOf } from './start-check.ts';

/** Bytes; a minute of strace of a busy program has about ten million. */
const MAX_TRACE_SIZE = 1 << 28;

/** @returns yes if no call would be denied and all are known */
export async function runDryRun(
  file: string,
  options: FilterOptions & PaintedOutputOptions,
): Promise<Ending> {
  const name = displayName(file);
  const bytes = readInput(file, MAX_TRACE_SIZE + 1, noHint);
  if (bytes.length > MAX_TRACE_SIZE)
    throw new OciSeccompError('ERR_CALLS', `${name} is longer than ${MAX_TRACE_SIZE} bytes`);
  const trace = readTrace(Buffer.from(bytes).toString('utf8'));
  if (trace.calls.length === 0) {
    throw new OciSeccompError('ERR_USAGE', `${name} shows no system calls`, {
      hint: 'write it with strace -f -o FILE COMMAND, or as a list, one name or name(arguments) a line',
    });
  }
  const filter = await makeFilter(options);
  const groups = decideTrace(
    trace.calls,
    meaningOf(filter.program, architectures[filter.arch].endian),
    filter.arch,
  );
  const found = { file: name, filter, groups, unread: trace.unread };
  await writeReport(options.format === 'json' ? dryRunJson(found) : renderDryRun(found), options);
  return yesOrNo(!groups.some(({ answer }) => answer === 'denied' || answer === 'unknown'));
}
