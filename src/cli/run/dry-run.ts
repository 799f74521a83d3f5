/**
 * `run --dry-run`: what a filter would say to the calls of a trace.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { OciSeccompError } from '../../errors.ts';
import { displayName, readInput } from '../../pipeline/read-input.ts';
import type { FilterOptions } from '../define/shared-options.ts';
import { answer, type Ending } from '../exit-code.ts';
import { renderDryRun } from '../render/render-dry-run.ts';
import { writeStdout } from '../streams.ts';
import { decideTrace } from './decide-trace.ts';
import { makeFilter } from './run-filter.ts';
import { meaningOf } from './start-check.ts';
import { readTrace } from './trace-file.ts';

/** @returns yes if no call would be denied and all are known */
export async function runDryRun(file: string, options: FilterOptions): Promise<Ending> {
  const trace = readTrace(Buffer.from(readInput(file)).toString('utf8'));
  const name = displayName(file);
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
  writeStdout(renderDryRun({ file: name, filter, groups, unread: trace.unread }));
  return answer(!groups.some(({ fate }) => fate === 'denied' || fate === 'unknown'));
}
