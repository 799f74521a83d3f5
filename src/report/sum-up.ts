/**
 * A profile in one sentence, with exact counts.
 * @module
 */
import type { ArchCells } from './call-cells.ts';

/** What the sentence counts, on the native architecture. */
export interface Counts {
  readonly arch: string;
  readonly total: number;
  readonly allowed: number;
  /** Allowed for some arguments. */
  readonly byArguments: number;
  /** Left to a supervisor, or contradicted. */
  readonly open: number;
  /** Too complex to decide. */
  readonly undecided: number;
  readonly dangerous: number;
  /** Calls that get through although the profile reads as if they did not. */
  readonly holes: number;
}

/** A piece of the sentence; `tone` says how to set it off. */
export interface Phrase {
  readonly text: string;
  readonly tone?: 'count' | 'danger' | 'hole' | 'fine';
}

/** Counts the cells of the native architecture. */
export function countCells({ arch, cells }: ArchCells, holes: number): Counts {
  const ofKind = (...kinds: readonly string[]): number =>
    cells.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    arch,
    total: cells.length,
    allowed: ofKind('allowed', 'logged'),
    byArguments: ofKind('arguments'),
    open: ofKind('asked', 'unclear'),
    undecided: ofKind('undecided'),
    dangerous: cells.filter(({ dangers }) => dangers !== undefined).length,
    holes,
  };
}

/** `Allows 298 of 385 calls on x86_64, 3 more for some arguments; 4 of them dangerous; 1 proven hole`, in pieces. */
export function sentenceOf(counts: Counts): readonly Phrase[] {
  const { arch, total, allowed, byArguments, open, dangerous, holes, undecided } = counts;
  return [
    { text: 'Allows ' },
    { text: `${allowed} of ${total}`, tone: 'count' },
    { text: ` calls on ${arch}` },
    ...(byArguments === 0 ? [] : [{ text: `, ${byArguments} more for some arguments` }]),
    ...(open === 0 ? [] : [{ text: `, and leaves ${open} to others` }]),
    ...(undecided === 0
      ? []
      : [{ text: '; ' }, { text: `${undecided} not decided`, tone: 'danger' as const }]),
    { text: '; ' },
    dangerous === 0
      ? undecided === 0
        ? { text: 'none of them dangerous', tone: 'fine' as const }
        : { text: 'none of the decided ones dangerous' }
      : { text: `${dangerous} of them dangerous`, tone: 'danger' as const },
    { text: '; ' },
    holes === 0
      ? { text: 'no proven hole', ...(undecided === 0 ? { tone: 'fine' as const } : {}) }
      : { text: `${holes} proven ${holes === 1 ? 'hole' : 'holes'}`, tone: 'hole' as const },
  ];
}
