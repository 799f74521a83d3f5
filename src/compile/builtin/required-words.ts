/**
 * Words of which one value matters: with any other value, the answer is decided. An example is the upper half of an argument
 * that is compared with small numbers.
 *
 * A diagram asks its words in one order. Where a word behind many values of another one has to have the same value for
 * all of them, it is better asked once, before them.
 * @module
 */
import { type Field, firstLevel, WORD_BITS } from '../../decision/diagram-variables.ts';
import { commonKnown, type KnownBits, NOTHING_KNOWN, withKnown } from '../../decision/known-bits.ts';
import { countStep, LEAF_LEVEL, levelAt, type Node, type Space } from '../../decision/space.ts';

interface RequiredWord {
  readonly field: Field;
  /** u32 */
  readonly value: number;
  /** The outcome for all other values. */
  readonly otherwise: Node;
}

const ALL_BITS = -1;

/** Finds a word behind the diagram's first one of which a single value leaves the answer open. */
export function findRequiredWord(space: Space, root: Node): RequiredWord | undefined {
  const first = Math.floor(levelAt(space, root) / WORD_BITS);
  const nodes = nodesOf(space, root);
  const end = firstLevel(first) + WORD_BITS;
  const { level: levels } = space;
  const ends = nodes.filter((node) => (levels[node] ?? end) >= end);
  const leaves = ends.filter((node) => levels[node] === LEAF_LEVEL);
  // A single word is asked.
  if (leaves.length === ends.length) return undefined;
  for (const otherwise of leaves) {
    const known = knownElsewhere(space, root, otherwise);
    const word = known.find(({ field, mask }) => field !== first && mask === ALL_BITS);
    if (word !== undefined) return { field: word.field, value: word.value >>> 0, otherwise };
    // Asked first already.
    if (known.some(({ mask }) => mask === ALL_BITS)) return undefined;
  }
  return undefined;
}

function nodesOf(space: Space, root: Node): readonly Node[] {
  const { level: levels, low, high } = space;
  const seen = new Set([root]);
  for (const node of seen) {
    if (levels[node] !== LEAF_LEVEL) seen.add(low[node] ?? root).add(high[node] ?? root);
  }
  countStep(space, seen.size);
  return [...seen];
}

/** What all calls have in common whose outcome is another one. */
function knownElsewhere(space: Space, root: Node, outcome: Node): KnownBits {
  const { level: levels, low: lows, high: highs } = space;
  const done = new Map<Node, KnownBits | undefined>();
  /** @returns `undefined` where all calls have the outcome */
  const walk = (node: Node): KnownBits | undefined => {
    const level = levels[node] ?? LEAF_LEVEL;
    if (level === LEAF_LEVEL) return node === outcome ? undefined : NOTHING_KNOWN;
    if (done.has(node)) return done.get(node);
    countStep(space);
    const field = Math.floor(level / WORD_BITS);
    const bit = 1 << (firstLevel(field) + WORD_BITS - 1 - level);
    const low = walk(lows[node] ?? root);
    const high = walk(highs[node] ?? root);
    const known =
      low === undefined || high === undefined
        ? withBit(low ?? high, field, bit, low === undefined)
        : commonKnown(low, high);
    done.set(node, known);
    return known;
  };
  return walk(root) ?? NOTHING_KNOWN;
}

function withBit(
  known: KnownBits | undefined,
  field: Field,
  bit: number,
  isSet: boolean,
): KnownBits | undefined {
  return known === undefined ? undefined : withKnown(known, { field, mask: bit, value: isSet ? bit : 0 });
}
