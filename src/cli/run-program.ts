/**
 * The program `oci-seccomp`. Here, and nowhere else, the exit code is set.
 * @module
 */
import './clock.ts'; // first: it notes when loading began
import { OciSeccompError } from '../errors.ts';
import { exitCodeOf } from './exit-code.ts';
import { RECORDED_GUARD, RECORDED_START } from './record/recorded-word.ts';

/** No answer; not the environment's fault. */
const DEFECT_EXIT_CODE = 2;
/** Until a hook has done its work: any code but 0 keeps the container from starting. */
const HOOK_UNFINISHED = 1;

/** @param argv - as `process.argv` has it */
export async function main([, self = '', command, ...rest]: readonly string[]): Promise<void> {
  // A hook that ends early, for whatever reason, has failed: this comes before all that waits.
  if (command === 'hook') process.exitCode = HOOK_UNFINISHED;
  const isHook = command === 'hook' && !(await asksForHelp(rest));
  if (command === RECORDED_START) {
    // Started by `record`, with one word that says what; it becomes the command.
    process.exitCode = (await import('./record/recorded-start.ts')).startRecorded(rest[0] ?? '');
    return;
  }
  if (command === RECORDED_GUARD) {
    (await import('./record/recorded-guard.ts')).guardRecorded(Number(rest[0]));
    return;
  }
  try {
    // A container's start waits for its hook: commander is loaded for people only.
    process.exitCode = isHook
      ? exitCodeOf(await (await import('./commands/hook.ts')).runHook(rest, self))
      : await runWords(process.argv.slice(2));
  } catch (error) {
    await report(error, isHook || command === 'agent');
  }
  await endNow();
}

/** `hook nosuch --help` asks for help with what does not exist: the hook says so. */
async function asksForHelp(words: readonly string[]): Promise<boolean> {
  if (!words.some((word) => word === '--help' || word === '-h')) return false;
  const [first = ''] = words;
  if (first.startsWith('-')) return true;
  const { subcommands } = (await import('./commands/hook.ts')).definition;
  return Object.hasOwn(subcommands, first);
}

/**
 * Ends the process if nothing is left that would keep it alive, as it would end by itself. But then Node collects garbage once
 * more, and takes down piece by piece a heap that the kernel is about to free.
 */
async function endNow(): Promise<void> {
  const { isOutputQueued } = await import('./streams.ts');
  if (!isOutputQueued() && process.getActiveResourcesInfo().length === 0) process.exit();
}

async function runWords(words: readonly string[]): Promise<number> {
  const { runPlainly } = await import('./plain-command-line.ts');
  return (await runPlainly(words)) ?? (await (await import('./command-line.ts')).runCommandLine(words));
}

/** Writes the rest of a page that main.ts could not write at once. */
export async function print(rest: Uint8Array): Promise<void> {
  const { writeStdout } = await import('./streams.ts');
  writeStdout(rest);
}

/** @param isWaitedFor - whether containers wait for this program: their engine may not read what it says */
async function report(thrown: unknown, isWaitedFor: boolean): Promise<void> {
  const { writeStderr } = await (isWaitedFor ? import('./hook/tell-reason.ts') : import('./streams.ts'));
  const error =
    thrown instanceof OciSeccompError ? thrown : (await import('./missing-folder.ts')).nameMissing(thrown);
  if (error instanceof OciSeccompError) {
    const { renderError } = await import('./render/render-error.ts');
    process.exitCode = exitCodeOf(error.code);
    writeStderr(renderError(error));
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.exitCode = DEFECT_EXIT_CODE;
    writeStderr(`error: a defect of oci-seccomp, please report it:\n${text}\n`);
  }
}
