/**
 * An error of the runtime wrapper, told as a runtime tells its own, so that engines show it.
 *
 * containerd and Docker show the last entry of level `error` in the log they asked for by `--log FILE --log-format
 * json`; Podman too, for a runtime whose name it knows, and else what it finds on standard error.
 * @module
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { tellStderr } from '../hook/tell-stderr.ts';
import { parseRuntimeCall, type RuntimeCall, type WrappedRuntime } from '../hook/wrapper/runtime-call.ts';
import { renderError } from './render/render-error.ts';

/** The most characters of an entry: it is one line of a log, and of an engine's error. */
const MAX_MESSAGE = 8192;

interface RuntimeError {
  /** For standard error. */
  readonly text: string;
  /** Where the command line wants the log; `undefined`: nowhere. */
  readonly log: string | undefined;
  /** The entry for it. */
  readonly entry: string | undefined;
}

/** Puts an error into words. @param args - the runtime's command line without its name */
export function formatRuntimeError(error: unknown, args: readonly string[], now: Date): RuntimeError {
  return formatTold(
    error instanceof OciSeccompError ? renderError(error) : `error: ${String(error)}\n`,
    args,
    now,
  );
}

function formatTold(told: string, args: readonly string[], now: Date): RuntimeError {
  const lines = told.trimEnd().split('\n');
  const text = `${lines.map((line) => `oci-seccomp-runtime: ${line}`).join('\n')}\n`;
  const call = callWithLog(args);
  if (call?.log === undefined) return { text, log: undefined, entry: undefined };
  const message = sorted(lines).join('; ').slice(0, MAX_MESSAGE);
  return {
    text,
    log: call.log.replace(/^file:/, ''),
    entry: logEntry(`oci-seccomp-runtime: ${message}`, call, now),
  };
}

/** Writes an error to standard error and to the log that the command line names. */
export function reportRuntimeError(error: unknown, args: readonly string[], now: Date): void {
  const { text, log, entry } = formatRuntimeError(error, args, now);
  tell(text, log, entry);
}

/**
 * Writes what the agent has answered, where the wrapper's own errors go.
 *
 * @param answer - the text for standard error, a NUL, and the entry for the log; without a NUL, what the agent tells a
 *   client whose request it has not read
 */
export function reportRefusal(answer: string, args: readonly string[], now: Date): void {
  const [told = '', ready] = answer.split('\0');
  const { text, log, entry } = formatTold(told, args, now);
  if (ready === undefined) tell(text, log, entry);
  else tell(told, log, ready);
}

function callWithLog(args: readonly string[]): RuntimeCall | undefined {
  return readings(args).find(({ log }) => log !== undefined);
}

function tell(text: string, log: string | undefined, entry: string | undefined): void {
  // The log comes first: engines look there.
  if (log !== undefined && entry !== undefined && entry !== '') tryAppend(log, entry);
  tellStderr(text);
}

/** As the static wrapper does it. A log that is a pipe without a reader does not hold up the engine. */
function tryAppend(log: string, entry: string): void {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    const fd = openSync(log, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY, 0o644);
    try {
      writeSync(fd, entry);
    } finally {
      closeSync(fd);
    }
  } catch {
    // The error is told on standard error too, and it is not about the log.
  }
}

/** What happened first: an engine shows it all on one line. */
function sorted(lines: readonly string[]): readonly string[] {
  const main = lines.findIndex((line) => line.startsWith('error: '));
  return [...lines.slice(Math.max(main, 0)), ...lines.slice(0, Math.max(main, 0))].map((line) => line.trim());
}

/** logrus, which runc logs with: https://github.com/sirupsen/logrus, fields of its JSON and text formatters. */
function logEntry(msg: string, { logFormat }: RuntimeCall, now: Date): string {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const entry = { level: 'error', msg, time };
  return logFormat === 'json'
    ? `${JSON.stringify(entry)}\n`
    : `time="${time}" level=error msg=${JSON.stringify(msg)}\n`;
}

function readings(args: readonly string[]): readonly RuntimeCall[] {
  const runtimes: readonly WrappedRuntime[] = ['runc', 'crun'];
  return runtimes.flatMap((runtime) => {
    try {
      return [parseRuntimeCall(args, runtime)];
    } catch {
      return [];
    }
  });
}
