/**
 * `oci-seccomp diff`: what one filter does otherwise than another, exactly.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import type { CapabilitySet } from '../../abi/capabilities.ts';
import { decidePrograms } from '../../decision/answer.ts';
import { type CompanyDifference, findCompanyDifference } from '../../decision/company.ts';
import { type ArchDifference, findDifferences, withRelations } from '../../decision/difference.ts';
import { formatCompany } from '../../decision/format.ts';
import { relations } from '../../decision/relate.ts';
import { createSpace } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import type { Engine } from '../../oci/consumers.ts';
import type { Dialect } from '../../oci/profile.ts';
import { answer, type Ending } from '../exit-code.ts';
import { type Filtered, filterOf, type ReadingOptions, readSubject } from '../operands/filter-operand.ts';
import { type Basis, basisJson, renderBasis } from '../render/answer-basis.ts';
import { companyJson, differencesJson, printJson } from '../render/json-meaning.ts';
import { arrange, renderDifferences, type Sides, summarize } from '../render/render-diff.ts';
import { renderBasisMarkdown, renderMarkdown } from '../render/render-diff-markdown.ts';
import { writeStdout } from '../streams.ts';

/** The second operand's options, where they differ from the first's. */
export interface OtherOptions {
  readonly otherDialect?: Dialect;
  readonly otherEngine?: Engine;
  readonly otherArch?: string;
  readonly otherKernel?: string;
  readonly otherCaps?: CapabilitySet;
  readonly otherCap?: readonly string[];
  readonly otherRuntime?: string;
  readonly otherLibrary?: string;
}

export interface DiffCommandOptions extends ReadingOptions, OtherOptions {
  readonly failOn: 'looser' | 'stricter' | 'any';
  readonly format: 'human' | 'json' | 'markdown';
  readonly verbose?: boolean;
}

export async function runDiff(operands: readonly string[], options: DiffCommandOptions): Promise<Ending> {
  const [first, second] = await loadPair(operands, options);
  const space = createSpace();
  const [a, b] = [decidePrograms(space, first.programs), decidePrograms(space, second.programs)];
  const differences = findDifferences(space, a, b);
  const arranged = arrange(differences, preferredOf([first, second]));
  const sides = namesOf(first, second);
  const company = findCompanyDifference(space, a, b, relations, preferredOf([first, second]));
  writeStdout(
    formats[options.format](
      options.format === 'json' ? differences : arranged,
      { ...sides, company, bases: [first.basis, second.basis] },
      options,
    ),
  );
  // What cannot be decided may be anything.
  const counted = {
    any: differences,
    looser: withRelations(differences, ['looser', 'unknown']),
    stricter: withRelations(differences, ['stricter', 'unknown']),
  };
  return answer(counted[options.failOn].length === 0);
}

/** The two, and how another filter can tell them apart. */
interface Compared extends Sides {
  readonly company: CompanyDifference | undefined;
  readonly bases: readonly Basis[];
}

const formats = {
  human: (differences, sides, { verbose = false }) =>
    `${summarize(differences, sides)}\n${renderDifferences(differences, sides, { verbose })}${companyText(sides)}${renderBasis(sides.bases)}`,
  json: (differences, sides) =>
    printJson({
      ...differencesJson(differences, sides),
      besideAnotherFilter: companyJson(sides.company),
      restsOn: sides.bases.map(basisJson),
    }),
  markdown: (differences, sides) =>
    `${renderMarkdown(differences, sides)}${companyText(sides, '\n', INDENTED_CODE)}${renderBasisMarkdown(sides.bases)}`,
} as const satisfies Record<
  DiffCommandOptions['format'],
  (differences: readonly ArchDifference[], sides: Compared, options: DiffCommandOptions) => string
>;

/** Markdown takes lines so far in as they are. */
const INDENTED_CODE = '    ';

function companyText(sides: Compared, before = '', indent = ''): string {
  if (sides.company === undefined) return '';
  const lines = formatCompany(sides.company, sides).map((line) => `${indent}${line}\n`);
  return `${before}${lines.join('')}`;
}

/**
 * Reads two operands, the second with the options that say what is other there; without a second operand it is the
 * first one under those options.
 *
 * @throws OciSeccompError `ERR_USAGE` if there is nothing to compare
 */
export async function loadPair(
  [first, given]: readonly string[],
  options: ReadingOptions & OtherOptions,
): Promise<readonly [Filtered, Filtered]> {
  const other = otherOptions(options);
  if (first === undefined || (given === undefined && Object.keys(other).length === 0)) throw noPair();
  const second = given ?? first;
  if (first === '-' && second === '-') {
    throw new OciSeccompError('ERR_USAGE', 'only one of the two can be standard input');
  }
  const reading: ReadingOptions = { ...options, ...other };
  const a = await filterOf(await readSubject(first, options), options);
  const b = await filterOf(await readSubject(second, reading), reading);
  return [a, b];
}

function noPair(): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', 'there is nothing to compare: give two filters', {
    hint: 'or one profile and what is other for the second, for instance --other-runtime crun',
  });
}

function otherOptions(options: OtherOptions): Partial<ReadingOptions> {
  const {
    otherDialect,
    otherEngine,
    otherArch,
    otherKernel,
    otherCaps,
    otherCap,
    otherRuntime,
    otherLibrary,
  } = options;
  return {
    ...(otherDialect === undefined ? {} : { dialect: otherDialect }),
    ...(otherEngine === undefined ? {} : { engine: otherEngine }),
    ...(otherArch === undefined ? {} : { arch: otherArch }),
    ...(otherKernel === undefined ? {} : { kernel: otherKernel }),
    ...(otherCaps === undefined ? {} : { caps: otherCaps }),
    ...(otherCap === undefined ? {} : { cap: otherCap }),
    ...(otherRuntime === undefined ? {} : { runtime: otherRuntime }),
    ...(otherLibrary === undefined ? {} : { library: otherLibrary }),
  };
}

/** What to call the two; where the name does not tell them apart, with what is other. */
export function namesOf(first: Filtered, second: Filtered): Sides {
  const full = (own: Filtered, other: Filtered): string => {
    const different = own.circumstances.filter((each) => !other.circumstances.includes(each));
    return own.name === other.name && different.length > 0
      ? `${own.name} (${different.join(', ')})`
      : own.name;
  };
  return { first: full(first, second), second: full(second, first) };
}

/** The architectures of two filters, the native one first. */
export function preferredOf(filters: readonly Filtered[]): readonly ArchName[] {
  return [...filters.flatMap(({ work }) => work?.lowered.policy.architectures ?? []), machineArch()];
}
