/**
 * What a profile makes of one call, by the arguments, and whether that can be decided.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { FIELD_ARCH, FIELD_NR } from '../../decision/diagram-variables.ts';
import { isLeaf, type Node, outcomeAt, tooComplex } from '../../decision/space.ts';
import { restrict } from '../../decision/witness.ts';
import type { HostView } from './host-view.ts';
import { ifDecided, leaveOpen, type NamedCall } from './named-calls.ts';
import { onceAView } from './once-a-view.ts';

/** What the profile makes of a number, by the arguments. @throws OciSeccompError `ERR_UNDECIDED` */
export function callNode(view: HostView, arch: ArchName, nr: number): Node {
  const node = nodeOfNumber(view, arch, nr);
  if (isLeftOpen(view, node)) throw tooComplex('the rules of a call');
  return node;
}

function nodeOfNumber(view: HostView, arch: ArchName, nr: number): Node {
  const known = nodesByArch(view);
  let ofArch = known.get(arch);
  if (ofArch === undefined) {
    const root = restrict(view.space, view.meaningByCall(), FIELD_ARCH, architectures[arch].auditArch);
    ofArch = { root, byNumber: new Map() };
    known.set(arch, ofArch);
  }
  let node = ofArch.byNumber.get(nr);
  if (node === undefined) {
    node = restrict(view.space, ofArch.root, FIELD_NR, nr);
    ofArch.byNumber.set(nr, node);
  }
  return node;
}

function isLeftOpen({ space }: HostView, node: Node): boolean {
  return isLeaf(space, node) && outcomeAt(space, node).kind === 'undecided';
}

/** Whether it can be decided what the profile makes of a call; one for which it cannot is counted as left open. */
export function isDecided(view: HostView, { arch, nr }: Pick<NamedCall, 'arch' | 'nr'>): boolean {
  const node = ifDecided(() => nodeOfNumber(view, arch, nr));
  // Asked for each comparison: no error is made of it, which would take longer than the question.
  if (node !== undefined && isLeftOpen(view, node)) leaveOpen();
  return node !== undefined && !isLeftOpen(view, node);
}

/** What the profile makes of an architecture, and of its numbers that were asked about. */
const nodesByArch = onceAView(
  () => new Map<ArchName, { readonly root: Node; readonly byNumber: Map<number, Node> }>(),
);
