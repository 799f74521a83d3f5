/**
 * Walks of a document's tree, for rules about how a profile is written.
 * @module
 */
import type { Member, Node } from '../../oci/document.ts';
import { escapePointer } from '../../oci/read-json.ts';
import { recentAnswers } from '../../recent-answers.ts';
import { findNode } from '../engine/locate-pointer.ts';
import type { LintContext } from '../engine/rule-context.ts';

/** A value of the profile's own object, and the key it stands under, if it does. */
interface Visited {
  readonly node: Node;
  readonly member: Member | undefined;
  readonly pointer: string;
}

/**
 * All values of the profile's own object, itself included, in document order. Strings are left out, because there are many.
 * The values are gathered once, because several rules look at them.
 */
export function valuesOf({ document, root }: LintContext): readonly Visited[] {
  const top = document === undefined ? undefined : findNode(document.root, root)?.node;
  if (top === undefined) return [];
  return gathered(top, root);
}

const gathered = recentAnswers(1, gather);

function gather(top: Node, root: string): readonly Visited[] {
  const values: Visited[] = [];
  const open: Visited[] = [{ node: top, member: undefined, pointer: root }];
  for (let visited = open.pop(); visited !== undefined; visited = open.pop()) {
    values.push(visited);
    addChildren(open, visited);
  }
  return values;
}

/** Adds the last child first, because the list is read from its end. */
function addChildren(open: Visited[], { node, pointer }: Visited): void {
  if (node.kind === 'array') {
    for (let i = node.elements.length - 1; i >= 0; i -= 1) {
      const each = node.elements[i];
      if (each === undefined || each.kind === 'string') continue;
      open.push({ node: each, member: undefined, pointer: `${pointer}/${i}` });
    }
  }
  if (node.kind !== 'object') return;
  for (let i = node.members.length - 1; i >= 0; i -= 1) {
    const member = node.members[i];
    if (member === undefined || member.value.kind === 'string') continue;
    open.push({ node: member.value, member, pointer: `${pointer}/${escapePointer(member.key)}` });
  }
}
