/**
 * Room for a computation in a space: it frees nodes that it made and no longer needs. So only the nodes that are needed at one
 * time count against the space's limit.
 *
 * A node is made after the nodes it leads to, so its number is larger. Only the computation knows the nodes that were made since
 * its room was opened. So they can be moved together once it says which of them it still needs.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { countStep, highOf, isLeaf, lowOf, type Node, rehash, type Space } from './space.ts';
import { askPart } from './work.ts';

/** Nodes from `base` on belong to the computation that opened the room, and to it alone. */
export interface Room {
  readonly space: Space;
  readonly base: Node;
  /** If the space has more nodes than this, it is worth looking which are needed. */
  limit: number;
}

/** About as many nodes as are made in a millisecond. Looking through them takes as long. */
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
    // For a leaf these are not nodes.
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
    // If clearing freed too little, a second try would fail too.
    if (room.space.count > ENOUGH * count) throw error;
    return make();
  }
}

/** Words of the tables that are written anew in the time of a step. */
const WORDS_A_STEP = 32;

/** Clears, and counts that as work: a full space is cleared again and again, and its tables are rewritten each time. */
export function clearAtCost({ space }: Room, clear: () => void): void {
  countStep(space, stepsOfClearing(space));
  clear();
}

function stepsOfClearing({ unique, computed }: Space): number {
  return Math.ceil((unique.length + computed.length) / WORDS_A_STEP);
}

/** Frees the nodes of a computation that was given up, if there are many. */
function giveUp(room: Room): void {
  const { space, base } = room;
  // A few nodes stay: in a space that is nearly full, clearing after each computation would take seconds.
  if (space.count - base <= (space.maxUnneeded ?? FEW)) return;
  // They are counted without a check of the limit; the next step checks it.
  space.work.steps += stepsOfClearing(space);
  clearRoom(room, []);
}

/**
 * Works with at most so many of the steps that are left. If they are not enough, it frees the nodes that it made.
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
