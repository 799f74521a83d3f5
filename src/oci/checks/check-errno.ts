/**
 * Checks on errnos of rules and of the default action: numbers and, in Podman's dialect, names.
 * @module
 */
import type { ActionInfo } from '../../abi/actions.ts';
import { errnoByName } from '../../abi/errno.ts';
import { EPERM } from '../../abi/errno-constants.ts';
import { U32_MAX } from '../../abi/operators.ts';
import { enginesThat, runtimesThat } from '../../consumers.ts';
import { hasKeys, isForeign } from '../dialect-rows.ts';
import { integerOf, type ObjectView, type Text, textOf } from '../object-view.ts';
import type { FoundProblem } from '../problems.ts';
import type { Dialect } from '../profile.ts';
import { quote } from '../read-json.ts';
import { parsePodmanErrno, podmanErrnoNames } from '../resolve/podman-errno.ts';
import { actionOf, type CheckContext, didYouMean, on, onKey } from './check-context.ts';
import { checkInteger, cut } from './check-numbers.ts';

type Owner = 'profile' | 'rule';

const keys = {
  profile: { action: 'defaultAction', number: 'defaultErrnoRet', name: 'defaultErrno' },
  rule: { action: 'action', number: 'errnoRet', name: 'errno' },
} as const satisfies Record<Owner, { action: string; number: string; name: string }>;

/** Runs all checks of this file. */
export function checkErrnos(context: CheckContext): void {
  checkErrno(context.profile, 'profile', context);
  for (const rule of context.rules) checkErrno(rule, 'rule', context);
}

const U16_MAX = 0xffffn;

/**
 * The 16 bits of data an action with data gets.
 *
 * @returns `undefined` if the errno is unreadable; EPERM if the document has none, as in every runtime
 */
export function effectiveErrno(view: ObjectView, owner: Owner, dialect: Dialect): number | undefined {
  const given = givenErrno(view, owner, dialect);
  if (given === undefined) return EPERM;
  return given.value === undefined ? undefined : Number(given.value & U16_MAX);
}

/** The errno as written; Podman's key wins. `value` is `undefined` if it cannot be read. */
function givenErrno(
  view: ObjectView,
  owner: Owner,
  dialect: Dialect,
): { key: string; value: bigint | undefined } | undefined {
  const { number, name } = keys[owner];
  const text = hasKeys(dialect, 'errno names') ? textOf(view, name) : undefined;
  if (text !== undefined) {
    const nr = parseErrno(text.value, dialect);
    return { key: name, value: nr === undefined ? undefined : BigInt(nr) };
  }
  return view.fields.has(number) ? { key: number, value: integerOf(view, number) } : undefined;
}

/** Reads an errno as Podman does, and in other languages as the C library does, with the numbers that most architectures have. */
export function parseErrno(text: string, dialect: Dialect): number | undefined {
  return isForeign(dialect) ? errnoByName(text) : parsePodmanErrno(text, 'x86_64');
}

function checkErrno(view: ObjectView, owner: Owner, context: CheckContext): void {
  const { number, name, action: actionKey } = keys[owner];
  const field = view.fields.get(number);
  if (field !== undefined) checkErrnoNumber(view, number, context);
  const text = hasKeys(context.dialect, 'errno names') ? textOf(view, name) : undefined;
  if (text !== undefined && parseErrno(text.value, context.dialect) === undefined)
    context.report(unknownErrno(text, context));
  const given = givenErrno(view, owner, context.dialect);
  const action = actionOf(view, actionKey);
  if (given === undefined || action === undefined) return;
  checkData(view, given.key, given.value, action, context);
}

function unknownErrno(text: Text, { suggest }: CheckContext): FoundProblem {
  const rejectedBy = enginesThat((row) => row.readsErrnoNames);
  const finding = { code: 'unknown-errno', ...on(text), rejectedBy } as const;
  const nr = errnoByName(text.value);
  if (nr !== undefined) {
    const message = `${rejectedBy.join(' and ')} do not know the errno ${quote(text.value)}`;
    return { ...finding, message, hint: `write its number, a text: "${nr}"` };
  }
  const hint = didYouMean(suggest(text.value.toUpperCase(), podmanErrnoNames));
  return { ...finding, message: `${quote(text.value)} is not an errno`, hint };
}

/**
 * The form of the number; what it means is checked together with the action.
 *
 * runc takes 64 bits and cuts them. Above what a number holds exactly it is refused for all, as runc does from 2^64 on.
 */
function checkErrnoNumber(view: ObjectView, key: string, context: CheckContext): void {
  const value = checkInteger(view, key, 'errno-out-of-range', context);
  if (value === undefined || value <= U32_MAX) return;
  const isCut = value <= Number.MAX_SAFE_INTEGER;
  const cutting = isCut ? '; runc cuts it to 16 bits' : '';
  const { node, pointer } = view.fields.get(key) ?? view;
  context.report({
    code: 'errno-out-of-range',
    ...on({ node, pointer }),
    message: `an errno has at most 32 bits, but ${cut(String(value))} has more${cutting}`,
    ...(isCut ? { rejectedBy: runtimesThat((_, reading) => !reading.cutsLongErrno) } : {}),
  });
}

function checkData(
  view: ObjectView,
  key: string,
  value: bigint | undefined,
  action: ActionInfo,
  { report }: CheckContext,
): void {
  const field = view.fields.get(key);
  if (field === undefined) return;
  if (action.maxData === undefined) {
    const message = `${action.ociAction} takes no errno`;
    const hint = `runc and youki ignore ${quote(key)}`;
    const rejectedBy = runtimesThat((traits) => traits.errnoOnOtherActions === 'refused');
    report({ code: 'errno-not-taken', ...onKey(view, key), message, hint, rejectedBy });
    return;
  }
  if (value === undefined || value < 0n) return;
  const data = Number(value & U16_MAX);
  if (data > action.maxData) {
    const message = `libseccomp takes an errno of 0 to ${action.maxData}, not ${data}`;
    report({ code: 'errno-out-of-range', ...on(field), message });
  } else if (value > U16_MAX && value <= U32_MAX) {
    const fake = data === 0 && action.kind === 'errno' ? ': a denied call would report success' : '';
    const message = `an errno has 16 bits: ${value} becomes ${data}${fake}`;
    // Nobody refuses it, but a call that is denied reports success.
    const worse = fake === '' ? {} : ({ severity: 'error', rejectedBy: [] } as const);
    report({ code: 'errno-truncated', ...on(field), message, ...worse });
  }
}
