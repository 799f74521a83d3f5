/**
 * `oci-seccomp compile`: a profile goes in, the filter a runtime would install comes out.
 * @module
 */
import type { BackendName } from '../../compile/compile-policy.ts';
import type { EmitFormat } from '../../compile/emit.ts';
import { emitEncoded } from '../../compile/emit-encoded.ts';
import type { Engine } from '../../oci/consumers.ts';
import type { Dialect } from '../../oci/profile.ts';
import { compileLoaded } from '../../pipeline/compile-profile.ts';
import { loadProfile } from '../../pipeline/load-profile.ts';
import { readersFor } from '../../policy/readers.ts';
import { formatRuntime, parseRuntime } from '../../policy/runtimes.ts';
import { startClock } from '../clock.ts';
import type { Ending } from '../exit-code.ts';
import { formatHost, type HostOptions, hostFromOptions } from '../operands/host-options.ts';
import { parseTimeout } from '../operands/timeout.ts';
import { writeOutput } from '../output.ts';
import { hasDoubts, renderSummary } from '../render/render-summary.ts';
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
): Promise<Ending> {
  const clock = startClock();
  const runtime = parseRuntime(options.runtime);
  const timeoutMs = parseTimeout(options.timeout);
  const { backend, dialect, engine, library, strict, allowUnproven, format } = options;
  const consumers = (found: Dialect) => readersFor(found, engine, runtime);
  const input = await loadProfile(operand, dialect, consumers, options);
  clock.lap('read and validate');

  const host = hostFromOptions(options, input.profile);
  const work = await compileLoaded(input, {
    ...{ host, runtime, engine, library, backend, timeoutMs, strict },
    pfc: format === 'pfc',
    allowUnproven: allowUnproven === true,
    onStep: (step) => clock.lap(step),
  });
  const { lowered, compiled, claim } = work;

  const provenance = {
    generator: `oci-seccomp ${PACKAGE_VERSION}`,
    profile: input.name,
    host: formatHost(host),
    runtime: formatRuntime(runtime),
    compiler: `libseccomp ${compiled.libraryVersion}`,
  };
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
      ? (await import('../render/render-proof.ts')).renderDoubts(compiled.proof, lowered.policy)
      : '';
    writeStderr(renderSummary({ ...options, ...work, laps, doubts }));
  }
  return 'yes';
}
