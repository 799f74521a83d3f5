/**
 * A command under a filter, in the place of this process.
 *
 * What is written here before the command takes over goes to the descriptor, not through `process.stderr`: Node's streams
 * change the terminal or pipe behind it, which the command shares.
 * @module
 */
import { writeSync } from 'node:fs';
import { architectures } from '../../abi/architectures.ts';
import { errnoName } from '../../abi/errno.ts';
import { ENOENT } from '../../abi/errno-constants.ts';
import type { OciFlag } from '../../abi/flags.ts';
import { hostEndian } from '../../abi/host-endian.ts';
import { shellCommand } from '../../abi/shell-word.ts';
import { encodeProgram } from '../../bpf/program.ts';
import { OciSeccompError } from '../../errors.ts';
import { requireLogRecorded } from '../../kernel/actions-logged.ts';
import { type DescriptorState, rememberDescriptors, restoreDescriptors } from '../../kernel/descriptors.ts';
import { restoreFileLimit } from '../../kernel/file-limit.ts';
import { hasSysAdmin, setNoNewPrivs } from '../../kernel/prctl.ts';
import { prepareExec, prepareExit } from '../../kernel/prepare-exec.ts';
import { rawArguments } from '../../kernel/raw-arguments.ts';
import { loadError, prepareFilterLoad } from '../../kernel/seccomp.ts';
import { restoreSignals } from '../../kernel/signals.ts';
import { isBuiltinName } from '../../oci/builtin/index.ts';
import { renderError } from '../render/render-error.ts';
import { executableKind, findExecutable } from './executable.ts';
import { makeFilter, type RunFilter, type RunOptions, requireLoadable } from './run-filter.ts';
import { deniedAtStart, endedArch, formatDenied, meaningOf } from './start-check.ts';

type BecomeOptions = RunOptions & {
  readonly noNewPrivs: 'always' | 'auto' | 'never';
  /** Have the kernel log what the filter denies. */
  readonly log?: boolean;
  /** Start the command even if the filter denies what it needs to start. */
  readonly force?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
};

const STDERR = 2;

/** Becomes the command. @returns the exit code, only if the command cannot be started */
export async function becomeCommand(
  operands: readonly [string, ...string[]],
  options: BecomeOptions,
): Promise<number> {
  const [command] = operands;
  const descriptors = rememberDescriptors();
  const found = findExecutable(command, process.env.PATH);
  if (!found.found) {
    return notRun(found.exitCode, command, found.reason, profileHint(command));
  }
  if (options.observe === true) requireLogRecorded();
  const filter = await makeFilter(options);
  requireLoadable(filter);
  requireStart(filter, found.path, options.force === true);
  if (options.quiet !== true) warn(filter);
  if (options.quiet !== true && filter.trial !== undefined)
    writeSync(STDERR, `oci-seccomp: ${filter.name}: ${filter.trial}\n`);
  if (options.verbose === true) writeSync(STDERR, `oci-seccomp: ${filter.description}\n`);
  return replace(filter, found.path, operands, options, descriptors);
}

/** Says what may let more through than the profile reads like; that it lets through less is said with --verbose. */
function warn({ claim, name, store }: RunFilter): void {
  const { reasons = [] } = store?.report() ?? {};
  for (const reason of reasons) writeSync(STDERR, `warning: the store ${store?.folder}: ${reason}\n`);
  for (const { kind, effect, message } of claim?.weaknesses ?? []) {
    if (kind === 'unproven') writeSync(STDERR, `warning: the filter is not proven to do what ${name} says\n`);
    else if (effect !== 'closes') writeSync(STDERR, `warning: ${name}: ${message}\n`);
  }
}

/** @throws OciSeccompError `ERR_START_DENIED` if the filter denies what the file needs to start */
function requireStart({ program, arch, name }: RunFilter, path: string, force: boolean): void {
  if (force) return;
  const meaning = meaningOf(program, hostEndian());
  const kind = executableKind(path);
  const ended = endedArch(meaning, arch, kind);
  if (ended !== undefined) {
    const reason = `its system calls are those of ${ended}, and the filter ends a program at each of them`;
    throw new OciSeccompError('ERR_START_DENIED', `under ${name}, ${path} cannot start: ${reason}`, {
      hint: `add ${architectures[ended].ociArch} to the architectures of the profile, or see what happens with --force; nothing was loaded`,
      details: { path, arch: ended },
    });
  }
  const denied = deniedAtStart(meaning, arch, kind);
  if (denied.length === 0) return;
  const execve = denied.some((call) => call.name === 'execve');
  throw new OciSeccompError(
    'ERR_START_DENIED',
    `under ${name}, ${path} cannot start: the filter denies ${execve ? 'execve, by which it is started' : 'what programs do before their main function'}`,
    {
      hint: 'allow these calls in the profile, or see what happens with --force; nothing was loaded',
      details: { path, denied, notes: denied.map(formatDenied) },
    },
  );
}

/** Becomes the command. Returns only if that fails. */
function replace(
  filter: RunFilter,
  path: string,
  operands: readonly string[],
  options: BecomeOptions,
  descriptors: DescriptorState,
): number {
  const load = prepareFilterLoad(encodeProgram(filter.program, hostEndian()), loadFlags(filter, options));
  const exec = prepareExec(new TextEncoder().encode(path), rawArguments(operands.length));
  const exit = prepareExit();
  restoreDescriptors(descriptors);
  restoreFileLimit(process.ppid);
  if (options.noNewPrivs === 'always' || (options.noNewPrivs === 'auto' && !hasSysAdmin())) setNoNewPrivs();
  restoreSignals();
  // From here to the end of exec nothing else may be called: the filter may forbid it.
  const refused = load();
  if (refused !== 0) throw loadError(refused);
  const errno = exec();
  exit(notRun(exitCodeOf(errno), operands[0] ?? '', `${errnoName(errno) ?? errno} (${errno})`));
  return exitCodeOf(errno);
}

/** TSYNC would filter Node's own threads, which end at the execve; only this thread goes on. */
function loadFlags({ flags }: RunFilter, { log }: BecomeOptions): readonly OciFlag[] {
  const wanted = log === true ? [...flags, 'SECCOMP_FILTER_FLAG_LOG' as const] : flags;
  return [...new Set(wanted)].filter((flag) => flag !== 'SECCOMP_FILTER_FLAG_TSYNC');
}

function exitCodeOf(errno: number): 126 | 127 {
  return errno === ENOENT ? 127 : 126;
}

/** People name the profile first, as other commands take it; here the first operand is the command. */
function profileHint(command: string): string | undefined {
  if (!isBuiltinName(command) && !/\.(json|ya?ml|bpf)$/i.test(command)) return undefined;
  const words = ['oci-seccomp', 'run', '--profile', command];
  return `if this is the profile: ${shellCommand(words)} -- COMMAND`;
}

function notRun(exitCode: 126 | 127, command: string, reason: string, hint?: string): 126 | 127 {
  const error = new OciSeccompError(
    'ERR_IO',
    `cannot run '${command}': ${reason}`,
    hint === undefined ? {} : { hint },
  );
  writeSync(STDERR, renderError(error));
  return exitCode;
}
