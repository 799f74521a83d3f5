/**
 * A call and its arguments as a tracer or this program writes them: `socket(AF_VSOCK, SOCK_STREAM, 0) = -1 EPERM`.
 * @module
 */
import { machineArch } from '../../kernel/this-machine.ts';
import { readTrace } from '../../observe/trace-file.ts';
import { ANY_VALUE } from '../../report/asked-call.ts';
import { writtenValues } from '../run/trace-values.ts';
import { callSpelling } from './call-spelling.ts';
import { parseArch } from './host-options.ts';

/** The words that `parseQuestion` reads. Arguments that are neither numbers nor names may be anything. */
export function wordsOfCall(
  text: string,
  arch: string | undefined,
): readonly [string, ...string[]] | undefined {
  const written = readTrace(text).calls.find(({ args }) => args !== undefined);
  if (written === undefined) return undefined;
  const name = callSpelling(written.name);
  const values = writtenValues({ ...written, name }, arch === undefined ? machineArch() : parseArch(arch));
  const known = values.slice(0, values.findLastIndex((value) => value !== undefined) + 1);
  return [name, ...known.map((value) => (value === undefined ? ANY_VALUE : `${value}`))];
}
