/**
 * The wrapper's work in the process that becomes the real runtime.
 * @module
 */
import { statSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { ownFiles, requireTrustedFiles } from '../own-files.ts';
import { readFileBounded } from '../read-bundle.ts';
import { replaceFile } from '../replace-file.ts';
import { fitProfile } from './fit-profile.ts';
import { guardContainer } from './guard-container.ts';
import { identifyRuntime } from './identify-runtime.ts';
import { type CommandLine, requireUtf8 } from './runtime-call.ts';
import type { WrapperConfiguration } from './wrapper-configuration.ts';

/**
 * Puts the filter into the config.json of the container that a call makes; does nothing for any other call.
 *
 * @param runtimePath - the real runtime
 * @param program - the wrapper's own file
 * @throws OciSeccompError as {@link guardContainer}; `ERR_HOOK` for files that others can write, and for a bundle
 *   whose path is not UTF-8
 */
export async function guardHere(
  line: CommandLine,
  configuration: WrapperConfiguration,
  runtimePath: string,
  program: string,
): Promise<void> {
  const runtimeFile = { what: 'the real runtime', path: runtimePath };
  requireTrustedFiles([...ownFiles(program, configuration.library), runtimeFile]);
  await guardContainer(line.args, configuration, {
    workingFolder: workingFolder(),
    identify: () => identifyRuntime(runtimePath, configuration.behavesAs),
    openConfig: (path) => {
      requireUtf8(line);
      return {
        read: () => readFileBounded(path),
        replace: (text) => replaceFile(path, text),
        close: () => {},
      };
    },
    fitProfile,
  });
}

/** Node has it as text, which names another folder if the path is not UTF-8. */
function workingFolder(): string {
  const path = process.cwd();
  const [named, real] = [
    statSync(path, { bigint: true, throwIfNoEntry: false }),
    statSync('.', { bigint: true }),
  ];
  if (named?.dev === real.dev && named.ino === real.ino) return path;
  throw new OciSeccompError(
    'ERR_HOOK',
    `the path of the working folder is not UTF-8: ${JSON.stringify(path)}`,
    {
      hint: 'start the container from a folder whose path is UTF-8',
    },
  );
}
