/**
 * What the page holds: a profile, how it was read, what was proven and found, and what the first look shows. Plain values:
 * they travel as JSON.
 * @module
 */
import type { ArchName, Endian } from '../abi/architectures.ts';
import { visibleJson } from '../abi/visible-json.ts';
import type { Program } from '../bpf/program.ts';
import { createSpace, type Node, type Space } from '../decision/space.ts';
import { askWithin, createWork, type Work, workLeft } from '../decision/work.ts';
import { OciSeccompError } from '../errors.ts';
import { builtinProfiles } from '../oci/builtin/index.ts';
import type { Dialect } from '../oci/profile.ts';
import { type ArchCells, cellsOf, undecidedCells } from './call-cells.ts';
import { type Judged, judgeProfile } from './judge-profile.ts';
import type { NamedProfile, ReportReading } from './reading.ts';
import { type Counts, countCells } from './sum-up.ts';
import { type TableFacts, tableOfFacts } from './table-facts.ts';
import { type Weighing, weighProfiles } from './weigh-profiles.ts';

/** What is proven of the filter that was compiled, and what that rests on. */
export interface ReportClaim {
  /** `decided`: no filter was compiled, and the meaning of the profile was decided. */
  readonly status: 'proven' | 'unproven' | 'decided';
  /** One sentence. */
  readonly text: string;
  /** Hashes, versions, host: a row each. */
  readonly rows: Readonly<Record<string, string>>;
}

/** A program, and who made it: `libseccomp 2.5.4`. */
export interface CompiledProgram {
  readonly compiler: string;
  readonly program: Program;
  readonly endian: Endian;
}

/** What lint found, with its place in the text. */
export interface ReportFinding {
  readonly rule: string;
  readonly level: 'error' | 'warn' | 'note';
  readonly message: string;
  readonly hint?: string;
  /** Its places, the first one first; each line once. */
  readonly lines: readonly number[];
  /** Calls that show it, a few. */
  readonly witnesses: readonly string[];
  /** At how many places a call gets through although the profile reads as if it did not. */
  readonly holes: number;
}

/** A comparison with another profile. If it could not be made, `failure` says why. */
export interface Standing {
  readonly name: string;
  readonly weighing?: Weighing;
  readonly failure?: string;
  /** It failed because it is too complex. */
  readonly isUndecided?: true;
}

/** What one reading shows. */
export interface ReportView {
  readonly cells: readonly ArchCells[];
  readonly counts: Counts;
  /** Rules that decide nothing here, and why; indexes into `Profile.rules`. */
  readonly dead: readonly { readonly rule: number; readonly why: string }[];
  readonly startLacks: readonly string[];
  /** How the profile stands to the defaults of engines. */
  readonly strip: readonly Standing[];
  readonly against?: Standing;
  /** What was too complex to decide; each completes "it was not decided …". */
  readonly undecided: readonly string[];
}

/** The page's data. */
export interface ReportData {
  /** `oci-seccomp 0.2.0` */
  readonly generator: string;
  readonly profile: NamedProfile & {
    readonly dialect: Dialect;
    /** As it was read; of a built-in as it would be written. */
    readonly text: string;
    /** The line of each rule in the text; `null`: it comes from another file. */
    readonly lines: readonly (number | null)[];
  };
  readonly reading: ReportReading;
  readonly table: TableFacts;
  readonly claim: ReportClaim;
  /** The program, if it does not do what the profile says. It answers about calls in the report's own reading. */
  readonly compiled?: CompiledProgram;
  readonly findings: readonly ReportFinding[];
  readonly view: ReportView;
  /** The profile of `--against`. */
  readonly against?: NamedProfile;
}

/** What {@link viewOf} looks at. */
interface ViewInput extends Pick<ReportData, 'reading' | 'table' | 'findings'> {
  readonly profile: NamedProfile;
  readonly against?: NamedProfile | undefined;
  /** The profile in this reading, where it has been judged already. */
  readonly judged?: Judged;
  /** The account of steps for all of it, if the profile has not been judged; absent: one for this look. */
  readonly work?: Work;
  /** What the compiled program does, which decides where rules contradict each other; absent: what the profile means. */
  readonly answers?: { readonly space: Space; readonly root: Node } | undefined;
}

/** The defaults that every profile is compared with. */
const yardsticks = ['docker-default', 'podman-default'] as const;

/**
 * Looks at a profile in one reading.
 *
 * @throws OciSeccompError as `judgeProfile`
 */
export function viewOf(input: ViewInput): ReportView {
  const { profile, reading, findings, against } = input;
  const table = tableOfFacts(input.table);
  const space = createSpace({ work: input.work ?? createWork(STEPS_A_LOOK) });
  const judged = input.judged ?? judgeProfile(space, profile, reading, table);
  const lacks = new Set(input.table.lacks);
  const answers = input.answers ?? judged;
  const cells = judged.architectures.map((arch) => cellsIfDecided(answers, arch, lacks));
  const [native] = cells;
  if (native === undefined) throw new RangeError('a filter has an architecture');
  const weigh = (other: NamedProfile): Standing => standing(judged, other, input);
  const strip = yardsticks
    .filter((name) => name !== profile.name && name !== against?.name)
    .map((name) => weigh({ name, profile: builtinProfiles[name]() }));
  const beside = against === undefined ? undefined : weigh(against);
  return {
    cells,
    counts: countCells(
      native,
      findings.reduce((sum, { holes }) => sum + holes, 0),
    ),
    dead: deadRules(judged),
    startLacks: judged.startLacks,
    strip,
    ...(beside === undefined ? {} : { against: beside }),
    undecided: undecidedOf(cells, beside === undefined ? strip : [beside, ...strip]),
  };
}

/** Steps for one look at a profile, comparisons included: about one second. */
export const STEPS_A_LOOK = 5_000_000;
/** Share of the work that is left, for each comparison, so that the first one leaves enough for the others. */
const SHARE_OF_COMPARISON = 0.4;

function cellsIfDecided(
  { space, root }: Pick<Judged, 'space' | 'root'>,
  arch: ArchName,
  lacks: ReadonlySet<string>,
): ArchCells {
  try {
    return cellsOf(space, root, arch, lacks);
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return undecidedCells(arch);
  }
}

/** Names that are listed before the rest is counted. */
const FEW_NAMES = 8;

function undecidedOf(cells: readonly ArchCells[], standings: readonly Standing[]): readonly string[] {
  const calls = cells.flatMap(({ arch, cells: all }) => {
    const names = all.filter(({ kind }) => kind === 'undecided').map(({ syscall }) => syscall);
    const more = names.length > FEW_NAMES ? ` and ${names.length - FEW_NAMES} more` : '';
    return names.length === 0
      ? []
      : [`what becomes of ${names.slice(0, FEW_NAMES).join(', ')}${more} on ${arch}`];
  });
  const others = standings.filter(({ isUndecided }) => isUndecided === true);
  return [...calls, ...others.map(({ name }) => `how the profile stands to ${name}`)];
}

/** How a profile stands to another one that is read in the same way, by the engine that reads its own dialect. */
function standing(
  judged: Judged,
  other: NamedProfile,
  { reading, profile, table }: Pick<ViewInput, 'reading' | 'profile' | 'table'>,
): Standing {
  const { space, root, architectures } = judged;
  const { engine, ...rest } = reading;
  const isSame = other.profile.dialect === profile.profile.dialect;
  const theirReading = isSame && engine !== undefined ? reading : rest;
  const { work } = space;
  try {
    return askWithin(work, SHARE_OF_COMPARISON * workLeft(work), () => {
      const theirs = judgeProfile(space, other, theirReading, tableOfFacts(table));
      const both = [...new Set([...architectures, ...theirs.architectures])];
      return { name: other.name, weighing: weighProfiles(space, theirs.root, root, both) };
    });
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const isUndecided = error.code === 'ERR_UNDECIDED';
    return { name: other.name, failure: error.message, ...(isUndecided ? { isUndecided } : {}) };
  }
}

function deadRules({ account }: Judged): ReportView['dead'] {
  const { dropped, sameAsDefault, unknown, nameless } = account;
  const because = (rules: readonly number[], why: string) => rules.map((rule) => ({ rule, why }));
  return [
    ...dropped.map(({ rule, why }) => ({ rule, why: `not for this host: ${why}` })),
    ...because(sameAsDefault, 'its action is the default action'),
    ...because(unknown, 'the library knows none of its names'),
    ...because(nameless, 'no architecture of the filter has its calls'),
  ].sort((a, b) => a.rule - b.rule);
}

/** A key that no profile has: integers of 64 bits are written under it. */
const BIG = '$big';

/** The data as JSON that can stand in a script element, and on a terminal: no `<` in it, and nothing that turns the direction of reading. */
export function writeData(data: ReportData): string {
  const text = JSON.stringify(data, (_, value: unknown) =>
    typeof value === 'bigint' ? { [BIG]: String(value) } : value,
  );
  return visibleJson(text.replaceAll('<', '\\u003c'));
}

/** Reads what {@link writeData} wrote. */
export function readData(text: string): ReportData {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, BIG)) return value;
    const digits = (value as Readonly<Record<string, unknown>>)[BIG];
    return typeof digits === 'string' && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
  }) as ReportData;
}
