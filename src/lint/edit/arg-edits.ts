/**
 * Edits of the comparisons of one rule, in place: the layout and the comments of what is already there stay.
 * @module
 */
import type { ProfileArg } from '../../oci/profile.ts';
import type { Edit } from '../engine/finding.ts';
import { findNode } from '../engine/locate-pointer.ts';
import { putAfter, putMember, putScalar, takeAway } from './item-edits.ts';
import { memberText, type Neighbours, partText } from './new-rule-text.ts';

/** Changes the comparisons of the rule that the neighbours begin with. */
export function editArgs(
  near: Neighbours,
  old: readonly ProfileArg[],
  now: readonly ProfileArg[],
): readonly Edit[] {
  const { document, first: pointer = '' } = near;
  const list = `${pointer}/args`;
  if (old.length === 0) return newArgs(near, now);
  const kept = now.slice(0, old.length);
  const further = now.slice(old.length);
  const last = `${list}/${old.length - 1}`;
  const surplus = old.flatMap((_, index) => (index < kept.length ? [] : [`${list}/${index}`]));
  return [
    ...kept.flatMap((arg, index) => editArg(near, index, old[index], arg)),
    ...further.flatMap((arg) =>
      putAfter(document, last, partText(near, `/args/${old.length - 1}`, argWritten(arg))),
    ),
    ...takeAway(document, surplus),
  ];
}

function newArgs(near: Neighbours, now: readonly ProfileArg[]): readonly Edit[] {
  if (now.length === 0) return [];
  const { document, first: pointer = '' } = near;
  const value = now.map(argWritten);
  const empty = findNode(document.root, `${pointer}/args`)?.node;
  if (empty !== undefined) return putScalar(document, `${pointer}/args`, partText(near, '/args', value));
  const rule = findNode(document.root, pointer)?.node;
  const keys = rule?.kind === 'object' ? rule.members.map(({ key }) => key) : [];
  const behind = keys.findLast((key) => ['names', 'name', 'action', 'errnoRet', 'errno'].includes(key));
  return putMember(document, `${pointer}/${behind ?? 'action'}`, memberText(near, '/args', value));
}

function editArg(
  near: Neighbours,
  at: number,
  old: ProfileArg | undefined,
  { index, op, value, valueTwo }: ProfileArg,
): readonly Edit[] {
  const { document, first = '' } = near;
  const path = `/args/${at}`;
  const pointer = `${first}${path}`;
  const put = (key: string, next: string): readonly Edit[] => putScalar(document, `${pointer}/${key}`, next);
  const second = (): readonly Edit[] => {
    if ((old?.valueTwo ?? 0n) === (valueTwo ?? 0n)) return [];
    return findNode(document.root, `${pointer}/valueTwo`) !== undefined
      ? put('valueTwo', `${valueTwo ?? 0n}`)
      : putMember(document, `${pointer}/value`, memberText(near, `${path}/valueTwo`, valueTwo));
  };
  return [
    ...(old?.index === index ? [] : put('index', `${index}`)),
    ...(old?.op === op ? [] : put('op', partText(near, `${path}/op`, op))),
    ...(old?.value === value ? [] : put('value', `${value}`)),
    ...second(),
  ];
}

/** A comparison as it stands in a profile. */
export function argWritten({ index, value, valueTwo, op }: ProfileArg): object {
  return { index, value, ...(valueTwo === undefined ? {} : { valueTwo }), op };
}
