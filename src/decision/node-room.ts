/**
 * Room for a computation in a space: nodes that it made and no longer needs are given back, so that only those which are
 * needed at one time count against the space's limit.
 *
 * Nodes are made after the nodes they lead to, and so have larger numbers. What is made since a room was opened is known
 * to nobody but the computation; it can be moved together when the computation says which nodes it still needs.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { countStep, highOf, isLeaf, lowOf, type Node, rehash, type Space } from './space.ts';
import { askPart } from './work.ts';

/** Nodes from `base` on belong to the computation that opened the room, and to it alone. */
export interface Room {
  readonly space: Space;
  readonly base: Node;
  /** More nodes in the space than these are worth a look at which are needed. */
  limit: number;
}

/** So many nodes are made in a millisecond. Looking through them takes as long. */
const FEW = 1 << 16;

export function openRoom(space: Space): Room {
  const room = { space, base: space.count, limit: 0 };
  setLimit(room);
  return room;
}

function setLimit(room: Room): void {
  const { count, maxNodes, maxUnneeded = count + FEW } = room.space;
  room.limit = Math.min(count + maxUnneeded, Math.ceil((count + maxNodes) / 2));
}

const ENOUGH = 0.75;

/** Whether enough was made to look which nodes are still needed. */
export function isFull({ space, limit }: Room): boolean {
  return space.count > limit;
}

/**
 * Gives back every node of the room that the needed ones do not lead to.
 *
 * @param needed - all nodes that the computation still needs; all other nodes are freed
 * @returns what the needed ones are now, in their order
 */
export function clearRoom(room: Room, needed: readonly Node[]): readonly Node[] {
  const { space, base } = room;
  const { level, low, high, count } = space;
  const isNeeded = new Uint8Array(count - base);
  const need = (node: Node): void => {
    if (node >= base) isNeeded[node - base] = 1;
  };
  for (const node of needed) need(node);
  for (const node of space.leaves.values()) need(node);
  for (let node = count - 1; node >= base; node--) {
    if (isNeeded[node - base] === 0 || isLeaf(space, node)) continue;
    need(lowOf(space, node));
    need(highOf(space, node));
  }
  const places = new Int32Array(count - base);
  const placeOf = (node: Node): Node => (node < base ? node : (places[node - base] ?? node));
  let next = base;
  for (let node = base; node < count; node++) {
    if (isNeeded[node - base] === 0) continue;
    const leaf = isLeaf(space, node);
    // Of a leaf these are no nodes.
    const [a, b] = [lowOf(space, node), highOf(space, node)];
    level[next] = level[node] ?? 0;
    low[next] = leaf ? a : placeOf(a);
    high[next] = leaf ? b : placeOf(b);
    places[node - base] = next++;
  }
  space.count = next;
  for (const [key, node] of space.leaves) space.leaves.set(key, placeOf(node));
  rehash(space);
  setLimit(room);
  return needed.map(placeOf);
}

/**
 * Makes a diagram; if the space is full, it frees unneeded nodes and tries once more.
 *
 * @param clear - calls {@link clearRoom} with what the computation needs
 */
export function makeWithRoom(room: Room, make: () => Node, clear: () => void): Node {
  if (isFull(room)) clearAtCost(room, clear);
  const { count } = room.space;
  try {
    return make();
  } catch (error) {
    const isOutOfNodes = error instanceof OciSeccompError && error.details.reason === 'too many nodes';
    if (!isOutOfNodes) throw error;
    clearAtCost(room, clear);
    // Little room more would not be enough either.
    if (room.space.count > ENOUGH * count) throw error;
    return make();
  }
}

/** Words of the tables that are written anew in the time of a step. */
const WORDS_A_STEP = 32;

/** A full space is cleared again and again, and each time its tables are written anew: that is work too. */
export function clearAtCost({ space }: Room, clear: () => void): void {
  countStep(space, stepsOfClearing(space));
  clear();
}

function stepsOfClearing({ unique, computed }: Space): number {
  return Math.ceil((unique.length + computed.length) / WORDS_A_STEP);
}

/** Gives back what a computation made that was given up, if that is much. */
export function giveUp(room: Room): void {
  const { space, base } = room;
  // In a space that is nearly full a few are soon too many, and clearing it for each computation takes seconds.
  if (space.count - base <= (space.maxUnneeded ?? FEW)) return;
  // These steps are counted, so the next work notices that they are gone.
  space.work.steps += stepsOfClearing(space);
  clearRoom(room, []);
}

/**
 * Works with so many steps of those that are left; if they are not enough, it gives back the nodes that were made.
 *
 * @returns `undefined`: it is too complex
 */
export function tryWithin<Result>(space: Space, most: number, make: () => Result): Result | undefined {
  const room = openRoom(space);
  try {
    return askPart(space.work, most, make);
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_UNDECIDED') throw error;
    giveUp(room);
    return undefined;
  }
}

/** Does work that leaves no node: the nodes it made are freed if there are many. */
export function inPassing<Result>(space: Space, work: () => Result): Result {
  const room = openRoom(space);
  const result = work();
  if (space.count - room.base > (space.maxUnneeded ?? FEW)) clearRoom(room, []);
  return result;
}
