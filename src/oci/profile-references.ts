/**
 * Pods, and objects that make pods, name a seccomp profile; the profile itself is elsewhere.
 *
 * Source: Kubernetes 1.19 and later, `securityContext.seccompProfile` of PodSpec and Container (core/v1 SeccompProfile).
 * @module
 */
import { textIn } from './checks/check-kubernetes.ts';
import type { Node } from './document.ts';
import { memberOf } from './object-view.ts';

/** @returns for each `seccompProfile` of an object a sentence on where its profile is */
export function profileReferences(root: Node): readonly string[] {
  const found: string[] = [];
  const visit = (node: Node): void => {
    if (node.kind === 'array') for (const element of node.elements) visit(element);
    if (node.kind !== 'object') return;
    const reference = memberOf(node, 'seccompProfile')?.value;
    if (reference !== undefined) found.push(sentence(reference));
    for (const { value } of node.members) visit(value);
  };
  visit(root);
  return found;
}

function sentence(reference: Node): string {
  const path = textIn(reference, 'localhostProfile');
  switch (textIn(reference, 'type')) {
    case 'Localhost':
      return `it names a file of the nodes, ${path ?? 'without its path'} below the kubelet's seccomp directory: give that file`;
    case 'RuntimeDefault':
      return 'type RuntimeDefault is the profile of the engine: name containerd-default or crio-default';
    case 'Unconfined':
      return 'type Unconfined means no profile: nothing is filtered';
    default:
      return 'its seccompProfile has none of the types Localhost, RuntimeDefault and Unconfined';
  }
}
