/**
 * From operands to the page about a profile.
 * @module
 */
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { detectFile } from '../../oci/file-kind.ts';
import { type LoadedProfile, loadProfile, loadProfileBytes } from '../../pipeline/load-profile.ts';
import { displayName, readInput } from '../../pipeline/read-input.ts';
import type { ProfileSelection } from '../../pipeline/select-profile.ts';
import { readersAsked } from '../../policy/profile-readers.ts';
import { runtimeFor } from '../../policy/runtimes.ts';
import { makeReport, type Report } from '../../report-profile.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { libseccompCompiler } from '../lint/compiler.ts';
import { hostFromOptions, requireUses } from '../operands/host-options.ts';
import { PACKAGE_VERSION } from '../version.ts';

type ReportOptions = MeaningOptions & {
  readonly against?: string;
  readonly againstObject?: string;
  readonly noNewPrivileges?: true;
};

/** @throws OciSeccompError `ERR_USAGE` for a program or a process, for a profile that cannot be read, and as `reportProfile` */
export async function reportOperand(operand: string, options: ReportOptions): Promise<Report> {
  const { library, table: release, engine } = options;
  const { input, text, against } = await readOperands(operand, options);
  return makeReport({
    generator: `oci-seccomp ${PACKAGE_VERSION}`,
    input,
    text,
    object: input.object === undefined ? undefined : options.object,
    against,
    host: hostFromOptions(options, input.profile),
    runtime: runtimeFor(options.runtime, input.profile.dialect),
    engine,
    library,
    release,
    noNewPrivileges: options.noNewPrivileges,
    compilers: release === undefined ? [await libseccompCompiler(library)] : [],
  });
}

interface Operands extends ReadText {
  readonly against: LoadedProfile | undefined;
}

async function readOperands(operand: string, options: ReportOptions): Promise<Operands> {
  const { against, againstObject, dialect, ...rest } = options;
  if (against === undefined) {
    if (againstObject !== undefined) {
      throw new OciSeccompError('ERR_USAGE', '--against-object is for the profile of --against', {
        hint: 'add --against PROFILE, or leave --against-object out',
      });
    }
    const read = await readWithText(operand, options);
    await requireUses(options, [{ kind: 'profile', input: read.input }]);
    return { ...read, against: undefined };
  }
  const read = await readWithText(operand, options, '--object');
  const other = await readWithText(
    against,
    { ...rest, ...(againstObject === undefined ? {} : { object: againstObject }) },
    '--against-object',
  );
  const first = { kind: 'profile', input: read.input } as const;
  const second = { kind: 'profile', input: other.input } as const;
  await requireUses({ dialect }, [first]);
  await requireUses(rest, [first, second]);
  if (againstObject !== undefined) {
    const { refuseUnusedOptions } = await import('../define/option-uses.ts');
    refuseUnusedOptions(options, [second], { prefix: 'against-' });
  }
  return { ...read, against: other.input };
}

interface ReadText {
  readonly input: LoadedProfile;
  readonly text: string | undefined;
}

async function readWithText(
  operand: string,
  options: MeaningOptions,
  shared?: ProfileSelection['shared'],
): Promise<ReadText> {
  const readers = readersAsked(options);
  if (namesBuiltin(operand)) {
    return { input: await loadProfile(operand, options.dialect, readers), text: undefined };
  }
  if (operand.startsWith('pid:')) throw noProfile(operand, 'a process');
  const bytes = readInput(operand);
  const found = detectFile(bytes);
  if (found.kind === 'program' && found.sure) throw noProfile(operand, 'a BPF program');
  const input = await loadProfileBytes(operand, bytes, options.dialect, readers, { ...options, shared });
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
