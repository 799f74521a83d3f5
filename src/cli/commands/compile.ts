/**
 * `oci-seccomp compile`: a profile goes in, the filter a runtime would install comes out.
 * @module
 */
import { requireStrongClaim } from '../../compile/claim-text.ts';
import { type BackendName, compilePolicy } from '../../compile/compile.ts';
import type { EmitFormat } from '../../compile/emit.ts';
import { emitEncoded } from '../../compile/emit-encoded.ts';
import { OciSeccompError } from '../../errors.ts';
import { openLibrary } from '../../libseccomp/library.ts';
import { librarySyscallTable } from '../../libseccomp/syscall.ts';
import type { Engine } from '../../oci/consumers.ts';
import type { Dialect } from '../../oci/profile.ts';
import { resolveProfile } from '../../oci/resolve.ts';
import { lowerProfile } from '../../policy/lower.ts';
import { formatRuntime, parseRuntime } from '../../policy/runtimes.ts';
import { claimOfCompiled } from '../claims.ts';
import { startClock } from '../clock.ts';
import { formatHost, type HostOptions, hostFromOptions } from '../host.ts';
import { loadProfile } from '../input.ts';
import { writeOutput } from '../output.ts';
import { atPlaces } from '../places.ts';
import { readers, seccompOff } from '../profile-work.ts';
import { hasDoubts, renderSummary } from '../render-summary.ts';
import { writeStderr } from '../streams.ts';
import { PACKAGE_VERSION } from '../version.ts';

export interface CompileCommandOptions extends HostOptions {
  readonly output: string;
  readonly format: EmitFormat;
  readonly runtime: string;
  readonly backend: BackendName;
  readonly dialect?: Dialect;
  readonly engine?: Engine;
  readonly library?: string;
  readonly timeout: string;
  readonly allowUnproven?: boolean;
  readonly strict?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

export async function runCompile(
  [operand = '-']: readonly string[],
  options: CompileCommandOptions,
): Promise<number> {
  const clock = startClock();
  const runtime = parseRuntime(options.runtime);
  const timeoutMs = parseTimeout(options.timeout);
  const consumers = (dialect: Dialect) => readers(dialect, options.engine, runtime);
  const input = await loadProfile(operand, options.dialect, consumers, options);
  clock.lap('read and validate');

  const host = hostFromOptions(options, input.profile);
  const { engine, backend, library } = options;
  const resolution = resolveProfile(input.profile, host, engine === undefined ? {} : { engine });
  const { seccomp } = resolution;
  if (seccomp === undefined) throw seccompOff(input);
  clock.lap('resolve');

  const table = librarySyscallTable(openLibrary(library));
  clock.lap('load libseccomp');

  const { lowered, compiled } = await atPlaces(input, resolution, async () => {
    const result = lowerProfile(seccomp, { runtime, arch: host.arch, kernel: host.kernel, table });
    clock.lap('lower');
    const pfc = options.format === 'pfc';
    const allowUnproven = options.allowUnproven === true;
    const chosen = {
      backend,
      timeoutMs,
      pfc,
      table,
      allowUnproven,
      onBuilt: () => clock.lap('libseccomp'),
      ...(library === undefined ? {} : { library }),
    };
    return { lowered: result, compiled: await compilePolicy(result.policy, chosen) };
  });
  clock.lap('proof');
  const work = { input, host, runtime, engine, table, resolution, lowered };
  const claim = claimOfCompiled(work, compiled);
  if (options.strict === true) requireStrongClaim(claim, input.name);
  clock.lap('claim');

  const provenance = {
    generator: `oci-seccomp ${PACKAGE_VERSION}`,
    profile: input.name,
    host: formatHost(host),
    runtime: formatRuntime(runtime),
    compiler: `libseccomp ${compiled.libraryVersion}`,
  };
  const { format } = options;
  const emitted = { ...compiled, claim };
  // The listing brings the disassembler along, which no other format needs.
  const output =
    format === 'asm'
      ? (await import('../../compile/emit.ts')).emitFilter(emitted, format, provenance)
      : emitEncoded(emitted, format, provenance);
  clock.lap('emit');
  writeOutput(options.output, output);
  clock.lap('write');
  if (options.quiet !== true) {
    const { laps } = clock;
    const doubts = hasDoubts(compiled)
      ? (await import('../render-proof.ts')).renderDoubts(compiled.proof, lowered.policy)
      : '';
    writeStderr(renderSummary({ ...options, ...work, compiled, claim, laps, doubts }));
  }
  return 0;
}

/** Reads `--timeout`, in seconds. @returns milliseconds @throws OciSeccompError `ERR_USAGE` */
export function parseTimeout(seconds: string): number {
  const value = Number(seconds);
  if (Number.isFinite(value) && value > 0 && value <= 3600) return Math.ceil(value * 1000);
  throw new OciSeccompError('ERR_USAGE', `--timeout takes seconds above 0 and up to 3600, not '${seconds}'`);
}
