/**
 * Several constants in one word, each in as many bits as differ from one use to another.
 *
 * Where the end of a range differs less from its start than from other ends, the difference is in the word.
 * @module
 */

const BITS = 32;

/** Constants that are used together. */
export interface Constants {
  /** u32. */
  readonly values: readonly number[];
  /** By constant, another one before it that the same word is compared with. */
  readonly before: readonly (number | undefined)[];
}

/** Uses of constants, and what differs between them: by constant, bits of it, and of its difference from the one before. */
export interface Varying {
  readonly first: Constants;
  readonly bits: readonly number[];
  readonly differences: readonly number[];
}

/** Where a constant is: bit `at` of the word is its bit `lowest`, and so on for `width` bits. */
export interface Slot {
  readonly at: number;
  readonly width: number;
  readonly lowest: number;
  /** The other bits, which all uses have in common. */
  readonly fixed: number;
  /** The constant of which this is the difference. */
  readonly base: number | undefined;
}

export function startVarying(first: Constants): Varying {
  const none = first.values.map(() => 0);
  return { first, bits: none, differences: none };
}

/** @returns `undefined` where a word has no room for what differs then */
export function withUse({ first, bits, differences }: Varying, other: Constants): Varying | undefined {
  const joined: Varying = {
    first,
    bits: bits.map((own, at) => own | ((other.values[at] ?? 0) ^ (first.values[at] ?? 0))),
    differences: differences.map((own, at) => own | (differenceAt(other, at) ^ differenceAt(first, at))),
  };
  const width = joined.bits.reduce((sum, _, at) => sum + narrowest(joined, at).width, 0);
  return width <= BITS ? joined : undefined;
}

/** The difference of a constant from the one before, u32. */
function differenceAt({ values, before }: Constants, at: number): number {
  return ((values[at] ?? 0) - (values[before[at] ?? at] ?? 0)) >>> 0;
}

/** The bits of a constant that the word has, or those of its difference. */
function narrowest({ first, bits, differences }: Varying, at: number): Omit<Slot, 'at' | 'fixed'> {
  const own = spanOf(bits[at] ?? 0);
  const base = first.before[at];
  if (base === undefined || own.width === 0 || bits[base] === 0) return { ...own, base: undefined };
  const difference = spanOf(differences[at] ?? 0);
  return difference.width < own.width ? { ...difference, base } : { ...own, base: undefined };
}

/** From the lowest to the highest bit that is set. */
function spanOf(bits: number): Pick<Slot, 'width' | 'lowest'> {
  if (bits === 0) return { width: 0, lowest: 0 };
  const lowest = BITS - 1 - Math.clz32(bits & -bits);
  return { width: BITS - Math.clz32(bits) - lowest, lowest };
}

/** The slot of a constant that fills the word. */
const WHOLE: Slot = { at: 0, width: BITS, lowest: 0, fixed: 0, base: undefined };

/** The slots by constant; `undefined` for one that is the same in all uses. If only one differs, it fills the word. */
export function slotsOf(varying: Varying): readonly (Slot | undefined)[] {
  const isWord = varying.bits.filter((own) => own !== 0).length === 1;
  if (isWord) return varying.bits.map((own) => (own === 0 ? undefined : WHOLE));
  let at = 0;
  return varying.bits.map((_, index) => {
    const span = narrowest(varying, index);
    if (span.width === 0 && span.base === undefined) return undefined;
    const value = partOf(varying.first, index, span);
    const slot = { ...span, at, fixed: (value & ~maskOf(span)) >>> 0 };
    at += span.width;
    return slot;
  });
}

function partOf({ values, before }: Constants, at: number, { base }: Pick<Slot, 'base'>): number {
  return base === undefined ? (values[at] ?? 0) : differenceAt({ values, before }, at);
}

/** The bits of a constant that are in the word. */
export function maskOf({ width, lowest }: Pick<Slot, 'width' | 'lowest'>): number {
  return (2 ** width - 1) * 2 ** lowest;
}

/** The word, u32. */
export function packWord(slots: readonly (Slot | undefined)[], constants: Constants): number {
  return slots.reduce((word, slot, index) => {
    if (slot === undefined) return word;
    const part = (partOf(constants, index, slot) & maskOf(slot)) >>> slot.lowest;
    return word + part * 2 ** slot.at;
  }, 0);
}
