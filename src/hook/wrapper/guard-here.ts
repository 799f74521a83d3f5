/**
 * The wrapper's work in the process that becomes the real runtime.
 * @module
 */
import { ownFiles, requireTrustedFiles } from '../own-files.ts';
import { readFileBounded } from '../read-bundle.ts';
import { replaceFile } from '../replace-file.ts';
import { fitProfile } from './fit-profile.ts';
import { guardContainer } from './guard-container.ts';
import { identifyRuntime } from './identify-runtime.ts';
import type { WrapperConfiguration } from './wrapper-configuration.ts';

/**
 * Puts the filter into the config.json of the container that a call makes; does nothing for any other call.
 *
 * @param args - the runtime's command line without its name
 * @param runtimePath - the real runtime
 * @param program - the wrapper's own file
 * @throws OciSeccompError as {@link guardContainer}; `ERR_HOOK` for files that others can write
 */
export async function guardHere(
  args: readonly string[],
  configuration: WrapperConfiguration,
  runtimePath: string,
  program: string,
): Promise<void> {
  const runtimeFile = { what: 'the real runtime', path: runtimePath };
  requireTrustedFiles([...ownFiles(program, configuration.library), runtimeFile]);
  await guardContainer(args, configuration, {
    workingFolder: process.cwd(),
    identify: () => identifyRuntime(runtimePath, configuration.behavesAs),
    openConfig: (path) => ({
      read: () => readFileBounded(path),
      replace: (text) => replaceFile(path, text),
      close: () => {},
    }),
    fitProfile,
  });
}
