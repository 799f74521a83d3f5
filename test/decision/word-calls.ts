/**
 * Calls by the words of their record.
 * @module
 */
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import { recordOf } from '../oracle/support/simulate.ts';

/** One call, as the decision takes it and as the simulator does: the 64 bytes. */
export interface WordCall {
  readonly data: SeccompData;
  readonly record: DataView;
}

/** The call whose record has these words at these offsets, 0 elsewhere. */
export function wordCall(words: ReadonlyMap<number, number>, endian: 'little' | 'big'): WordCall {
  const word = (offset: number): number => (words.get(offset) ?? 0) >>> 0;
  const long = (offset: number): bigint => {
    const [low, high] = endian === 'little' ? [offset, offset + 4] : [offset + 4, offset];
    return (BigInt(word(high)) << 32n) | BigInt(word(low));
  };
  const data = {
    nr: word(0) | 0,
    arch: word(4),
    instructionPointer: long(8),
    args: [16, 24, 32, 40, 48, 56].map(long),
  };
  return { data, record: recordOf(data, endian) };
}
