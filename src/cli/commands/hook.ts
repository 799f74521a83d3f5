/**
 * `oci-seccomp hook <stage>`: what container runtimes call. It is in the path of every container's start, so it loads
 * nothing that this container does not need, and main.ts calls it without commander.
 * @module
 */
import { fstatSync, writeSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { MAX_CONFIG_SIZE, readStdin, untilReady } from '../../hook/bounded-input.ts';
import { MAX_STATE_SIZE } from '../../hook/container-state.ts';
import { parseLogTarget } from '../../hook/hook-log.ts';
import { ioWords } from '../../hook/io-words.ts';
import { ownFiles, requireTrustedFiles } from '../../hook/own-files.ts';
import { requireUsefulStage } from '../../hook/stages.ts';
import type { LogTarget } from '../../hook/supervisor/supervisor-protocol.ts';
import type { OptionRows } from '../define/command-definition.ts';
import { type CommandDefinition, defineCommand } from '../define/command-definition.ts';
import { attachOptions, precreateOptions } from '../define/hook-options.ts';
import type { Ending } from '../exit-code.ts';
import { type HookArguments, parseHookArguments } from '../hook/hook-arguments.ts';
import { requireStoreUse, textValue, toAttachOptions, toChoices } from '../hook/hook-choices.ts';

/** With any code but 0 runtimes do not start the container. */
const STAGE_CODES = {
  0: 'the container may start',
  1: 'it may not: the filter is not proven, or --strict finds a weakness',
  2: 'it may not: wrong usage, or an input that cannot be read as what it should be',
  3: 'it may not: a library or file that cannot be read, no permission',
} as const;

const PROFILE = '/etc/oci-seccomp/web.json';

/** The stages attach the filter in the same way. */
function attachDefinition(stage: string): CommandDefinition {
  return defineCommand({
    description: 'Reads the container state on standard input, as OCI runtimes write it.',
    arguments: [],
    options: attachOptions,
    exitCodes: STAGE_CODES,
    examples: [
      {
        does: 'What a runtime calls, with the state on standard input; without one the exit code is 2',
        line: `oci-seccomp hook ${stage} --profile docker-default </dev/null`,
      },
    ],
  });
}

const precreateDefinition = defineCommand({
  description: 'Reads a config.json on standard input and writes it with the filter to standard output.',
  arguments: [],
  options: precreateOptions,
  exitCodes: STAGE_CODES,
  examples: [
    {
      does: 'Put a filter into the configuration of a bundle',
      line: 'oci-seccomp hook precreate --profile docker-default <bundle/config.json',
    },
  ],
});

export const definition = defineCommand({
  description:
    'Gives a container its filter when its runtime calls this program as a hook. If anything fails, the exit code is not 0, and the container does not start.',
  usage: ['<stage> [options]'],
  arguments: [],
  options: {},
  notes: [
    'The stages createContainer, startContainer, poststart and poststop are not supported; running the hook for one explains why. docs/hooks.md says which stage fits which runtime.',
  ],
  exitCodes: STAGE_CODES,
  examples: [
    {
      does: 'Have Podman and CRI-O call the hook for every container',
      line: `oci-seccomp hook config --profile ${PROFILE} \\\n    -o /usr/share/containers/oci/hooks.d/oci-seccomp.json`,
    },
  ],
  subcommands: {
    createRuntime: {
      summary: 'attach the filter to the container that is being created',
      load: async () => ({ definition: attachDefinition('createRuntime') }),
    },
    prestart: {
      summary: 'the same, for runtimes that know no createRuntime',
      load: async () => ({ definition: attachDefinition('prestart') }),
    },
    precreate: {
      summary: "put the filter into the container's configuration (Podman)",
      load: async () => ({ definition: precreateDefinition }),
    },
    config: {
      summary: 'print or write what makes runtimes call this hook',
      load: async () => ({ definition: (await import('./hook-config.ts')).definition }),
    },
    check: {
      summary: 'check what the options of a hook choose, row by row of a table',
      load: async () => ({ definition: (await import('./hook-check.ts')).definition }),
    },
    wrapper: {
      summary: 'write the static runtime wrapper, which asks the agent',
      load: async () => ({ definition: (await import('./hook-wrapper.ts')).definition }),
    },
    explain: {
      summary: 'say what a hook would do with the containers of this machine',
      load: async () => ({ definition: (await import('./hook-explain.ts')).definition }),
    },
  },
});

/**
 * Runs a hook.
 *
 * @param args - behind `hook`
 * @param program - the file of this program
 * @returns yes: the container may start; or the exit code that the agent answered
 */
export async function runHook(args: readonly string[], program: string): Promise<Ending | number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'no stage is named', {
      hint: 'oci-seccomp hook --help lists the stages; oci-seccomp hook config prints how runtimes are told',
    });
  }
  if (name === 'config') return (await import('./hook-config.ts')).runHookConfig(rest, program);
  if (name === 'wrapper') return (await import('./hook-wrapper.ts')).runHookWrapper(rest);
  if (name === 'explain') return (await import('./hook-explain.ts')).runHookExplain(rest);
  if (name === 'check') return (await import('./hook-check.ts')).runHookCheck(rest);
  const { stage, work } = requireUsefulStage(name);
  const options: OptionRows = work === 'attach' ? attachOptions : precreateOptions;
  const parsed = await parseHookArguments(rest, options, `hook ${stage}`);
  const log = parseLogTarget(textValue(parsed.values.log));
  return work === 'attach' ? attach(parsed, log, program, stage) : rewrite(parsed, log, program);
}

async function attach(
  { values, given }: HookArguments,
  log: LogTarget,
  program: string,
  stage: string,
): Promise<Ending | number> {
  const options = toAttachOptions(values, log);
  const own = (): void => requireTrustedFiles(ownFiles(program, options.library));
  const readInput = (): Uint8Array => readStdin('the container state', MAX_STATE_SIZE);
  const socket = textValue(values.agent);
  if (socket !== undefined) {
    const words = Object.entries(given).flatMap(([name, own]) => (name === 'agent' ? [] : own));
    const { attachByAgent } = await import('../../hook/agent/attach-by-agent.ts');
    const world = { requireOwnFiles: own, readInput, elapsed };
    const { code, text } = await attachByAgent(socket, [stage, ...words], log, world);
    if (text !== '') (await import('../hook/tell-reason.ts')).writeStderr(text);
    return code;
  }
  const [{ attachFilter }, { requireContainerProcess, requireExec }, { startSupervisor }] = await Promise.all(
    [
      import('../../hook/attach-filter.ts'),
      import('../../hook/container-process.ts'),
      import('../../hook/supervisor/start-supervisor.ts'),
    ],
  );
  await attachFilter(options, {
    requireOwnFiles: own,
    readInput,
    startSupervisor: (containerId) => startSupervisor({ containerId }),
    requireProcess: (pid) => requireContainerProcess(pid),
    requireExec: (pid) => requireExec(pid),
    elapsed,
  });
  return 'yes';
}

async function rewrite({ values }: HookArguments, log: LogTarget, program: string): Promise<Ending> {
  requireStoreUse(values, 'rewrite');
  requireStdout();
  const choices = toChoices(values, 'rewrite');
  const { rewriteConfig } = await import('../../hook/precreate.ts');
  const world = {
    requireOwnFiles: () => requireTrustedFiles(ownFiles(program, choices.library)),
    readInput: () => readStdin('a config.json', MAX_CONFIG_SIZE),
    elapsed,
  };
  const options = { ...choices, crunBpf: values['crun-bpf'] === true };
  const { text: config } = await rewriteConfig(world, options, log);
  writeAll(Buffer.from(config));
  return 'yes';
}

/** Since the process started. */
function elapsed(): number {
  return performance.now();
}

const STDOUT = 1;
/** Documentation/admin-guide/devices.txt: /dev/null is 1:3. */
const NULL_DEVICE = 0x103;

/** Node opens /dev/null in the place of a descriptor that is closed. What the container starts with is not ours then. */
function requireStdout(): void {
  const stats = fstatSync(STDOUT);
  if (!stats.isCharacterDevice() || stats.rdev !== NULL_DEVICE) return;
  throw new OciSeccompError(
    'ERR_IO',
    'the changed config.json would be lost: standard output is closed, or /dev/null',
    { hint: 'engines read it from a pipe; to try the hook by hand, write it to a file' },
  );
}

/** All of it before the process ends: process.stdout writes to pipes in its own time. */
function writeAll(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length; ) at += untilReady(() => writeSync(STDOUT, bytes, at));
  } catch (cause) {
    throw new OciSeccompError(
      'ERR_IO',
      `the changed config.json cannot be written to standard output: ${ioWords(cause)}`,
      { cause },
    );
  }
}
