/**
 * What `convert` writes, for each form.
 * @module
 */
import { actions } from '../../abi/actions.ts';
import type { ArchName } from '../../abi/architectures.ts';
import { hostEndian } from '../../abi/host-endian.ts';
import { precedenceOf } from '../../abi/return-word.ts';
import { BPF_RET_K } from '../../bpf/program.ts';
import { callStatesIn } from '../../compose/prove-call-edit.ts';
import { decidePrograms } from '../../decision/answer-call.ts';
import type { ArchDifference } from '../../decision/difference.ts';
import { createSpace } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { brokenByChange, brokenProgram } from '../../lint/ask/broken-without.ts';
import { bwrapScript, type EncodableProgram, MOST_FILTERS } from '../../pipeline/bwrap-script.ts';
import { compileLoaded } from '../../pipeline/compile-profile.ts';
import { convertFilter, type PolicyForm } from '../../pipeline/convert-filter.ts';
import type { FilterSource } from '../../pipeline/filter-source.ts';
import { parseRuntime } from '../../policy/runtimes.ts';
import type { ReadingOptions } from '../define/shared-options.ts';
import { hostFromOptions, requireUses } from '../operands/host-options.ts';
import { contradictionLines } from '../render/contradiction-text.ts';
import { unreadLines } from '../render/unread-text.ts';

/** The forms that are written. */
type ConvertedForm = PolicyForm | 'bwrap';

/** What was written, and what it rests on. */
export interface ConvertedFilter {
  readonly name: string;
  readonly to: ConvertedForm;
  readonly arch: string;
  readonly text: string;
  /** What is not as in the filter; empty: nothing. */
  readonly lost: readonly ArchDifference[];
  /** What the form does not carry although it changes no verdict, and what the proof assumes. */
  readonly notes: readonly string[];
}

interface Options extends Omit<ReadingOptions, 'runtime'> {
  readonly to?: ConvertedForm;
  readonly stricter?: true;
}

/** Converts what was loaded. @throws OciSeccompError `ERR_INEXPRESSIBLE` with the places of the rules in question */
export async function convertSource(source: FilterSource, options: Options): Promise<ConvertedFilter> {
  const { to, engine } = options;
  if (to === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'say what to write: --to FORM', {
      hint: 'the forms are systemd, lxc, minijail and bwrap',
    });
  }
  await requireUses({ ...options }, [source]);
  if (options.library !== undefined && to !== 'bwrap') {
    throw new OciSeccompError(
      'ERR_USAGE',
      '--library is for --to bwrap: nothing is compiled for another form',
      {
        hint: 'leave --library out',
      },
    );
  }
  const name = source.kind === 'profile' ? source.input.name : source.name;
  const host = hostFromOptions(
    options,
    source.kind === 'profile' ? source.input.profile : { dialect: 'oci', rules: [] },
  );
  const { arch } = host;
  const notes = notesOf(source, to);
  if (to === 'bwrap') {
    const script = await scriptFor(source, name, arch, options);
    return { name, to, arch, text: script.text, lost: [], notes: [...notes, ...script.notes] };
  }
  const stricter = options.stricter === true;
  const converted = convertFilter(source, { to, host, engine, stricter });
  const { text, lost, contradicted, stateBefore, stateOf } = converted;
  return {
    ...{ name, to, arch, text, lost },
    notes: [
      ...notes,
      ...contradictionLines(name, contradicted, [arch], 'the policy has the strictest answer'),
      ...brokenByChange(stateBefore, stateOf, starts[to]),
    ],
  };
}

/** A script that gives the programs to bwrap. */
async function scriptFor(
  source: FilterSource,
  name: string,
  arch: ArchName,
  options: Options,
): Promise<Pick<ConvertedFilter, 'text' | 'notes'>> {
  const { programs, weaknesses } =
    source.kind === 'program'
      ? { programs: source.filters, weaknesses: [] }
      : await compiled(source, options);
  requireForBwrap(name, programs);
  const space = createSpace();
  const stateOf = callStatesIn(space, decidePrograms(space, programs), [arch]);
  return {
    text: bwrapScript(name, programs),
    notes: [...weaknesses, ...brokenProgram(stateOf, starts.bwrap)],
  };
}

/** What does not start where the filter denies execve. minijail filters a dynamic program from within, after its execve. */
const starts = {
  systemd: 'the service does not start: systemd starts its program with execve, under the filter',
  lxc: 'no container can start: LXC starts its program with execve, under the filter',
  minijail: 'no static program starts: minijail0 starts it with execve, under the filter',
  bwrap: 'no command starts: bubblewrap starts it with execve, under the filter',
} as const satisfies Record<ConvertedForm, string>;

/** The filter as libseccomp builds it, and what it does less than the profile seems to say. */
async function compiled(
  { input }: Extract<FilterSource, { kind: 'profile' }>,
  options: Options,
): Promise<{ readonly programs: readonly EncodableProgram[]; readonly weaknesses: readonly string[] }> {
  const { engine, library } = options;
  const host = hostFromOptions(options, input.profile);
  const { compiled: filter, claim } = await compileLoaded(input, {
    host,
    runtime: parseRuntime('plain'),
    engine,
    library,
  });
  return { programs: [filter], weaknesses: claim.weaknesses.map(({ message }) => message) };
}

function requireForBwrap(name: string, programs: readonly EncodableProgram[]): void {
  const refuse = (message: string, hint: string): OciSeccompError =>
    new OciSeccompError('ERR_INEXPRESSIBLE', message, { hint });
  if (programs.length > MOST_FILTERS) {
    throw refuse(
      `${name} has ${programs.length} filters, and the script can give bwrap ${MOST_FILTERS}`,
      'decompile makes one profile of them',
    );
  }
  const asksListener = programs.some(({ program }) =>
    program.some(
      ({ code, k }) => code === BPF_RET_K && precedenceOf(k) === precedenceOf(actions.notify.word),
    ),
  );
  if (asksListener) {
    throw refuse(
      `${name} has SCMP_ACT_NOTIFY, and bwrap hands no listener to anyone`,
      'give these calls another action',
    );
  }
  if (programs.some(({ endian }) => endian !== hostEndian())) {
    throw refuse(
      `${name} is a program of the other byte order`,
      'convert it on a machine of its architecture',
    );
  }
}

/** Flags change no verdict, but what else the kernel does. */
function notesOf(source: FilterSource, to: ConvertedForm): readonly string[] {
  if (source.kind === 'program') return source.warnings;
  const { name, problems, profile } = source.input;
  const { flags = [], listenerPath } = profile;
  return [
    // The claim of a compiled filter has them already.
    ...(to === 'bwrap' ? [] : unreadLines(name, problems)),
    ...(flags.length === 0 ? [] : [`${to} does not set the flags of the profile: ${flags.join(', ')}`]),
    ...(listenerPath === undefined ? [] : [`${to} does not take the listenerPath of the profile`]),
  ];
}
