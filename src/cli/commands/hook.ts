/**
 * `oci-seccomp hook <stage>`: what container runtimes call. It is in the path of every container's start, so it loads
 * nothing that this container does not need.
 * @module
 */
import { writeSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { readStdin } from '../../hook/bounded-input.ts';
import { parseLogTarget } from '../../hook/hook-log.ts';
import { ownFiles, requireTrustedFiles } from '../../hook/own-files.ts';
import { requireUsefulStage } from '../../hook/stages.ts';
import { MAX_STATE_SIZE } from '../../hook/state.ts';
import type { LogTarget } from '../../hook/supervisor/protocol.ts';
import type { NoNewPrivileges } from '../../kernel/inject-calls.ts';
import type { Ending } from '../exit-code.ts';
import { type HookArguments, parseHookArguments } from '../hook-arguments.ts';
import { textValue, toChoices } from '../hook-choices.ts';
import { attachOptions, type HookOptions, precreateOptions } from '../hook-options.ts';

/**
 * Runs a hook.
 *
 * @param args - behind `hook`
 * @param program - the file of this program
 * @returns yes; the container may start
 */
export async function runHook(args: readonly string[], program: string): Promise<Ending> {
  const [name, ...rest] = args;
  if (name === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'no stage is named', {
      hint: 'oci-seccomp hook --help lists the stages; oci-seccomp hook config prints how runtimes are told',
    });
  }
  if (name === 'config') return (await import('./hook-config.ts')).runHookConfig(rest, program);
  const { stage, work } = requireUsefulStage(name);
  const options: HookOptions = work === 'attach' ? attachOptions : precreateOptions;
  const parsed = parseHookArguments(rest, options, `hook ${stage}`);
  const log = parseLogTarget(textValue(parsed.values.log));
  await (work === 'attach' ? attach(parsed, log, program) : rewrite(parsed, log, program));
  return 'yes';
}

async function attach({ values }: HookArguments, log: LogTarget, program: string): Promise<void> {
  const choices = toChoices(values);
  const [{ attachFilter }, { requireContainerProcess, requireExec }, { startSupervisor }] = await Promise.all(
    [
      import('../../hook/attach-filter.ts'),
      import('../../hook/container-process.ts'),
      import('../../hook/supervisor/start-supervisor.ts'),
    ],
  );
  const noNewPrivs = values['no-new-privs'] as NoNewPrivileges;
  await attachFilter(
    { ...choices, noNewPrivs, allowUnverified: values['allow-unverified'] === true, log },
    {
      requireOwnFiles: () => requireTrustedFiles(ownFiles(program, choices.library)),
      readInput: () => readStdin('the container state', MAX_STATE_SIZE),
      startSupervisor: (containerId) => startSupervisor({ containerId }),
      requireProcess: (pid) => requireContainerProcess(pid),
      requireExec: (pid) => requireExec(pid),
      elapsed,
    },
  );
}

async function rewrite({ values }: HookArguments, log: LogTarget, program: string): Promise<void> {
  const choices = toChoices(values);
  const [{ rewriteConfig }, { MAX_CONFIG_SIZE }] = await Promise.all([
    import('../../hook/precreate.ts'),
    import('../../hook/bundle.ts'),
  ]);
  const world = {
    requireOwnFiles: () => requireTrustedFiles(ownFiles(program, choices.library)),
    readInput: () => readStdin('a config.json', MAX_CONFIG_SIZE),
    elapsed,
  };
  const options = { ...choices, crunBpf: values['crun-bpf'] === true };
  const { text: config } = await rewriteConfig(world, options, log);
  writeAll(Buffer.from(config));
}

/** Since the process started. */
function elapsed(): number {
  return performance.now();
}

const STDOUT = 1;

/** All of it before the process ends: process.stdout writes to pipes in its own time. */
function writeAll(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
  } catch (cause) {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new OciSeccompError(
      'ERR_IO',
      `the changed config.json cannot be written to standard output: ${code}`,
      { cause },
    );
  }
}
