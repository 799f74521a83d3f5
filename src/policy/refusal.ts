/**
 * How lowering says that a runtime would refuse the container.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { describeRuntime, formatRuntime, type Runtime } from './runtimes.ts';

/** Makes the error. @param rule - index into `LinuxSeccomp.syscalls`, if it is about one */
export function refusal(
  { runtime }: { readonly runtime: Runtime },
  what: string,
  rule?: number,
  hint?: string,
): OciSeccompError {
  const message = `${describeRuntime(runtime)} ${what}`;
  return new OciSeccompError('ERR_PROFILE_SEMANTICS', message, {
    hint,
    details: { runtime: formatRuntime(runtime), ...(rule === undefined ? {} : { rule }) },
  });
}
