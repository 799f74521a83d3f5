/**
 * Whether a profile can be used at all, found out before containers fail to start because of it.
 * @module
 */
import { capabilitySets } from '../abi/capabilities.ts';
import { machineArch } from '../kernel/machine.ts';
import { parseRuntime } from '../policy/runtimes.ts';
import { buildFilter, type ProfileSource } from './filter.ts';
import { isProgram, readProgramFile } from './program-file.ts';
import type { CompileChoices } from './ready-filter.ts';

/**
 * Compiles a profile for an ordinary container on this machine, or reads a program.
 *
 * @throws OciSeccompError as `buildFilter` and `readProgramFile`
 */
export async function rehearse(
  source: ProfileSource,
  { runtime, engine, library }: CompileChoices,
): Promise<void> {
  const { name, bytes } = source;
  if (bytes !== undefined && isProgram(bytes)) await readProgramFile(bytes, name, machineArch());
  else {
    const capabilities = capabilitySets.docker;
    await buildFilter(source, { runtime: parseRuntime(runtime), capabilities, engine, library });
  }
}
