/**
 * Decides calls of programs one by one: those that are asked for, or all of them if they are too complex together. A call that is
 * too complex leaves only itself open.
 * @module
 */
import { allArchitectures, architectures } from '../abi/architectures.ts';
import { isFlagSet } from '../abi/flag-sets.ts';
import { type DecidableProgram, decidePrograms } from './answer-call.ts';
import { fromRuns } from './condition-diagrams.ts';
import { allHold } from './decide-policy.ts';
import { FIELD_ARCH, type Field, NO_ARCH } from './diagram-variables.ts';
import { byNumber, joinCalls, wordsOfCall } from './join-calls.ts';
import { runsOfPoints } from './join-numbers.ts';
import { tryWithin } from './node-room.ts';
import { argumentWords, type KnownCall } from './partial-call.ts';
import { ifThenElse, leaf, type Node, type Outcome, type Space } from './space.ts';
import { workLeft } from './work.ts';

/** The share of the steps that is kept for joining the calls. */
const SHARE_OF_JOINING = 1 / 5;
/** The share of the other steps for deciding a whole architecture, so that enough is left for its calls. */
const SHARE_AN_ARCHITECTURE = 1 / 16;
/** The share of the steps left after that for one call, so that enough is left for the other calls. */
const SHARE_A_CALL = 1 / 4;

/**
 * Decides what programs do with some calls, and with whole architectures if these are not too complex.
 *
 * @param programs - as {@link decidePrograms} takes them
 * @param calls - as {@link decideEachCall} takes them
 * @returns a node of the space. Calls that are not asked for or are too complex have the outcome `undecided`, unless their whole
 *   architecture could be decided
 */
export function decideCalls(
  space: Space,
  programs: readonly DecidableProgram[],
  calls: readonly KnownCall[],
): Node {
  const attempt = attempts(space, programs);
  const words = new Set([...allArchitectures.map(({ auditArch }) => auditArch), NO_ARCH]);
  const open = leaf(space, TOO_COMPLEX);
  const decidedArch = (word: number): Node => {
    const whole = attempt(SHARE_AN_ARCHITECTURE, new Map([[FIELD_ARCH, word]]));
    if (whole !== undefined) return whole;
    const own = calls.filter(({ arch }) => architectures[arch].auditArch === word);
    return byNumber(space, own, (call) => decidedCall(space, attempt, call), open);
  };
  return fromRuns(space, FIELD_ARCH, runsOfPoints(words, decidedArch, open));
}

/**
 * Decides what programs do with some calls, and with no others.
 *
 * @param calls - with their arguments, if these are known: they are used if the call is too complex without them
 * @returns a node of the space. Calls that are not asked for or are too complex have the outcome `undecided`
 */
export function decideEachCall(
  space: Space,
  programs: readonly DecidableProgram[],
  calls: readonly KnownCall[],
): Node {
  const attempt = attempts(space, programs);
  return joinCalls(space, new Map(calls.map((call) => [call, decidedCall(space, attempt, call)])));
}

type Attempt = (share: number, values: ReadonlyMap<Field, number>) => Node | undefined;

const TOO_COMPLEX: Outcome = { kind: 'undecided', reason: 'the program is too complex' };

/** Decides the calls with some values, with a share of the work that is left. `undefined`: it is too complex. */
function attempts(space: Space, programs: readonly DecidableProgram[]): Attempt {
  const kept = SHARE_OF_JOINING * workLeft(space.work);
  return (share, values) =>
    tryWithin(space, share * Math.max(0, workLeft(space.work) - kept), () =>
      decidePrograms(space, programs, values),
    );
}

function decidedCall(space: Space, attempt: Attempt, call: KnownCall): Node {
  const ofCall = wordsOfCall(call);
  const free = attempt(SHARE_A_CALL, new Map(ofCall));
  const given = argumentWords(space, call.args);
  const open = (): Node => leaf(space, TOO_COMPLEX);
  if (free !== undefined || given.size === 0) return free ?? open();
  const fixed = attempt(SHARE_A_CALL, new Map([...ofCall, ...given]));
  return fixed === undefined ? open() : ifThenElse(space, hasArguments(space, call.args), fixed, open());
}

/** The condition that a call has these arguments, as far as they are exact values. */
function hasArguments(space: Space, args: KnownCall['args']): Node {
  const known = args.flatMap((value, index) =>
    value === undefined || isFlagSet(value) ? [] : [{ index, op: 'eq' as const, value, valueTwo: 0n }],
  );
  return allHold(space, known, 64);
}
