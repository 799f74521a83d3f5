/**
 * What this machine has of everything that commands work with.
 * @module
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { engineRows, engines, runtimeFamilies } from '../../consumers.ts';
import { OciSeccompError } from '../../errors.ts';
import { loadKoffi } from '../../ffi.ts';
import { DEFAULT_SOCKET } from '../../hook/agent/agent-protocol.ts';
import { type AgentLook, lookAtAgent } from '../../hook/agent/look-at-agent.ts';
import { findUntrusted, loadedFiles, ownFiles } from '../../hook/own-files.ts';
import { trustWalk } from '../../hook/trusted-path.ts';
import { type KernelFeatures, kernelFeatures } from '../../kernel/features.ts';
import { machineArch, machineKernelRelease } from '../../kernel/this-machine.ts';
import { type Advisory, advisoriesFor } from '../../libseccomp/advisories.ts';
import { apiLevel } from '../../libseccomp/api.ts';
import { formatVersion, openLibrary } from '../../libseccomp/library.ts';
import { PACKAGE_VERSION } from '../version.ts';

/** What was found, or why nothing was. */
export type Probed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string; readonly hint?: string };

export interface LibraryReport {
  readonly path: string;
  readonly version: string;
  readonly apiLevel: number;
  readonly advisories: readonly Advisory[];
}

export interface MachineReport {
  readonly ociSeccomp: string;
  readonly node: string;
  readonly arch: Probed<string>;
  readonly kernelRelease: string;
  readonly koffi: Probed<string>;
  readonly libseccomp: Probed<LibraryReport>;
  readonly kernel: Probed<KernelFeatures>;
  /** What keeps hooks and the runtime wrapper from running Node, this program, koffi or libseccomp as root. */
  readonly untrusted: readonly { readonly problem: string; readonly hint?: string }[];
  /** The agent that was named, or the one whose socket is at the usual place; `null`: no socket is there. */
  readonly agent: AgentLook | null;
  /** First line of each program's `--version`; `null`: not found in PATH. */
  readonly runtimes: Readonly<Record<string, string | null>>;
}

/**
 * @param library - libseccomp to look at
 * @param agent - the socket of an agent; by default the usual one, if it is there
 */
export async function inspectMachine(library: string | undefined, agent?: string): Promise<MachineReport> {
  return {
    ociSeccomp: PACKAGE_VERSION,
    node: process.versions.node,
    arch: attempt(machineArch),
    kernelRelease: machineKernelRelease(),
    koffi: attempt(koffiVersion),
    libseccomp: attempt(() => libraryReport(library)),
    kernel: attempt(() => kernelFeatures()),
    // After libseccomp was loaded: which file a soname stands for shows then.
    untrusted: untrustedFiles(library),
    agent: (await lookAtAgent(agent ?? DEFAULT_SOCKET, agent !== undefined)) ?? null,
    runtimes: await findRuntimes(),
  };
}

/**
 * Whether everything that commands need is there.
 *
 * @param named - the agent that was asked about. Only root can ask the usual one, so it is nothing to others
 */
export function isHealthy(
  { arch, koffi, libseccomp, kernel, agent }: MachineReport,
  named: string | undefined,
): boolean {
  const needsAgent = named !== undefined || process.geteuid?.() === 0;
  return arch.ok && koffi.ok && libseccomp.ok && kernel.ok && (agent?.problem === undefined || !needsAgent);
}

function attempt<T>(work: () => T): Probed<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return { ok: false, error: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

/** For root: that they belong to the user who asks does not make them trusted there. */
function untrustedFiles(library: string | undefined): MachineReport['untrusted'] {
  // This file lies beside the program.
  const files = [...ownFiles(fileURLToPath(import.meta.url), library), ...loadedFiles()];
  return findUntrusted(files, trustWalk([0])).map(({ message, hint }) => ({
    problem: message,
    ...(hint === undefined ? {} : { hint }),
  }));
}

function koffiVersion(): string {
  return loadKoffi().version;
}

function libraryReport(asked: string | undefined): LibraryReport {
  const library = openLibrary(asked);
  return {
    path: mappedPath() ?? library.path,
    version: formatVersion(library.version),
    apiLevel: apiLevel({ library }),
    advisories: advisoriesFor(library.version),
  };
}

/** The file behind the soname, which only the dynamic linker knows: read from this process's memory map. */
function mappedPath(): string | undefined {
  return /\S*\/libseccomp\.so\S*/.exec(readFileSync('/proc/self/maps', 'utf8'))?.[0];
}

const programs = [...runtimeFamilies, ...engines.map((engine) => engineRows[engine].program)];
const VERSION_TIMEOUT_MS = 5_000;

async function findRuntimes(): Promise<Record<string, string | null>> {
  const ask = promisify(execFile);
  const found = programs.map(async (name) => {
    try {
      const { stdout } = await ask(name, ['--version'], { timeout: VERSION_TIMEOUT_MS });
      return [name, stdout.split('\n')[0] ?? ''] as const;
    } catch {
      return [name, null] as const;
    }
  });
  return Object.fromEntries(await Promise.all(found));
}
