/**
 * Tries whether a profile can be used, before a container fails to start because of it.
 * @module
 */
import { capabilitySets } from '../abi/capabilities.ts';
import { formatClaim, formatObserved } from '../compile/claim-text.ts';
import { machineArch } from '../kernel/this-machine.ts';
import { parseRuntime } from '../policy/runtimes.ts';
import { compileForContainer, type ProfileSource } from './container-filter.ts';
import type { CompileChoices } from './prepare-filter.ts';
import { isProgram, readProgramFile, requireNoObserving, requireNoStrictness } from './program-file.ts';

/**
 * Compiles a profile for an ordinary container on this machine, or reads a program.
 *
 * @returns what is proven of the program, in one line; `undefined` for a program, of which nothing is
 * @throws OciSeccompError as `compileForContainer` and `readProgramFile`
 */
export async function rehearse(
  source: ProfileSource,
  { runtime, engine, backend, library, release, strict, observe }: CompileChoices,
): Promise<string | undefined> {
  const { name, bytes } = source;
  if (bytes !== undefined && isProgram(bytes)) {
    requireNoStrictness(strict, name);
    requireNoObserving(observe, name);
    await readProgramFile(bytes, name, machineArch());
    return undefined;
  }
  const capabilities = capabilitySets.docker;
  const reading = { runtime: parseRuntime(runtime), capabilities, engine };
  const options = { ...reading, backend, library, release, strict, observe };
  const { claim, observed } = await compileForContainer(source, options);
  return observed === undefined ? formatClaim(claim) : formatObserved(claim, observed);
}
