/**
 * `oci-seccomp hook config`: how runtimes are told to call the hook.
 * @module
 */
import { realpathSync, statSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { type ChoiceOptions, chooseProfile, requireChoice } from '../../hook/choose-profile.ts';
import { formatHookConfig, type HookConfigFor, type HookWhen } from '../../hook/hook-config.ts';
import { rehearse } from '../../hook/rehearse.ts';
import { requireUsefulStage } from '../../hook/stages.ts';
import { readTrustedFile } from '../../hook/trusted-file.ts';
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
  if (source !== undefined) await rehearse(source, choices);
  const file = realpathSync(program);
  warnUntrusted(file);
  const byAnnotation = choices.profile === undefined && choices.defaultProfile === undefined;
  const config = formatHookConfig({
    for: values.for as HookConfigFor,
    stage,
    when: (values.when ?? (byAnnotation && values.for === 'podman' ? 'annotation' : 'always')) as HookWhen,
    timeout: parseTimeout(String(values.timeout)),
    node: process.execPath,
    program: file,
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

/** Runtimes run the hook as root. */
function warnUntrusted(file: string): void {
  try {
    readTrustedFile(file, 'this program');
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    writeStderr(`warning: ${error.message}: whoever can write it becomes root where the hook runs as root\n`);
  }
}

function parseTimeout(seconds: string): number {
  const value = Number(seconds);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TIMEOUT) return value;
  throw new OciSeccompError(
    'ERR_USAGE',
    `--timeout takes whole seconds, 1 to ${MAX_TIMEOUT}; not '${seconds}'`,
  );
}
