/**
 * What a hook would do with a container that runs already, and how that differs from the filters it has. Nothing is
 * changed.
 * @module
 */
import { actions } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { BPF_RET_K, decodeProgram, encodeProgram } from '../bpf/program.ts';
import { decidePrograms } from '../decision/answer-call.ts';
import {
  type ArchDifference,
  type ChangeKind,
  findDifferences,
  type NumberRange,
} from '../decision/difference.ts';
import { createSpace } from '../decision/space.ts';
import { OciSeccompError } from '../errors.ts';
import { type ProcessFilter, readProcessFilters } from '../kernel/process-filters.ts';
import { machineArch } from '../kernel/this-machine.ts';
import { type ChoiceOptions, chooseForContainer } from './choose-profile.ts';
import { reasonOf } from './hook-log.ts';
import type { NodeContainer } from './node-containers.ts';
import { type CompileChoices, prepareFilter } from './prepare-filter.ts';
import { readBundle } from './read-bundle.ts';

/**
 * `filtered`: it would get the profile's filter; `unfiltered`: none of ours; `refused`: it would not start.
 */
type WouldBe = 'filtered' | 'unfiltered' | 'refused';

/** Names of calls, and numbers without a name; those of other architectures than this machine's with the architecture. */
export type CallChanges = Readonly<
  Record<'looser' | 'stricter' | 'different' | 'unknown', readonly string[]>
>;

export interface ExplainedContainer {
  readonly container: NodeContainer;
  readonly outcome: WouldBe;
  /** The row of a table that decides. */
  readonly row: string | undefined;
  readonly profile: string | undefined;
  /** Why it would not start. */
  readonly reason: string | undefined;
  /** What is proven of the filter, in one line. */
  readonly claim: string | undefined;
  /** Whether the engine gave it a filter of its own, which stays beside that of a createRuntime hook. */
  readonly hasOwn: boolean;
  /** The filters that it has; a text: why they cannot be read. */
  readonly running: { readonly count: number; readonly has: boolean } | string;
  /** What the profile's filter alone would do otherwise than all filters it has; `undefined`: it has it, or none is made. */
  readonly changes: CallChanges | undefined;
}

/** @throws errors that are not about the container: of this program, or of the options */
export async function explainContainer(
  container: NodeContainer,
  options: ChoiceOptions & CompileChoices,
): Promise<ExplainedContainer> {
  const { bundle, pid } = container;
  let known: Pick<ExplainedContainer, 'row' | 'profile' | 'claim' | 'hasOwn'> = {
    row: undefined,
    profile: undefined,
    claim: undefined,
    hasOwn: false,
  };
  const running = readRunning(pid);
  const count = typeof running === 'string' ? running : { count: running.length, has: false };
  try {
    const config = await readBundle(bundle);
    const annotations = container.annotations ?? config.annotations;
    const written = async () => config.annotations;
    const { source, row } = await chooseForContainer(options, { annotations, bundle, written });
    known = { ...known, row, hasOwn: config.hasSeccomp };
    const answer = { container, ...known, reason: undefined, running: count, changes: undefined };
    if (source === undefined) return { ...answer, outcome: 'unfiltered' };
    known = { ...known, profile: source.name };
    const { program, claim } = await prepareFilter(source, { bundle, annotations }, options);
    known = { ...known, claim };
    return { ...answer, ...known, outcome: 'filtered', ...compare(running, program) };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const reason = reasonOf(error);
    return { container, ...known, outcome: 'refused', reason, running: count, changes: undefined };
  }
}

function readRunning(pid: number): readonly ProcessFilter[] | string {
  try {
    return readProcessFilters(pid);
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return error.message;
  }
}

function compare(
  running: readonly ProcessFilter[] | string,
  bytes: Uint8Array,
): Pick<ExplainedContainer, 'running' | 'changes'> {
  if (typeof running === 'string') return { running, changes: undefined };
  const isSame = ({ program, endian }: ProcessFilter): boolean =>
    Buffer.compare(encodeProgram(program, endian), bytes) === 0;
  const count = running.length;
  if (running.some(isSame)) return { running: { count, has: true }, changes: undefined };
  const { endian } = architectures[machineArch()];
  const allowsAll = { program: [{ code: BPF_RET_K, jt: 0, jf: 0, k: actions.allow.word }], endian };
  const space = createSpace();
  const now = decidePrograms(space, count === 0 ? [allowsAll] : running);
  const then = decidePrograms(space, [{ program: decodeProgram(bytes, endian), endian }]);
  return { running: { count, has: false }, changes: changesOf(findDifferences(space, now, then)) };
}

const kindOf = {
  looser: 'looser',
  mixed: 'looser',
  different: 'different',
  stricter: 'stricter',
  unknown: 'unknown',
} as const satisfies Record<ChangeKind, keyof CallChanges>;

/** What programs of a machine can call in, beside its own: other calls are never made. */
const besides: Readonly<Partial<Record<ArchName, readonly ArchName[]>>> = {
  x86_64: ['x86', 'x32'],
  aarch64: ['arm'],
};

function changesOf(differences: readonly ArchDifference[]): CallChanges {
  const own = machineArch();
  const found = {
    looser: new Set<string>(),
    stricter: new Set<string>(),
    different: new Set<string>(),
    unknown: new Set<string>(),
  };
  // This machine's own calls first: a call of another architecture is told only if it is treated otherwise than here.
  const sorted = differences.toSorted((a, b) => Number(b.arch === own) - Number(a.arch === own));
  for (const { arch, changes, constants } of sorted) {
    if (arch === undefined || (arch !== own && !besides[own]?.includes(arch))) continue;
    const isWhole = constants.every((outcome) => outcome !== undefined);
    for (const { kind, numbers } of isWhole ? changes.slice(0, 1) : changes) {
      const names = found[kindOf[kind]];
      if (isWhole) names.add(`every call of ${arch}`);
      else for (const each of numbers) addName(names, each, arch, arch === own);
    }
  }
  const rank = (name: string): number => Number(name.endsWith(')'));
  // Those that a person knows by name come first.
  const list = (names: ReadonlySet<string>): readonly string[] =>
    [...names].sort().sort((a, b) => rank(a) - rank(b));
  return {
    looser: list(found.looser),
    stricter: list(found.stricter),
    different: list(found.different),
    unknown: list(found.unknown),
  };
}

function addName(names: Set<string>, { from, to, name }: NumberRange, arch: ArchName, isOwn: boolean): void {
  if (name !== undefined && names.has(name)) return;
  const what = name ?? (from === to ? `${from}` : `${from} to ${to}`);
  names.add(isOwn && name !== undefined ? name : `${what} (${arch})`);
}
