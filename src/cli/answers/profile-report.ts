/**
 * From operands to the page about a profile.
 * @module
 */
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { detectFile } from '../../oci/file-kind.ts';
import type { Dialect } from '../../oci/profile.ts';
import { type LoadedProfile, loadProfile, loadProfileBytes } from '../../pipeline/load-profile.ts';
import { displayName, readInput } from '../../pipeline/read-input.ts';
import { readersFor } from '../../policy/profile-readers.ts';
import { runtimeFor } from '../../policy/runtimes.ts';
import { makeReport, type Report } from '../../report-profile.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { libseccompCompiler } from '../lint/compiler.ts';
import { hostFromOptions } from '../operands/host-options.ts';
import { PACKAGE_VERSION } from '../version.ts';

/** @throws OciSeccompError `ERR_USAGE` for a program or a process, for a profile that cannot be read, and as `reportProfile` */
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
  if (operand.startsWith('pid:')) throw noProfile(operand, 'a process');
  const bytes = readInput(operand);
  const found = detectFile(bytes);
  if (found.kind === 'program' && found.sure) throw noProfile(operand, 'a BPF program');
  const input = await loadProfileBytes(operand, bytes, options.dialect, readers, options);
  return { input, text: new TextDecoder().decode(bytes) };
}

/** A program has no rules with lines, no capabilities and no findings: most of the page would be empty. */
function noProfile(operand: string, what: string): OciSeccompError {
  const decompile = shellCommand(['oci-seccomp', 'decompile', fileWord(operand), '-o', 'profile.json']);
  return new OciSeccompError(
    'ERR_USAGE',
    `a report is about profiles, and ${displayName(operand)} is ${what}`,
    {
      hint: `make a profile of it first: ${decompile}, then name profile.json; explain and diff take ${what} as it is`,
    },
  );
}
