/**
 * Walks of a document's tree, for rules about how a profile is written.
 * @module
 */
import type { Member, Node } from '../../oci/document.ts';
import { escapePointer } from '../../oci/read-json.ts';
import { findNode } from '../engine/locate-pointer.ts';
import type { LintContext } from '../engine/rule-context.ts';

/** A value of the profile's own object, and the key it stands under, if it does. */
export interface Visited {
  readonly node: Node;
  readonly member: Member | undefined;
  readonly pointer: string;
}

/** All values of the profile's own object but its strings (they are many), itself included, in document order. */
export function* valuesOf({ document, root }: LintContext): Generator<Visited> {
  const top = document === undefined ? undefined : findNode(document.root, root)?.node;
  if (top === undefined) return;
  const open: Visited[] = [{ node: top, member: undefined, pointer: root }];
  for (;;) {
    const visited = open.pop();
    if (visited === undefined) return;
    yield visited;
    open.push(...childrenOf(visited).toReversed());
  }
}

function childrenOf({ node, pointer }: Visited): readonly Visited[] {
  if (node.kind === 'array') {
    return node.elements.flatMap((each, i) =>
      each.kind === 'string' ? [] : { node: each, member: undefined, pointer: `${pointer}/${i}` },
    );
  }
  if (node.kind !== 'object') return [];
  return node.members.flatMap((member) =>
    member.value.kind === 'string'
      ? []
      : { node: member.value, member, pointer: `${pointer}/${escapePointer(member.key)}` },
  );
}
