/**
 * From operands to the page about a profile.
 * @module
 */
import { namesBuiltin } from '../../oci/builtin/index.ts';
import type { Dialect } from '../../oci/profile.ts';
import { type LoadedProfile, loadProfile, loadProfileBytes } from '../../pipeline/load-profile.ts';
import { readInput } from '../../pipeline/read-input.ts';
import { readersFor } from '../../policy/profile-readers.ts';
import { runtimeFor } from '../../policy/runtimes.ts';
import { makeReport, type Report } from '../../report-profile.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { libseccompCompiler } from '../lint/compiler.ts';
import { hostFromOptions } from '../operands/host-options.ts';
import { PACKAGE_VERSION } from '../version.ts';

/** @throws OciSeccompError for a profile that cannot be read, and as `reportProfile` */
export async function reportOperand(
  operand: string,
  options: MeaningOptions & { readonly against?: string; readonly noNewPrivileges?: true },
): Promise<Report> {
  const { library, table: release, engine, against } = options;
  const { input, text } = await readWithText(operand, options);
  const { dialect: _, object: __, ...shared } = options;
  return makeReport({
    generator: `oci-seccomp ${PACKAGE_VERSION}`,
    input,
    text,
    object: options.object,
    against: against === undefined ? undefined : (await readWithText(against, shared)).input,
    host: hostFromOptions(options, input.profile),
    runtime: runtimeFor(options.runtime, input.profile.dialect),
    engine,
    library,
    release,
    noNewPrivileges: options.noNewPrivileges,
    compilers: release === undefined ? [await libseccompCompiler(library)] : [],
  });
}

async function readWithText(
  operand: string,
  options: MeaningOptions,
): Promise<{ readonly input: LoadedProfile; readonly text: string | undefined }> {
  const readers = (found: Dialect) => readersFor(found, options.engine, runtimeFor(options.runtime, found));
  if (namesBuiltin(operand)) {
    return { input: await loadProfile(operand, options.dialect, readers, options), text: undefined };
  }
  const bytes = readInput(operand);
  const input = await loadProfileBytes(operand, bytes, options.dialect, readers, options);
  return { input, text: new TextDecoder().decode(bytes) };
}
