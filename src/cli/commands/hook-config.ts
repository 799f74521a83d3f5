/**
 * `oci-seccomp hook config`: how runtimes are told to call the hook.
 * @module
 */
import { mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { type ChoiceOptions, chooseProfile, requireChoice } from '../../hook/choose-profile.ts';
import { CLOSED_HINT } from '../../hook/container-process.ts';
import { formatHookConfig, type HookConfigFor, type HookWhen } from '../../hook/format-hook-config.ts';
import { requireHooksFile } from '../../hook/hooks-directory.ts';
import { loadedFiles, ownFiles, requireTrustedFiles } from '../../hook/own-files.ts';
import { type CompileChoices, openChosen } from '../../hook/prepare-filter.ts';
import { requireUsefulStage } from '../../hook/stages.ts';
import { rehearse } from '../../hook/try-profile.ts';
import { ioReason, isFolder } from '../../pipeline/files.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { releaseTable } from '../../policy/release-table.ts';
import { defineCommand } from '../define/command-definition.ts';
import { attachOptions, configOptions, precreateOptions } from '../define/hook-options.ts';
import type { Ending } from '../exit-code.ts';
import { type HookArguments, parseHookArguments } from '../hook/hook-arguments.ts';
import { requireAgentUse, requireStoreUse, textValue, toChoices } from '../hook/hook-choices.ts';
import { writeOutput } from '../output.ts';
import { writeStderr } from '../streams.ts';

export const definition = defineCommand({
  description:
    'Prints or writes the configuration of a hook, and checks the profile it names and the files that will run.',
  arguments: [],
  options: configOptions,
  exitCodes: {
    0: 'the configuration is written',
    1: 'the filter is not proven, or --strict finds a weakness',
    2: 'wrong usage, a profile that cannot be used, or a file that others can write',
    3: 'a library or file that cannot be read or written, no permission',
  },
  examples: [
    {
      does: 'Have Podman and CRI-O call the hook for every container',
      line: 'oci-seccomp hook config --profile /etc/oci-seccomp/web.json \\\n    -o /usr/share/containers/oci/hooks.d/oci-seccomp.json',
    },
    {
      does: 'Print the hooks of a config.json, for any OCI runtime',
      line: 'oci-seccomp hook config --for oci \\\n    --profile /etc/oci-seccomp/web.bpf --log syslog',
    },
    {
      does: 'Let containers choose by an annotation, before the runtime sees them',
      line: 'oci-seccomp hook config --stage precreate \\\n    --profiles-dir /etc/oci-seccomp/profiles --default docker-default',
    },
  ],
});

const COMMAND = 'hook config';
const MAX_TIMEOUT = 600;
const ROOTLESS_NOTE =
  'note: only for root can a filter be read back from the kernel: without --allow-unverified, containers of other users do not start\n';
const UNVERIFIED_NOTE =
  'note: --allow-unverified: where the kernel does not let the hook read a filter back, the container starts with one that nobody has compared\n';

/**
 * Prints the configuration of a hook, and checks that what it names is there and can be used.
 *
 * @param program - the file of this program
 */
export async function runHookConfig(args: readonly string[], program: string): Promise<Ending> {
  const { values, given } = await parseHookArguments(args, configOptions, COMMAND);
  const { stage, work } = requireUsefulStage(String(values.stage));
  const own = work === 'attach' ? attachOptions : precreateOptions;
  const other = Object.keys(given).find((name) => !Object.hasOwn(own, name) && !isAboutConfig(name));
  if (other !== undefined) throw new OciSeccompError('ERR_USAGE', `a ${stage} hook has no option --${other}`);
  requireStoreUse(values, work);
  const agent = textValue(values.agent);
  const client = textValue(values.client);
  if (agent !== undefined) await requireAgent(values, agent);
  if (client !== undefined) await requireClient(client, agent);
  const choices = toChoices(values, work);
  // Profiles that containers choose are not tried here: a release that is not known would show at their start.
  if (choices.release !== undefined) releaseTable(choices.release);
  if (work === 'attach') requireRoot(stage, choices.runtime, values);
  if (choices.observe === true) (await import('../../kernel/actions-logged.ts')).requireLogRecorded();
  await requireChoice(choices);
  requireFolder(choices);
  // Only opened: who configures a hook may not be who runs it, and would own what is kept.
  await openChosen(choices.store);
  const output = String(values.output ?? '-');
  if (output !== '-' && values.for === 'podman') requireHooksFile(output);
  const source = (choices.profile ?? choices.defaultProfile) ? chooseProfile(choices, new Map()) : undefined;
  // Before and after: what cannot be trusted should not be loaded, and what a soname is shows when it is.
  requireTrustedFiles(ownFiles(program, choices.library));
  const claims = source === undefined ? [] : [{ name: source.name, claim: await rehearse(source, choices) }];
  if (choices.choices !== undefined) claims.push(...(await tableClaims(choices.choices, choices, stage)));
  requireTrustedFiles(loadedFiles());
  const profiles = claims.map(({ name }) => name);
  await requireNotRead([output, client ?? '-'], choices, profiles);
  for (const { name, claim } of claims) if (claim !== undefined) writeStderr(`${name}: ${claim}\n`);
  if (values['allow-unverified'] === true) writeStderr(UNVERIFIED_NOTE);
  const byAnnotation = (choices.profile ?? choices.defaultProfile ?? choices.choices) === undefined;
  const config = formatHookConfig({
    for: values.for as HookConfigFor,
    stage,
    when: (values.when ?? (byAnnotation && values.for === 'podman' ? 'annotation' : 'always')) as HookWhen,
    timeout: parseTimeout(String(values.timeout)),
    command: commandOf(program, client, agent),
    parameters: Object.entries(given).flatMap(([name, words]) => {
      return isAboutConfig(name) || (name === 'agent' && client !== undefined) ? [] : words;
    }),
  });
  // Before the configuration that names it.
  if (client !== undefined) await (await import('../../hook/client/install-client.ts')).installClient(client);
  write(output, config);
  return 'yes';
}

/** Each profile of a table once. */
async function tableClaims(path: string, choices: CompileChoices, stage: string) {
  const { claimsOfTable, requireKnownImages } = await import('../../hook/choices/rehearse-table.ts');
  if (stage === 'precreate') requireKnownImages(path);
  return claimsOfTable(path, choices);
}

function commandOf(program: string, client: string | undefined, agent: string | undefined) {
  if (client !== undefined && agent !== undefined) return { client, socket: agent };
  const file = realpathSync(program);
  return { launcher: join(dirname(file), 'hook-launcher.sh'), node: process.execPath, program: file };
}

async function requireClient(client: string, agent: string | undefined): Promise<void> {
  if (agent === undefined) {
    const { DEFAULT_SOCKET } = await import('../../hook/agent/agent-protocol.ts');
    throw new OciSeccompError('ERR_USAGE', '--client has no use without --agent: it only asks the agent', {
      hint: `give --agent ${DEFAULT_SOCKET}, or leave --client out`,
    });
  }
  (await import('../../hook/client/install-client.ts')).requireClientPlace(client);
}

async function requireAgent(values: HookArguments['values'], socket: string): Promise<void> {
  requireAgentUse(values);
  // Loaded here: most hooks work without one.
  (await import('../hook/require-agent-socket.ts')).requireAgentSocket(socket);
}

/** What the hook reads would be lost, and no container could start. @param profiles - of a table among them */
async function requireNotRead(
  outputs: readonly string[],
  { profile, defaultProfile, profilesDir, choices, library }: CompileChoices & ChoiceOptions,
  profiles: readonly string[],
): Promise<void> {
  const { refuseOver } = await import('../define/named-files.ts');
  for (const file of outputs) {
    const offered = profilesDir === undefined ? undefined : join(profilesDir, basename(file));
    const read = [profile, defaultProfile, choices, library, offered].filter((each) => each !== undefined);
    refuseOver(file, [...read, ...profiles]);
  }
}

/** The options that are not the hook's own. */
function isAboutConfig(name: string): boolean {
  return ['for', 'stage', 'when', 'timeout', 'output', 'client'].includes(name);
}

/** Whole or not at all: a file of a hooks directory that is empty or cut off stops every container of Podman. */
function write(path: string, config: string): void {
  if (path !== '-') makeFolder(dirname(path));
  writeOutput(path, config);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new OciSeccompError('ERR_IO', `the folder ${folder} cannot be made: ${ioReason(cause)}`, { cause });
  }
}

/**
 * Another user may write a configuration for root. What does not work for that user is said.
 *
 * Rootless crun: see closed() in hook/container-process.ts. Another reading may still be meant for crun. Rootless Podman calls
 * runtime and hook as root of a user namespace, where crun's processes are not closed to the hook.
 */
function requireRoot(stage: string, runtime: string, values: HookArguments['values']): void {
  if (process.geteuid?.() === 0) return;
  if (values['allow-unverified'] !== true) writeStderr(ROOTLESS_NOTE);
  if (values.for === 'podman') return;
  const reason = `a ${stage} hook of crun works for root only: crun closes its processes to tracing by other users`;
  if (runtime === 'crun') throw new OciSeccompError('ERR_HOOK', reason, { hint: CLOSED_HINT });
  writeStderr(`note: ${reason}; runc does not\n`);
}

function requireFolder({ profilesDir }: ChoiceOptions): void {
  if (profilesDir === undefined || isFolder(profilesDir)) return;
  throw new OciSeccompError('ERR_IO', `--profiles-dir ${displayName(profilesDir)}: there is no such folder`);
}

function parseTimeout(seconds: string): number {
  const value = Number(seconds);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TIMEOUT) return value;
  throw new OciSeccompError(
    'ERR_USAGE',
    `--timeout takes whole seconds, 1 to ${MAX_TIMEOUT}; not '${seconds}'`,
  );
}
