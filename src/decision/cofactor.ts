/**
 * What remains of a diagram when some bits of a word are known. The word may be at any place in the order.
 * @module
 */
import { type Field, firstLevel, WORD_BITS } from './diagram-variables.ts';
import { countStep, highOf, levelAt, lowOf, makeNode, type Node, type Space } from './space.ts';

/**
 * Fixes bits of a word.
 *
 * @param mask - the bits to fix, u32
 * @param value - what they are; bits outside the mask do not count
 * @returns a diagram that does not ask these bits
 * @throws OciSeccompError `ERR_UNDECIDED` if that takes more than the space allows
 */
export function withBits(space: Space, root: Node, field: Field, mask: number, value: number): Node {
  const first = firstLevel(field);
  const end = first + WORD_BITS;
  const done = new Map<Node, Node>();
  const walk = (node: Node): Node => {
    const level = levelAt(space, node);
    if (level >= end) return node;
    const known = done.get(node);
    if (known !== undefined) return known;
    countStep(space);
    const bit = end - 1 - level;
    let result: Node;
    if (level < first || ((mask >>> bit) & 1) === 0) {
      result = makeNode(space, level, walk(lowOf(space, node)), walk(highOf(space, node)));
    } else {
      result = walk(((value >>> bit) & 1) === 1 ? highOf(space, node) : lowOf(space, node));
    }
    done.set(node, result);
    return result;
  };
  return walk(root);
}
