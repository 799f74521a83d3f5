/**
 * `oci-seccomp doctor`: what this machine has of everything the other commands work with.
 * @module
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { actions } from '../../abi/actions.ts';
import { OciSeccompError } from '../../errors.ts';
import { loadKoffi } from '../../ffi.ts';
import { findUntrusted, loadedFiles, ownFiles } from '../../hook/own-files.ts';
import { trustWalk } from '../../hook/trusted-path.ts';
import { type KernelFeatures, kernelFeatures } from '../../kernel/features.ts';
import { machineArch, machineKernelRelease } from '../../kernel/this-machine.ts';
import { type Advisory, advisoriesFor } from '../../libseccomp/advisories.ts';
import { apiLevel } from '../../libseccomp/api.ts';
import { formatVersion, openLibrary } from '../../libseccomp/library.ts';
import type { Ending } from '../exit-code.ts';
import { writeStdout } from '../streams.ts';
import { PACKAGE_VERSION } from '../version.ts';

export interface DoctorCommandOptions {
  readonly library?: string;
  readonly json?: boolean;
}

/** What was found, or why nothing was. */
type Found<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string; readonly hint?: string };

interface LibraryReport {
  readonly path: string;
  readonly version: string;
  readonly apiLevel: number;
  readonly advisories: readonly Advisory[];
}

interface Report {
  readonly ociSeccomp: string;
  readonly node: string;
  readonly arch: Found<string>;
  readonly kernelRelease: string;
  readonly koffi: Found<string>;
  readonly libseccomp: Found<LibraryReport>;
  readonly kernel: Found<KernelFeatures>;
  /** Of Node, this program, koffi and libseccomp: what keeps hooks and the runtime wrapper from running them as root. */
  readonly untrusted: readonly { readonly problem: string; readonly hint?: string }[];
  /** First line of each program's `--version`; `null`: not found in PATH. */
  readonly runtimes: Readonly<Record<string, string | null>>;
}

export async function runDoctor(_: readonly string[], options: DoctorCommandOptions): Promise<Ending> {
  const report: Report = {
    ociSeccomp: PACKAGE_VERSION,
    node: process.versions.node,
    arch: attempt(machineArch),
    kernelRelease: machineKernelRelease(),
    koffi: attempt(koffiVersion),
    libseccomp: attempt(() => libraryReport(options.library)),
    kernel: attempt(() => kernelFeatures()),
    // After libseccomp was loaded: which file a soname stands for shows then.
    untrusted: untrustedFiles(options.library),
    runtimes: await findRuntimes(),
  };
  writeStdout(options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : renderReport(report));
  const healthy = report.arch.ok && report.koffi.ok && report.libseccomp.ok && report.kernel.ok;
  return healthy ? 'yes' : 'ERR_LIBSECCOMP_MISSING';
}

function attempt<T>(work: () => T): Found<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return { ok: false, error: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

/** For root: that they belong to the user who asks does not make them trusted there. */
function untrustedFiles(library: string | undefined): Report['untrusted'] {
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

const RUNTIMES = ['runc', 'crun', 'youki', 'podman', 'docker', 'containerd', 'crio'] as const;
const VERSION_TIMEOUT_MS = 5_000;

async function findRuntimes(): Promise<Record<string, string | null>> {
  const ask = promisify(execFile);
  const found = RUNTIMES.map(async (name) => {
    try {
      const { stdout } = await ask(name, ['--version'], { timeout: VERSION_TIMEOUT_MS });
      return [name, stdout.split('\n')[0] ?? ''] as const;
    } catch {
      return [name, null] as const;
    }
  });
  return Object.fromEntries(await Promise.all(found));
}

function renderReport(report: Report): string {
  const runtimes = Object.entries(report.runtimes).map(
    ([name, version]) => [name, version ?? 'not found'] as const,
  );
  const rows: (readonly [string, string])[] = [
    ['oci-seccomp', report.ociSeccomp],
    ['node', report.node],
    ['machine', `${render(report.arch, (arch) => arch)}, kernel ${report.kernelRelease}`],
    ['koffi', render(report.koffi, (version) => version)],
    [
      'libseccomp',
      render(
        report.libseccomp,
        ({ version, path, apiLevel: level }) => `${version}, API level ${level}, ${path}`,
      ),
    ],
    ...advisoryRows(report.libseccomp),
    [
      'actions',
      render(report.kernel, (kernel) => renderAvailable(kernel.actions, (kind) => actions[kind].label)),
    ],
    [
      'flags',
      render(report.kernel, ({ flags }) =>
        renderAvailable(flags, (flag) => flag.replace('SECCOMP_FILTER_FLAG_', '')),
      ),
    ],
    [
      'notify',
      render(report.kernel, ({ notification }) => {
        if (notification === undefined) return 'this kernel has no user notification';
        const { request, response, match } = notification;
        return `requests of ${request} bytes, responses of ${response}: ${match ? 'as known here' : 'another size than known here'}`;
      }),
    ],
    ...trustRows(report.untrusted),
    ...runtimes,
  ];
  return rows.map(([label, text]) => `${label.padEnd(12)}  ${text}\n`).join('');
}

function trustRows(untrusted: Report['untrusted']): (readonly [string, string])[] {
  if (untrusted.length === 0)
    return [['for root', 'nobody but root can write what hooks and the runtime wrapper run']];
  return untrusted.map(({ problem, hint }, i) => [
    i === 0 ? 'for root' : '',
    `refused by hooks and the runtime wrapper: ${problem}${hint === undefined ? '' : `\n${' '.repeat(14)}${hint}`}`,
  ]);
}

function render<T>(found: Found<T>, show: (value: T) => string): string {
  if (found.ok) return show(found.value);
  return `PROBLEM: ${found.error}${found.hint === undefined ? '' : `\n${' '.repeat(14)}${found.hint}`}`;
}

function renderAvailable<K extends string>(
  available: Readonly<Record<K, boolean>>,
  show: (key: K) => string,
): string {
  const keys = Object.keys(available) as K[];
  const has = keys.filter((key) => available[key]).map(show);
  const lacks = keys.filter((key) => !available[key]).map(show);
  return has.join(' ') + (lacks.length === 0 ? '' : `; this kernel lacks ${lacks.join(' ')}`);
}

function advisoryRows(library: Found<LibraryReport>): (readonly [string, string])[] {
  if (!library.ok) return [];
  if (library.value.advisories.length === 0) return [['advisories', 'none known for this version']];
  return library.value.advisories.map(({ id, summary, fixedIn }, i) => [
    i === 0 ? 'advisories' : '',
    `${id}: ${summary} (fixed in ${fixedIn}, or backported by the distribution)`,
  ]);
}
