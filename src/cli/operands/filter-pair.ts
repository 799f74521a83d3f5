/**
 * The two filters of a comparison.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { OciSeccompError } from '../../errors.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import type { MeaningOptions, OtherOptions } from '../define/shared-options.ts';
import type { Sides } from '../render/render-diff.ts';
import { type Filtered, filterOf, readSubject } from './filter-operand.ts';
import { requireUses } from './host-options.ts';

/**
 * Reads two operands, the second with the options that say what is other there; without a second operand it is the
 * first one under those options.
 *
 * @throws OciSeccompError `ERR_USAGE` if there is nothing to compare
 */
export async function loadPair(
  [first, given]: readonly string[],
  options: MeaningOptions & OtherOptions,
): Promise<readonly [Filtered, Filtered]> {
  const other = otherOptions(options);
  if (first === undefined || (given === undefined && Object.keys(other).length === 0)) throw noPair();
  const second = given ?? first;
  if (first === '-' && second === '-') {
    throw new OciSeccompError('ERR_USAGE', 'only one of the two can be standard input');
  }
  const reading = secondReading(options, other);
  const one = await readSubject(first, options, { shared: '--object' });
  const two = await readSubject(second, reading, { shared: '--other-object' });
  await requireUses(options, [one, two]);
  if (Object.keys(other).length > 0) {
    const { refuseUnusedOptions } = await import('../define/option-uses.ts');
    refuseUnusedOptions(options, [two], { prefix: 'other-' });
  }
  return [await filterOf(one, options), await filterOf(two, reading)];
}

/** A library and the name of a release both say which names are known: what is other for the second takes the place of both. */
function secondReading(options: MeaningOptions, other: Partial<MeaningOptions>): MeaningOptions {
  if (other.library === undefined && other.table === undefined) return { ...options, ...other };
  const { library: _library, table: _table, ...rest } = options;
  return { ...rest, ...other };
}

function noPair(): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', 'there is nothing to compare: give two filters', {
    hint: 'or one profile and what is other for the second, for instance --other-runtime crun',
  });
}

function otherOptions(options: OtherOptions): Partial<MeaningOptions> {
  const {
    otherDialect,
    otherEngine,
    otherObject,
    otherArch,
    otherKernel,
    otherCaps,
    otherCap,
    otherRuntime,
    otherLibrary,
    otherTable,
  } = options;
  return {
    ...(otherDialect === undefined ? {} : { dialect: otherDialect }),
    ...(otherEngine === undefined ? {} : { engine: otherEngine }),
    ...(otherObject === undefined ? {} : { object: otherObject }),
    ...(otherArch === undefined ? {} : { arch: otherArch }),
    ...(otherKernel === undefined ? {} : { kernel: otherKernel }),
    ...(otherCaps === undefined ? {} : { caps: otherCaps }),
    ...(otherCap === undefined ? {} : { cap: otherCap }),
    ...(otherRuntime === undefined ? {} : { runtime: otherRuntime }),
    ...(otherLibrary === undefined ? {} : { library: otherLibrary }),
    ...(otherTable === undefined ? {} : { table: otherTable }),
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
