/**
 * The policy that callers hand to the builtin compiler: it is checked wholly, and copied.
 * @module
 */
import { isMap } from '../../abi/other-realms.ts';
import { record, takeOptions } from '../../abi/take-options.ts';
import { maybe, type Shape, text as shapeOfText, takerFor, wrongMember } from '../../abi/value-shape.ts';
import { program as shapeOfProgram } from '../../bpf/program-shape.ts';
import type { SpaceOptions } from '../../decision/space.ts';
import type { ArchPolicy } from '../../policy/expand-policy.ts';
import type { Policy } from '../../policy/policy.ts';
import { rulesOf, policy as shapeOfPolicy } from '../../policy/policy-shape.ts';
import { type BuiltProgram, buildProgram as uncheckedBuildProgram } from './build-program.ts';
import { type CallCounts, readCallCounts as uncheckedReadCallCounts } from './read-call-counts.ts';

const callCounts: Shape<CallCounts> = (value, reading) => {
  const counts: readonly (readonly unknown[])[] = isMap(value) ? [...value] : [[]];
  const areCounts = counts.every(
    ([name, count]) => typeof name === 'string' && Number.isFinite(count) && (count as number) >= 0,
  );
  if (areCounts) return new Map(counts as readonly (readonly [string, number])[]);
  throw wrongMember(reading, 'a Map of names of system calls to numbers from 0 on', value);
};

/**
 * Builds a program that does what a policy says, runc's stub included: it is part of the meaning.
 *
 * @param expanded - the policy's rules by architecture, from `expandPolicy`
 * @param counts - how often calls come, by name; default: a mix of workloads that was measured
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_UNDECIDED` if
 *   the policy is too complex to decide
 */
export function buildProgram(
  policy: Policy,
  expanded: readonly ArchPolicy[],
  counts?: CallCounts,
  options: Pick<SpaceOptions, 'work'> = {},
): BuiltProgram {
  const take = takerFor('buildProgram');
  const whole = take('policy', shapeOfPolicy, policy);
  const made = uncheckedBuildProgram(
    whole,
    take('expanded', rulesOf(whole), expanded),
    take('counts', maybe(callCounts), counts),
    takeOptions('buildProgram', options, { work: record }),
  );
  shapeOfProgram.freeze(made.program);
  return made;
}

/**
 * Reads how often calls come, as people measure it: the table that `strace -c` prints, or a name and a count a line. Calls that stand
 * there more than once, as in the tables of several runs one after the other, are added up. Names of no call are passed over: strace
 * prints some.
 *
 * @param name - the file's, for messages
 * @throws OciSeccompError `ERR_USAGE` for a line that is neither, for a text without calls, for counts that are too large to
 *   be added up, and for a value that the types refuse (`details.key`: where it is)
 */
export function readCallCounts(text: string, name: string): CallCounts {
  const take = takerFor('readCallCounts');
  return uncheckedReadCallCounts(take('text', shapeOfText, text), take('name', shapeOfText, name));
}
