/**
 * A diagram of one space in another one.
 * @module
 */
import {
  countStep,
  highOf,
  isLeaf,
  leaf,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  outcomeAt,
  type Space,
} from './space.ts';

/**
 * Copies a diagram, so that it can be compared with those of another space. That takes a step a node: much less than to decide
 * anew.
 *
 * @param space - one with the same order of arguments
 * @returns the node of `space` that means what `root` means in `from`
 * @throws OciSeccompError `ERR_UNDECIDED` if the other space has no room for it
 */
export function copyDiagram(from: Space, root: Node, space: Space): Node {
  if (`${from.order}` !== `${space.order}`) throw new RangeError('another order of arguments');
  const copies = new Int32Array(from.count).fill(-1);
  const copy = (node: Node): Node => {
    const known = copies[node] ?? -1;
    if (known >= 0) return known;
    countStep(space);
    const made = isLeaf(from, node)
      ? leaf(space, outcomeAt(from, node))
      : makeNode(space, levelAt(from, node), copy(lowOf(from, node)), copy(highOf(from, node)));
    copies[node] = made;
    return made;
  };
  return copy(root);
}
