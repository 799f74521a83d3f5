/**
 * What a profile makes of one call, by the arguments, and whether that can be decided.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { isLeaf, type Node, outcomeAt, tooComplex } from '../../decision/space.ts';
import type { HostView } from './host-view.ts';
import { ifDecided, leaveOpen, type NamedCall } from './named-calls.ts';
import { onceAView } from './once-a-view.ts';

/** What the profile makes of a number, by the arguments. @throws OciSeccompError `ERR_UNDECIDED` */
export function callNode(view: HostView, arch: ArchName, nr: number): Node {
  const node = meaningOn(view, arch)(nr);
  if (isLeftOpen(view, node)) throw tooComplex('the rules of a call');
  return node;
}

/** As {@link callNode}; `undefined` if it cannot be decided, which is counted as left open. */
export function nodeIfDecided(view: HostView, arch: ArchName, nr: number): Node | undefined {
  const node = ifDecided(() => meaningOn(view, arch)(nr));
  // Asked for hundreds of calls: no error is made of it, which would take longer than the question.
  if (node === undefined || !isLeftOpen(view, node)) return node;
  leaveOpen();
  return undefined;
}

/** Whether it can be decided what the profile makes of a call; one for which it cannot is counted as left open. */
export function isDecided(view: HostView, { arch, nr }: Pick<NamedCall, 'arch' | 'nr'>): boolean {
  return nodeIfDecided(view, arch, nr) !== undefined;
}

function isLeftOpen({ space }: HostView, node: Node): boolean {
  return isLeaf(space, node) && outcomeAt(space, node).kind === 'undecided';
}

function meaningOn(view: HostView, arch: ArchName): (nr: number) => Node {
  const known = meaningByArch(view);
  const nodeOf = known.get(arch) ?? view.meaningOn(arch);
  known.set(arch, nodeOf);
  return nodeOf;
}

const meaningByArch = onceAView(() => new Map<ArchName, (nr: number) => Node>());
