/**
 * Programs made to be hard to decide, each by the part of the work that it makes large.
 * @module
 */
import type { SockFilter } from '../../src/bpf/program.ts';
import { instruction } from './programs.ts';
import { createRandom } from './random.ts';

const LONGEST = 4096;
const [LD, LDM, LDX, TAX, TXA, ST, STX] = [0x20, 0x60, 0x01, 0x07, 0x87, 0x02, 0x03] as const;
const [JA, JEQ, JGT, JGE, JSET, JEQ_X] = [0x05, 0x15, 0x25, 0x35, 0x45, 0x1d] as const;
const [ADD, ADD_X, MUL, OR, AND, XOR, RSH] = [0x04, 0x0c, 0x24, 0x44, 0x54, 0xa4, 0x74] as const;
const [RET, RET_A] = [0x06, 0x16] as const;
const [NR, ARCH, IP] = [0, 4, 8] as const;
const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;
const argument = (index: number, high = 0): number => 16 + 8 * index + 4 * high;

const op = (code: number, k = 0, jt = 0, jf = 0): SockFilter => instruction(code, k >>> 0, jt, jf);

type Instructions = readonly SockFilter[];

/** Repeats a part as long as the program stays within the kernel's limit. */
function filled(head: Instructions, part: (round: number) => Instructions, tail: Instructions): Instructions {
  const program = [...head];
  for (let round = 0; ; round++) {
    const more = part(round);
    if (program.length + more.length + tail.length > LONGEST) return [...program, ...tail];
    program.push(...more);
  }
}

const bit = (i: number): number => (1 << (i % 32)) >>> 0;
const end = [op(RET, ALLOW)];

/** Sixteen cells, each 0 or 1 by a bit of an argument; then they are all read again. */
function scratch(): Instructions {
  const cells = Array.from({ length: 16 }, (_, i) => i);
  return [
    ...cells.flatMap((i) => [op(0x00, i), op(ST, i)]),
    ...cells.flatMap((i) => [op(LD, argument(0)), op(JSET, bit(i), 0, 2), op(0x00, 100 + i), op(ST, i)]),
    ...cells.flatMap((i) => [op(LDM, i), op(JEQ, 100 + i, 0, 1), op(RET, ERRNO + i)]),
    ...cells.toReversed().flatMap((i) => [op(LDM, i), op(JEQ, 100 + i, 1, 0), op(RET, ERRNO + 50 + i)]),
    ...end,
  ];
}

/** A number in X, put together bit by bit; then it is tested. */
function register(width: number): Instructions {
  const build = Array.from({ length: width }, (_, i) => [
    ...[op(LD, argument(i >> 5)), op(JSET, bit(i), 0, 3), op(TXA), op(OR, bit(i * 7)), op(TAX)],
  ]).flat();
  return filled([op(LDX, 0), ...build], (i) => [op(TXA), op(JEQ, i * 37, 0, 1), op(RET, ERRNO + i)], end);
}

/** As above, and every state runs a long way of stores. */
function storing(): Instructions {
  const cells = Array.from({ length: 16 }, (_, i) => i);
  const states = cells
    .slice(0, 12)
    .flatMap((i) => [...[op(LD, argument(0)), op(JSET, bit(i), 0, 2), op(0x00, 100 + i), op(ST, i)]]);
  const read = cells.flatMap((i) => [op(LDM, i), op(JEQ, 100 + i, 0, 1), op(RET, ERRNO + i)]);
  return filled(
    [...cells.flatMap((i) => [op(0x00, i), op(ST, i)]), ...states],
    (i) => [op(ST, 12 + (i % 4))],
    [...read, ...end],
  );
}

/** Argument 0 equals argument 1, bit by bit: no small diagram in any order that keeps words together. */
function equalBits(): Instructions {
  return Array.from({ length: 64 }, (_, i) => {
    const [a, b] = [argument(0, i >> 5), argument(1, i >> 5)];
    return [
      ...[op(LD, a), op(JSET, bit(i), 0, 3), op(LD, b), op(JSET, bit(i), 4, 0), op(RET, ERRNO)],
      ...[op(LD, b), op(JSET, bit(i), 0, 1), op(RET, ERRNO + 1)],
    ];
  }).flat();
}

/** Like {@link equalBits}, with comparisons of whole bytes by masks, and through the registers. */
function masksInTurn(): Instructions {
  return filled(
    [],
    (i) => [
      ...[op(LD, argument(i % 6)), op(AND, 0x1111_1111 << (i % 4)), op(JEQ, 0x0101_0101 << (i % 4), 0, 3)],
      ...[op(LD, argument((i + 3) % 6, 1)), op(JSET, bit(i * 5), 0, 1), op(RET, ERRNO + (i % 4000))],
    ],
    end,
  );
}

/** A machine of a few states that reads bits in no order, some of them again and again. */
function lanes(count: number, offsets: readonly number[], seed: number): Instructions {
  const random = createRandom(seed);
  const step = Array.from({ length: count }, (_, i) => i);
  const next = (from: number): number => 2 * count + 2 * random.below(count) - 2 * from - 2;
  return filled(
    [],
    () =>
      step.flatMap((i) => [op(LD, random.pick(offsets)), op(JSET, bit(random.below(32)), next(i), next(i))]),
    step.flatMap((i) => [op(RET, ERRNO + i), op(RET, ALLOW)]),
  );
}

/** One number a return word. */
function words(): Instructions {
  return filled([op(LD, NR)], (i) => [op(JEQ, i * 3, 0, 1), op(RET, ERRNO + i)], end);
}

/** The number first, the architecture below it: what the diagrams ask the other way round. */
function wrongOrder(): Instructions {
  return filled(
    [],
    (i) => [
      ...[op(LD, NR), op(JEQ, i * 5, 0, 4), op(LD, ARCH), op(JGT, i * 7919, 0, 1), op(RET, ERRNO + i)],
      op(RET, ERRNO + 2000 + i),
    ],
    end,
  );
}

/** All the numbers in one run of jumps, each leading to a test of the architecture of its own. */
function wrongOrderRegion(): Instructions {
  const count = 500;
  const table = Array.from({ length: count }, (_, i) => [
    op(JEQ, i * 3, 0, 1),
    op(JA, 2 * (count - i) - 2 + 4 * i),
  ]);
  const targets = Array.from({ length: count }, (_, i) => [
    ...[op(LD, ARCH), op(JGT, i * 7919, 0, 1), op(RET, ERRNO + i), op(RET, ERRNO + 2000 + i)],
  ]);
  return [op(LD, NR), ...table.flat(), ...targets.flat(), ...end];
}

/** Architecture and number in turn, thousands of pairs. */
function pairs(): Instructions {
  return filled(
    [],
    (i) => [op(LD, ARCH), op(JEQ, i % 60, 0, 3), op(LD, NR), op(JEQ, i, 0, 1), op(RET, ERRNO + (i % 4000))],
    end,
  );
}

/** Many states, each of which runs through all numbers. */
function regions(states: number): Instructions {
  const build = Array.from({ length: states }, (_, i) => [
    ...[op(LD, argument(0)), op(JSET, bit(i), 0, 3), op(TXA), op(OR, bit(i)), op(TAX)],
  ]).flat();
  const tail = [op(TXA), op(JEQ, 5, 0, 1), op(RET, ERRNO), op(RET_A)];
  return filled([op(LDX, 0), ...build, op(LD, NR)], (i) => [op(JEQ, i * 3, 0, 1), op(LD, NR)], tail);
}

/** As many intervals as jumps can make of one word. */
function intervals(field: number): Instructions {
  const random = createRandom(5);
  return filled(
    [op(LD, field)],
    (i) => [
      op(JSET, bit(26 + (i % 6)), 1, 0),
      op([JGT, JGE, JEQ][i % 3] ?? JEQ, random.word(), i % 2, 1 - (i % 2)),
      op(JSET, (bit(26 + ((i + 1) % 6)) | bit(31)) >>> 0, i % 2, 0),
    ],
    [op(RET, ERRNO), ...end],
  );
}

/** The lowest bits decide: no intervals. */
function parity(offsets: readonly number[]): Instructions {
  return filled(
    [op(LDX, 0)],
    (i) => [
      ...[
        op(LD, offsets[(i >> 5) % offsets.length] ?? 0),
        op(JSET, bit(i), 0, 3),
        op(TXA),
        op(XOR, 1),
        op(TAX),
      ],
    ],
    [op(TXA), op(JEQ, 1, 0, 1), op(RET, ERRNO), ...end],
  );
}

/** Arithmetic that is not followed, tested again and again. */
function unknown(): Instructions {
  return filled(
    [op(LD, argument(0)), op(TAX)],
    (i) => [
      ...[op(LD, argument(i % 6)), op(ADD_X), op(MUL, 3), op(JSET, bit(i), 0, 2), op(LD, NR)],
      op(JEQ, i, 0, 0),
    ],
    end,
  );
}

/** Words that are returned as they were computed, 256 outcomes each. */
function returned(): Instructions {
  return filled(
    [],
    (i) => [
      ...[op(LD, NR), op(JEQ, i, 0, 5), op(LD, argument(i % 6)), op(RSH, i % 24)],
      ...[op(AND, 0xff), op(OR, (i << 8) >>> 0), op(RET_A)],
    ],
    end,
  );
}

/** Every word in turn, each split into many intervals whose ways meet again in a few states. */
function ladders(): Instructions {
  const all = Array.from({ length: 16 }, (_, i) => 4 * i);
  const random = createRandom(9);
  return all
    .flatMap((offset) => [
      op(LD, offset),
      ...Array.from({ length: 120 }, (_, i) => [
        op(JGT, (i * 0x0200_0000 + random.below(0x100_0000)) >>> 0, 0, 1),
        op(JSET, bit(i), i % 3, i % 2),
      ]).flat(),
    ])
    .concat([op(RET, ERRNO), op(RET, ERRNO + 1), op(RET, ERRNO + 2), op(RET, ALLOW)]);
}

/** Comparisons with X, which holds another word. */
function withX(): Instructions {
  return filled(
    [op(LD, argument(0)), op(TAX)],
    (i) => [op(LD, argument(1)), op(AND, bit(i)), op(JEQ_X, 0, 0, 1), op(RET, ERRNO), op(STX, i % 16)],
    end,
  );
}

/** Sums, which are followed where nothing carries. */
function sums(): Instructions {
  return filled(
    [op(LDX, 0)],
    (i) => [
      ...[
        op(LD, argument(i % 6, i & 1)),
        op(JSET, bit(i * 11), 0, 3),
        op(TXA),
        op(ADD, 1 + (i % 3)),
        op(TAX),
      ],
    ],
    [op(TXA), op(JGT, 200, 0, 1), op(RET, ERRNO), op(RET_A)],
  );
}

const everyOffset = Array.from({ length: 16 }, (_, i) => 4 * i);

export const hostilePrograms: Readonly<Record<string, () => Instructions>> = {
  'scratch memory, 2^16 states': scratch,
  'a register built of 14 bits': () => register(14),
  'a register built of 40 bits': () => register(40),
  'stores in 2^12 states': storing,
  'argument 0 equals argument 1': () => [...equalBits(), ...end],
  'masks in turn': masksInTurn,
  'two lanes over one argument': () => lanes(2, [argument(0), argument(0, 1)], 1),
  'four lanes over two arguments': () => lanes(4, [argument(0), argument(1)], 2),
  'sixteen lanes over the number': () => lanes(16, [NR], 3),
  'sixteen lanes over everything': () => lanes(16, everyOffset, 4),
  'return words': words,
  'the number before the architecture': wrongOrder,
  'the number before the architecture, one run': wrongOrderRegion,
  'pairs of architecture and number': pairs,
  'all numbers in 2^8 states': () => regions(8),
  'all numbers in 2^16 states': () => regions(16),
  'intervals of the number': () => intervals(NR),
  'intervals of the instruction pointer': () => intervals(IP),
  'parity of the number': () => parity([NR]),
  'parity of everything': () => parity(everyOffset),
  'arithmetic that is not followed': unknown,
  'computed return words': returned,
  'ladders over every word': ladders,
  'comparisons with X': withX,
  counters: sums,
};
