/**
 * Rewriting comparisons so that they look at fewer bits: as data, and as edits of the text.
 * @module
 */
import type { Comparison } from '../../abi/operators.ts';
import type { Node, ObjectNode } from '../../oci/document.ts';
import { memberOf } from '../../oci/object-view.ts';
import type { Edit, Fix } from '../engine/finding.ts';
import { findNode } from '../engine/locate-pointer.ts';
import type { LintContext } from '../engine/rule-context.ts';

/** `(argument & mask) == value` */
interface MaskedValue {
  readonly mask: bigint;
  readonly value: bigint;
}

/** So many rules replace one at most. */
const MAX_RULES = 64;

/**
 * Splits the values first..last into blocks that one masked comparison each describes.
 *
 * @param width - bits that are compared
 */
function maskedBlocks(first: bigint, last: bigint, width: number): readonly MaskedValue[] {
  const all = (1n << BigInt(width)) - 1n;
  const blocks: MaskedValue[] = [];
  let next = first;
  while (next <= last) {
    let size = 1n;
    while (next % (2n * size) === 0n && next + 2n * size - 1n <= last) size *= 2n;
    blocks.push({ mask: all & ~(size - 1n), value: next });
    next += size;
  }
  return blocks;
}

/**
 * The same condition on the lower `width` bits alone, as masked comparisons of which any suffices.
 *
 * @param last - the largest value that need be taken in
 * @returns `undefined` if the compared value does not fit, or it would take too many
 */
export function narrowComparison(
  { op, value, valueTwo }: Comparison,
  width: 16 | 32,
  last = (1n << BigInt(width)) - 1n,
): readonly MaskedValue[] | undefined {
  const all = (1n << BigInt(width)) - 1n;
  if (op === 'maskedEq') return [{ mask: value & all, value: valueTwo & value & all }];
  if (op === 'eq') return [{ mask: all, value: value & all }];
  if (value > all) return undefined;
  const below = (end: bigint): readonly MaskedValue[] => maskedBlocks(0n, end, width);
  const above = (start: bigint): readonly MaskedValue[] => maskedBlocks(start, last, width);
  const blocksOf: Record<typeof op, () => readonly MaskedValue[]> = {
    lt: () => below(value - 1n),
    le: () => below(value),
    ne: () => [...below(value - 1n), ...above(value + 1n)],
    gt: () => above(value + 1n),
    ge: () => above(value),
  };
  const blocks = blocksOf[op]();
  return blocks.length === 0 || blocks.length > MAX_RULES ? undefined : blocks;
}

/**
 * The edit that puts masked comparisons in the place of one: changed in place if it is one, else the rule is repeated
 * for each, since any of them suffices.
 *
 * @param argument - index into the rule's `args`
 * @returns `undefined` where the text is not the plain JSON that this can edit
 */
export function comparisonFix(
  context: LintContext,
  rule: number,
  argument: number,
  masks: readonly MaskedValue[],
  description: string,
): Fix | undefined {
  const { document } = context;
  if (document === undefined) return undefined;
  const pointer = context.pointerOf(rule);
  const ruleNode = findNode(document.root, pointer)?.node;
  const comparison = findNode(document.root, `${pointer}/args/${argument}`)?.node;
  if (ruleNode?.kind !== 'object' || comparison?.kind !== 'object') return undefined;
  const { text } = document;
  if (text[comparison.start.offset] !== '{' || text[ruleNode.start.offset] !== '{') return undefined;
  const rewritten = masks.map((mask) => rewriteObject(text, comparison, mask));
  const [only] = rewritten;
  if (only === undefined || rewritten.includes(undefined)) return undefined;
  if (rewritten.length === 1) return toFix(description, editOf(comparison, only));
  const before = text.slice(ruleNode.start.offset, comparison.start.offset);
  const after = text.slice(comparison.end.offset, ruleNode.end.offset);
  const space = spaceBefore(text, ruleNode.start.offset);
  const rules = rewritten.map((object) => `${before}${object}${after}`);
  return toFix(description, editOf(ruleNode, rules.join(`,${space}`)));
}

function spaceBefore(text: string, offset: number): string {
  let start = offset;
  while (start > 0 && ' \t\r\n'.includes(text.charAt(start - 1))) start--;
  return text.slice(start, offset);
}

function toFix(description: string, edit: Edit): Fix {
  return { description, changesMeaning: true, edits: [edit] };
}

function editOf({ start, end }: Node, text: string): Edit {
  return { start: start.offset, end: end.offset, text };
}

/** A comparison's text with another operator and values, laid out as it was. */
function rewriteObject(text: string, object: ObjectNode, { mask, value }: MaskedValue): string | undefined {
  const [op, first, second] = ['op', 'value', 'valueTwo'].map((key) => memberOf(object, key));
  if (op === undefined || first === undefined) return undefined;
  const edits = [editOf(op.value, '"SCMP_CMP_MASKED_EQ"')];
  if (second !== undefined) edits.push(editOf(first.value, `${mask}`), editOf(second.value, `${value}`));
  else {
    const space = spaceBefore(text, first.keyStart.offset);
    const colon = text.slice(first.keyStart.offset + '"value"'.length, first.value.start.offset);
    // An object on one line that starts with this key has no white space to copy.
    const gap = space === '' && object.members[0] === first ? ' ' : space;
    edits.push(editOf(first.value, `${mask},${gap}"valueTwo"${colon}${value}`));
  }
  let result = '';
  let next = object.start.offset;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(next, edit.start) + edit.text;
    next = edit.end;
  }
  return result + text.slice(next, object.end.offset);
}

/** Where in a rule's `args` a comparison stands. */
export function argumentIndex(context: LintContext, rule: number, comparison: Comparison): number {
  const args = context.profile.rules[rule]?.args ?? [];
  const exact = args.findIndex(
    ({ index, value, valueTwo = 0n }) =>
      index === comparison.index && value === comparison.value && valueTwo === comparison.valueTwo,
  );
  return exact >= 0 ? exact : args.findIndex(({ index }) => index === comparison.index);
}
