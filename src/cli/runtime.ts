/**
 * The program `oci-seccomp-runtime`: an OCI runtime that gives containers their filter and hands every call on to
 * the real runtime, in the same process. It is in the path of every call an engine makes, so whatever a call does not
 * need is not loaded.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { readTrustedFile } from '../hook/trusted-file.ts';
import { DEFAULT_CONFIGURATION, findRuntime } from '../hook/wrapper/find-runtime.ts';
import { type CommandLine, createsNothing } from '../hook/wrapper/runtime-call.ts';
import { rawArguments } from '../kernel/raw-arguments.ts';
import { parseInherited, replaceProcess } from '../kernel/replace-process.ts';

/** Set by the launcher: what the process was before Node started. */
const NOTE = 'OCI_SECCOMP_LAUNCHED';
/** Set by the launcher: the real runtime's NODE_OPTIONS, which are not meant for this program. */
const KEPT_OPTIONS = 'OCI_SECCOMP_NODE_OPTIONS';

async function main(args: readonly string[], self: string): Promise<void> {
  const inherited = parseInherited(process.env[NOTE]);
  delete process.env[NOTE];
  const file = process.env.OCI_SECCOMP_CONFIG || DEFAULT_CONFIGURATION;
  const bytes = readConfigurationFile(file);
  const runtime = createsNothing(args) ? glance(bytes) : undefined;
  const raw = rawArguments(args.length);
  const path = runtime === undefined ? await guard({ args, raw }, bytes, file, self) : find(runtime, self);
  if (path === undefined) return;
  giveBackOptions();
  replaceProcess(path, [Buffer.from(path), ...raw], inherited);
}

function giveBackOptions(): void {
  const kept = process.env[KEPT_OPTIONS];
  if (kept === undefined) return;
  process.env.NODE_OPTIONS = kept;
  delete process.env[KEPT_OPTIONS];
}

function readConfigurationFile(file: string): Uint8Array {
  try {
    return readTrustedFile(file, 'the configuration');
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_IO') throw error;
    const { code, message, cause } = error;
    const hint = `put {"runtime": "/usr/bin/runc", "profile": "docker-default"} there, or name another file in OCI_SECCOMP_CONFIG`;
    throw new OciSeccompError(code, message, { hint, cause });
  }
}

/** @returns the real runtime; `undefined` if the agent has refused the call, and that was told */
async function guard(
  line: CommandLine,
  bytes: Uint8Array,
  file: string,
  self: string,
): Promise<string | undefined> {
  const { readConfiguration } = await import('../hook/wrapper/wrapper-configuration.ts');
  const configuration = readConfiguration(bytes, file);
  const path = find(configuration.runtime, self);
  if (createsNothing(line.args)) return path;
  if (configuration.agent !== undefined) {
    const { guardByAgent } = await import('../hook/wrapper/guard-by-agent.ts');
    const { code, text } = await guardByAgent(configuration.agent, file, line, path, self);
    if (code === 0) return path;
    (await import('./runtime-report.ts')).reportRefusal(text, line.args, new Date());
    return undefined;
  }
  const { guardHere } = await import('../hook/wrapper/guard-here.ts');
  await guardHere(line, configuration, path, self);
  return path;
}

function find(runtime: string, self: string): string {
  return findRuntime(runtime, process.env.PATH, self);
}

/** Calls that make no container need to know but one thing; the rest of the file is checked by those that do. */
function glance(bytes: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const runtime =
      typeof value === 'object' && value !== null && 'runtime' in value ? value.runtime : undefined;
    return typeof runtime === 'string' && runtime !== '' ? runtime : undefined;
  } catch {
    return undefined;
  }
}

async function start(): Promise<void> {
  const [, self = '', ...args] = process.argv;
  // Until it has become the real runtime it has failed: an engine must not take a call for done that ended early.
  process.exitCode = 1;
  try {
    await main(args, self);
  } catch (error) {
    const { reportRuntimeError } = await import('./runtime-report.ts');
    const { nodeTooOld } = await import('./node-too-old.ts');
    const isDefect = !(error instanceof OciSeccompError) && error instanceof Error;
    reportRuntimeError(isDefect ? (nodeTooOld() ?? error.stack ?? error) : error, args, new Date());
  }
}

void start();
