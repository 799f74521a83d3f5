/**
 * What commands about meaning compare: a profile as the program that its runtime installs, a program, a process.
 * @module
 */
import { QUESTION_TIMEOUT_MS, tableOf } from '../../compile/compile-policy.ts';
import type { Counterexample } from '../../compile/prove.ts';
import { type DecidableProgram, decidePrograms, onKernel } from '../../decision/answer-call.ts';
import { createSpace, type Node, type Space, STEPS_A_QUESTION } from '../../decision/space.ts';
import { nextQuestion } from '../../decision/work.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Host } from '../../oci/host.ts';
import {
  backendFor,
  type CompiledProfile,
  type CompileRequest,
  compileLoaded,
  type LoweredProfile,
  lowerLoaded,
} from '../../pipeline/compile-profile.ts';
import { type FilterSource, loadFilterSource, type SourceOptions } from '../../pipeline/filter-source.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import { type ProfileSelection, titleOf } from '../../pipeline/select-profile.ts';
import { newestTable } from '../../policy/newest-table.ts';
import { readersAsked } from '../../policy/profile-readers.ts';
import { describeRuntime, type Runtime, runtimeFor } from '../../policy/runtimes.ts';
import type { ExplainSubject } from '../../report/explain-call.ts';
import type { MeaningOptions, ReadingOptions } from '../define/shared-options.ts';
import { type Basis, profileBasis, programBasis } from '../render/answer-basis.ts';
import { writeAside } from '../streams.ts';
import { formatHost, hostFromOptions, parseArch } from './host-options.ts';

/** Something with a filter. */
export interface Filtered {
  /** What to call it: `docker-default`, `process 1234 (nginx)`. */
  readonly name: string;
  /** What a profile was compiled for, part by part: `runc`, `x86_64`, `kernel 6.18`, `Docker's capabilities`. */
  readonly circumstances: readonly string[];
  readonly programs: readonly DecidableProgram[];
  /** What an answer about it rests on. */
  readonly basis: Basis;
  /** How it was compiled; `undefined` if it is no profile. */
  readonly work: CompiledProfile | undefined;
  /** The diagrams of a profile's proof; `undefined` if it took none. */
  readonly decided: DecidedFilter | undefined;
  /** A call that a profile's program answers differently from what the profile says, as text; absent: none is known. */
  readonly counterexample?: string | undefined;
}

/** What a filter does, as a diagram. */
export interface DecidedFilter {
  readonly space: Space;
  readonly root: Node;
  /** What the profile means, in the same space. */
  readonly meant: Node | undefined;
  /** For several programs, what each of them does; absent: nobody asked. */
  readonly each?: readonly Node[];
  /** Set if only some calls were decided: those that were asked for. */
  readonly isPart?: true;
}

/** Decides what the programs of a filter do, on the kernel that they run on, unless their proof has. */
function decideFilter({ programs, decided }: Filtered): DecidedFilter {
  if (decided !== undefined) return decided;
  const space = createSpace();
  return { space, root: decidePrograms(space, programs), meant: undefined };
}

/** As {@link decideFilter}. @returns `undefined`: all calls together are too complex */
export function decideWhole(filtered: Filtered): DecidedFilter | undefined {
  return unlessTooComplex(() => decideFilter(filtered));
}

/** @returns `undefined`: it is too complex */
export function unlessTooComplex<Answer>(answer: () => Answer): Answer | undefined {
  try {
    return answer();
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_UNDECIDED') return undefined;
    throw error;
  }
}

/**
 * Reads an operand, with the objections of those who will read the profile.
 *
 * @param endian - of a raw program that does not show it
 */
export function readSubject(
  operand: string,
  options: ReadingOptions,
  { endian, shared }: Pick<SourceOptions, 'endian'> & Pick<ProfileSelection, 'shared'> = {},
): Promise<FilterSource> {
  const { dialect, object, baseDir } = options;
  return loadFilterSource(operand, {
    consumers: readersAsked(options),
    selection: { object, baseDir, shared },
    endian,
    arch: options.arch === undefined ? undefined : parseArch(options.arch),
    dialect,
  });
}

/**
 * The programs that calls run through. A profile is compiled as for its runtime; one whose program does not mean what it
 * says counts as the program, with a warning: that is what would be installed.
 *
 * @param calls - for an answer about these calls of a profile: only they are decided and proven. Absent: all
 */
export async function filterOf(
  subject: FilterSource,
  options: MeaningOptions & CommandOptions,
  calls?: CompileRequest['calls'],
): Promise<Filtered> {
  if (subject.kind === 'program') return filterOfPrograms(subject);
  const { input } = subject;
  const name = titleOf(input);
  const { engine, library, table: release } = options;
  const host = hostFromOptions(options, input.profile);
  const runtime = runtimeFor(options.runtime, input.profile.dialect);
  let decided: DecidedFilter | undefined;
  const work = await compileLoaded(input, {
    ...{ host, runtime, engine, library, release, calls, allowUnproven: true },
    // libseccomp compiles with its own names only.
    backend: backendFor({ release, runtime }),
    timeoutMs: QUESTION_TIMEOUT_MS,
    onDecided: (space, meant, done) => {
      decided = { space, meant, root: done, ...(calls === undefined ? {} : { isPart: true }) };
    },
  }).catch((error: unknown) => {
    throw withTable(error, options);
  });
  const { compiled } = work;
  const { proof } = compiled;
  const shown = counterexampleOf(work);
  const counterexample = shown && (await import('../../compile/proof-error.ts')).formatCounterexample(shown);
  if (proof instanceof OciSeccompError || !proof.equal) {
    const why =
      counterexample ?? `${calls === undefined ? 'all calls together are' : 'the call is'} too complex`;
    writeAside(
      `warning: the program that ${compiled.compiler} makes of ${name} is not proven to mean what it says; it counts as what it does: ${why}\n`,
    );
  }
  return {
    name,
    circumstances: [
      describeRuntime(runtime),
      ...formatHost(host).split(', '),
      ...(runtime.traits.sentry === undefined ? [compiled.compiler] : []),
      ...(release === undefined ? [] : [`names of ${work.table.name}`]),
    ],
    programs: [{ ...compiled, kernel: host.kernel }],
    basis: profileBasis(name, work.claim),
    work,
    decided: proof instanceof OciSeccompError ? undefined : onHost(decided, host),
    counterexample,
  };
}

function filterOfPrograms(subject: Extract<FilterSource, { kind: 'program' }>): Filtered {
  const { name, filters, warnings } = subject;
  for (const warning of warnings) writeAside(`warning: ${warning}\n`);
  const basis = programBasis(subject);
  return { name, circumstances: [], programs: filters, basis, work: undefined, decided: undefined };
}

interface CommandOptions {
  /** The command has no `--table` that an error could name. */
  readonly hasNoTable?: boolean;
}

const WITH_TABLE = `with --table ${newestTable.name.split(' ').at(-1)}, the builtin compiler makes the program`;
/** Why the builtin compiler helps, by the error: libseccomp cannot take so many rules, or is not installed. */
const helpOfTable: ReadonlyMap<unknown, string> = new Map([
  ['ERR_LIBSECCOMP_TIMEOUT', `${WITH_TABLE}, and takes more such rules`],
  ['ERR_BPF_INVALID', `${WITH_TABLE}, and takes more such rules`],
  ['ERR_LIBSECCOMP_MISSING', `${WITH_TABLE}, and no libseccomp is needed`],
]);

function withTable(error: unknown, { library, table, hasNoTable }: MeaningOptions & CommandOptions): unknown {
  const help = error instanceof OciSeccompError ? helpOfTable.get(error.code) : undefined;
  if (!(error instanceof OciSeccompError) || help === undefined) return error;
  if (table !== undefined || hasNoTable === true) return error;
  const { code, message, hint, details } = error;
  // Who names a library asks for its names.
  if (code === 'ERR_LIBSECCOMP_MISSING' && library !== undefined) return error;
  return new OciSeccompError(code, message, {
    hint: hint === undefined ? help : `${help}; ${hint}`,
    details,
    cause: error,
  });
}

/** A call that the program answers differently from what the profile says; `undefined`: none is known. */
export function counterexampleOf(work: CompiledProfile | undefined): Counterexample | undefined {
  const proof = work?.compiled.proof;
  return proof instanceof OciSeccompError ? undefined : proof?.counterexample;
}

/** The diagrams of a proof know all actions; the kernel may not. What is asked of them has a budget of its own. */
function onHost(decided: DecidedFilter | undefined, { kernel }: Host): DecidedFilter | undefined {
  if (decided?.meant === undefined) return undefined;
  const { space, root, meant } = decided;
  nextQuestion(space.work, STEPS_A_QUESTION);
  return { ...decided, root: onKernel(space, root, kernel), meant: onKernel(space, meant, kernel) };
}

/** A profile as the options read it. */
export function lowerSubject(input: LoadedProfile, options: MeaningOptions): Promise<LoweredProfile> {
  const { engine } = options;
  const runtime = runtimeFor(options.runtime, input.profile.dialect);
  return lowerLoaded(input, {
    host: hostFromOptions(options, input.profile),
    ...{ runtime, engine },
    table: namesFor(runtime, options),
  });
}

function namesFor(runtime: Runtime, options: MeaningOptions): ReturnType<typeof tableOf> {
  const { library, table: release } = options;
  try {
    return tableOf(backendFor({ release, runtime }), library, release);
  } catch (error) {
    throw withTable(error, options);
  }
}

/** What has a filter, as questions about calls take it. */
export function explainSubject({ work, ...rest }: Filtered): ExplainSubject {
  return { ...rest, work: work === undefined ? undefined : { ...work, profile: work.input.profile } };
}
