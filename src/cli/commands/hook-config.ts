/**
 * `oci-seccomp hook config`: how runtimes are told to call the hook.
 * @module
 */
import { realpathSync, statSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { type ChoiceOptions, chooseProfile, requireChoice } from '../../hook/choose-profile.ts';
import { formatHookConfig, type HookConfigFor, type HookWhen } from '../../hook/hook-config.ts';
import { loadedFiles, ownFiles, requireTrustedFiles } from '../../hook/own-files.ts';
import { rehearse } from '../../hook/rehearse.ts';
import { requireUsefulStage } from '../../hook/stages.ts';
import { parseHookArguments } from '../hook-arguments.ts';
import { attachOptions, configOptions, precreateOptions } from '../hook-options.ts';
import { writeStderr, writeStdout } from '../streams.ts';
import { toChoices } from './hook.ts';

const COMMAND = 'hook config';
const MAX_TIMEOUT = 600;

/**
 * Prints the configuration of a hook, and checks that what it names is there and can be used.
 *
 * @param program - the file of this program
 */
export async function runHookConfig(args: readonly string[], program: string): Promise<number> {
  const { values, given } = parseHookArguments(args, configOptions, COMMAND);
  const { stage, work } = requireUsefulStage(String(values.stage));
  const own = work === 'attach' ? attachOptions : precreateOptions;
  const other = Object.keys(given).find((name) => !Object.hasOwn(own, name) && !isAboutConfig(name));
  if (other !== undefined) throw new OciSeccompError('ERR_USAGE', `a ${stage} hook has no option --${other}`);
  const choices = toChoices(values);
  await requireChoice(choices);
  requireFolder(choices);
  const source = (choices.profile ?? choices.defaultProfile) ? chooseProfile(choices, new Map()) : undefined;
  // Before and after: what is not to be trusted should not be loaded, and what a soname is shows when it is.
  requireTrustedFiles(ownFiles(program, choices.library));
  const claim = source === undefined ? undefined : await rehearse(source, choices);
  requireTrustedFiles(loadedFiles());
  if (source !== undefined && claim !== undefined) writeStderr(`${source.name}: ${claim}\n`);
  const byAnnotation = choices.profile === undefined && choices.defaultProfile === undefined;
  const config = formatHookConfig({
    for: values.for as HookConfigFor,
    stage,
    when: (values.when ?? (byAnnotation && values.for === 'podman' ? 'annotation' : 'always')) as HookWhen,
    timeout: parseTimeout(String(values.timeout)),
    node: process.execPath,
    program: realpathSync(program),
    parameters: Object.entries(given).flatMap(([name, words]) => (isAboutConfig(name) ? [] : words)),
  });
  writeStdout(config);
  return 0;
}

/** The options that are not the hook's own. */
function isAboutConfig(name: string): boolean {
  return ['for', 'stage', 'when', 'timeout'].includes(name);
}

function requireFolder({ profilesDir }: ChoiceOptions): void {
  if (profilesDir === undefined || statSync(profilesDir, { throwIfNoEntry: false })?.isDirectory() === true)
    return;
  throw new OciSeccompError('ERR_IO', `--profiles-dir ${profilesDir}: there is no such folder`);
}

function parseTimeout(seconds: string): number {
  const value = Number(seconds);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TIMEOUT) return value;
  throw new OciSeccompError(
    'ERR_USAGE',
    `--timeout takes whole seconds, 1 to ${MAX_TIMEOUT}; not '${seconds}'`,
  );
}
