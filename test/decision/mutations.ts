/**
 * Programs with one field of one instruction changed.
 * @module
 */
import type { Program, SockFilter } from '../../src/bpf/program.ts';
import type { Random } from './random.ts';

export interface Mutation {
  readonly program: Program;
  readonly at: number;
  readonly field: keyof SockFilter;
}

const codes = [
  0x20, 0x15, 0x25, 0x35, 0x45, 0x54, 0x44, 0x05, 0x06, 0x16, 0x1d, 0x04, 0xa4, 0x07, 0x87, 0x00,
];

/** One field changed: a bit, a neighbour, or something else altogether. */
export function mutated(random: Random, program: Program): Mutation {
  const at = random.below(program.length);
  const old = program[at];
  if (old === undefined) throw new RangeError('no instruction');
  const field = random.pick(['code', 'jt', 'jf', 'k', 'k'] as const);
  for (;;) {
    const value = changed(random, field, old[field], program);
    if (value === old[field]) continue;
    return { program: program.map((each, i) => (i === at ? { ...each, [field]: value } : each)), at, field };
  }
}

function changed(random: Random, field: keyof SockFilter, value: number, program: Program): number {
  if (field === 'code') return random.pick(codes);
  if (field === 'jt' || field === 'jf') {
    return random.pick([value ^ (1 << random.below(8)), (value + 1) & 0xff, (value + 255) & 0xff]);
  }
  const other = program[random.below(program.length)]?.k ?? 0;
  return random.pick([value ^ (1 << random.below(32)), value + 1, value - 1, other, random.word()]) >>> 0;
}
