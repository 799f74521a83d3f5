/**
 * Edits to try for a call, the smallest first. Which of them does what was asked for, a proof decides.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { ENOSYS, EPERM } from '../../abi/errno-constants.ts';
import { isFlagSet } from '../../abi/flag-sets.ts';
import { rulesOfCondition } from '../../compose/argument-rules.ts';
import type { EditedCall } from '../../compose/edited-call.ts';
import { isMultiplexer } from '../../compose/multiplexed-calls.ts';
import type { CallVerb } from '../../compose/prove-call-edit.ts';
import { swapSafeValues } from '../../compose/value-cover.ts';
import { argOf } from '../../compose/write-rules.ts';
import { createSpace } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import type { Profile, ProfileArg, ProfileRule } from '../../oci/profile.ts';
import { type ArgumentOrder, conditionOfArguments, forOrder, ordersOf } from './argument-orders.ts';
import { addName, addRule, type NewRule, replaceRules, type TextEdit } from './call-edits.ts';
import { takeOut } from './rules-left.ts';

/** The edits to try, the smallest first. @param archs - of the hosts that use the profile */
export function editCandidates(
  profile: Profile,
  call: EditedCall,
  verb: CallVerb,
  archs: readonly ArchName[],
): readonly (readonly TextEdit[])[] {
  const { syscall, masks } = call;
  const isWhole = call.args.every((value) => value === undefined);
  const orders = ordersOf(isWhole ? { ...call, args: [] } : call, isWhole ? [] : archs);
  const isAgainst = ({ action }: ProfileRule): boolean =>
    verb === 'allow' ? !MADE.has(action) : OPENING.has(action);
  const against = profile.rules.filter(
    (rule) => isAgainst(rule) && (rule.names.includes(syscall) || rule.name === syscall),
  );
  const word = verb === 'allow' ? { action: 'SCMP_ACT_ALLOW' } : denialOf(profile);
  const rules = orders.flatMap((order): readonly NewRule[] => {
    const rule = { names: [syscall], ...word, ...forOrder({}, order) };
    return isWhole ? [rule] : argsOf(order.args, masks).map((args) => ({ ...rule, args }));
  });
  const isDefault = word.action === profile.defaultAction;
  const added = isDefault ? [] : [...(isWhole ? [[addName(syscall, word)]] : []), rules.map(addRule)];
  // What is left of a rule without values under a mask cannot be said in a few rules.
  if (masks !== undefined) return added;
  const cuts = takeOut(against, syscall, orders).map((change): readonly TextEdit[] =>
    change instanceof OciSeccompError ? [refused(change)] : [replaceRules(syscall, change)],
  );
  // Rules for the calls that it carries are rules for it too, and one that answers as the default does closes nothing.
  const isCarrier = verb === 'deny' && isWhole && isMultiplexer(syscall);
  const ofCarrier =
    isCarrier && isDefault ? addRule({ names: [syscall], ...besideDefault(profile) }) : undefined;
  const shut = ofCarrier === undefined ? [] : [...cuts, []].map((cut) => [ofCarrier, ...cut]);
  const both = cuts.flatMap((cut) => added.map((each) => [...cut, ...each]));
  // A rule that says the opposite of all of the call would stand beside the new one, and do nothing.
  return isWhole && verb === 'allow' ? [...cuts, ...both, ...added] : [...added, ...cuts, ...both, ...shut];
}

/** The comparisons of the rules that match these arguments. */
function argsOf(args: ArgumentOrder['args'], masks: EditedCall['masks']): readonly (readonly ProfileArg[])[] {
  if (!args.some(isFlagSet)) {
    return [
      args.flatMap((value, index) =>
        value === undefined || isFlagSet(value) ? [] : [argFor(index, value, masks?.[index])],
      ),
    ];
  }
  const space = createSpace();
  const condition = conditionOfArguments(space, args);
  return rulesOfCondition(space, condition, condition, swapSafeValues).map((each) => each.map(argOf));
}

function argFor(index: number, value: bigint, mask: bigint | undefined): ProfileArg {
  return mask === undefined
    ? { index, value, op: 'SCMP_CMP_EQ' }
    : { index, value: mask, valueTwo: value & mask, op: 'SCMP_CMP_MASKED_EQ' };
}

/** No edit: its reason is told if no other edit is found. */
function refused(reason: OciSeccompError): TextEdit {
  return () => {
    throw reason;
  };
}

/** Calls get through. */
const MADE: ReadonlySet<string> = new Set(['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG']);

/** They do, or another process may let them through. */
export const OPENING: ReadonlySet<string> = new Set([
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
  'SCMP_ACT_TRACE',
]);

/** An error that is not the default action: ENOSYS, after which C libraries make the calls themselves, else EPERM. */
function besideDefault({
  defaultAction,
  defaultErrnoRet,
  defaultErrno,
}: Profile): Pick<NewRule, 'action' | 'errnoRet'> {
  const isTaken =
    defaultAction === 'SCMP_ACT_ERRNO' && (defaultErrnoRet === ENOSYS || defaultErrno === 'ENOSYS');
  return { action: 'SCMP_ACT_ERRNO', errnoRet: isTaken ? EPERM : ENOSYS };
}

/** As the profile denies: by its default action, else as its rules do. */
function denialOf({ defaultAction, rules }: Profile): Pick<NewRule, 'action' | 'errnoRet'> {
  if (defaultAction !== undefined && !OPENING.has(defaultAction)) return { action: defaultAction };
  const own = rules.find(({ action, args = [] }) => !OPENING.has(action) && args.length === 0);
  if (own === undefined) return { action: 'SCMP_ACT_ERRNO' };
  const { action, errnoRet } = own;
  return { action, ...(errnoRet === undefined ? {} : { errnoRet }) };
}
