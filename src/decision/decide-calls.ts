/**
 * Decides calls of programs one by one if all calls together are too complex. A call that is too complex leaves only itself open.
 * @module
 */
import { allArchitectures, architectures } from '../abi/architectures.ts';
import { type DecidableProgram, decidePrograms } from './answer-call.ts';
import { fromRuns } from './condition-diagrams.ts';
import { allHold, runsOfPoints } from './decide-policy.ts';
import { FIELD_ARCH, FIELD_NR, type Field, NO_ARCH } from './diagram-variables.ts';
import { tryWithin } from './node-room.ts';
import { argumentWords, type PartialCall } from './partial-call.ts';
import { ifThenElse, leaf, type Node, type Space } from './space.ts';
import { workLeft } from './work.ts';

/** The share of the steps that is kept for joining the calls. */
const SHARE_OF_JOINING = 1 / 5;
/** The share of the other steps for deciding a whole architecture, so that enough is left for its calls. */
const SHARE_AN_ARCHITECTURE = 1 / 16;
/** The share of the steps left after that for one call, so that enough is left for the other calls. */
const SHARE_A_CALL = 1 / 4;

/**
 * Decides what programs do with some calls.
 *
 * @param programs - as {@link decidePrograms} takes them
 * @param calls - with their arguments, if these are known: they are used if the call is too complex without them
 * @returns a node of the space. Calls that are not asked for or are too complex have the outcome `undecided`, unless their whole
 *   architecture could be decided
 */
export function decideCalls(
  space: Space,
  programs: readonly DecidableProgram[],
  calls: readonly PartialCall[],
): Node {
  const open = leaf(space, { kind: 'undecided', reason: 'the program is too complex' });
  const kept = SHARE_OF_JOINING * workLeft(space.work);
  const attempt = (share: number, values: ReadonlyMap<Field, number>): Node | undefined =>
    tryWithin(space, share * Math.max(0, workLeft(space.work) - kept), () =>
      decidePrograms(space, programs, values),
    );
  const words = new Set([...allArchitectures.map(({ auditArch }) => auditArch), NO_ARCH]);
  const decidedCall = ({ nr, args }: PartialCall, ofArch: readonly (readonly [Field, number])[]): Node => {
    const ofCall = [...ofArch, [FIELD_NR, nr >>> 0] as const];
    const free = attempt(SHARE_A_CALL, new Map(ofCall));
    const given = argumentWords(args);
    if (free !== undefined || given.size === 0) return free ?? open;
    const fixed = attempt(SHARE_A_CALL, new Map([...ofCall, ...given]));
    return fixed === undefined ? open : ifThenElse(space, hasArguments(space, args), fixed, open);
  };
  const decidedArch = (word: number): Node => {
    const ofArch = [[FIELD_ARCH, word] as const];
    const whole = attempt(SHARE_AN_ARCHITECTURE, new Map(ofArch));
    if (whole !== undefined) return whole;
    const own = calls.filter(({ arch }) => architectures[arch].auditArch === word);
    const byNumber = new Map(own.map((call) => [call.nr >>> 0, call]));
    const nodeAt = (nr: number): Node => decidedCall(byNumber.get(nr) as PartialCall, ofArch);
    return fromRuns(space, FIELD_NR, runsOfPoints(byNumber.keys(), nodeAt, open));
  };
  return fromRuns(space, FIELD_ARCH, runsOfPoints(words, decidedArch, open));
}

/** The condition that a call has these arguments. */
function hasArguments(space: Space, args: PartialCall['args']): Node {
  const known = args.flatMap((value, index) =>
    value === undefined ? [] : [{ index, op: 'eq' as const, value, valueTwo: 0n }],
  );
  return allHold(space, known, 64);
}
