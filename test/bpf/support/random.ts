/**
 * Random programs and calls, the same on every run for the same seed.
 * @module
 */
import type { SeccompData } from '../../../src/abi/seccomp-data.ts';
import type { Program, SockFilter } from '../../../src/bpf/program.ts';
import { xorshift32 } from '../../support/xorshift.ts';

export interface Random {
  /** 0..limit-1. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(values: readonly T[]) => T;
  readonly word: () => number;
}

/** A xorshift generator (Marsaglia 2003), enough for tests. */
export function random(seed: number): Random {
  const word = xorshift32(seed | 0 || 1);
  const below = (limit: number): number => word() % limit;
  const pick = <T>(values: readonly T[]): T => {
    const value = values[below(values.length)];
    if (value === undefined) throw new Error('nothing to pick');
    return value;
  };
  return { below, pick, word };
}

const interesting = [
  0, 1, 2, 3, 31, 32, 0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x40000000, 110,
];
const AUDIT_ARCH_X86_64 = 0xc000003e;

export function constant(r: Random): number {
  return r.below(3) === 0 ? r.word() : r.below(4) === 0 ? AUDIT_ARCH_X86_64 : r.pick(interesting);
}

const plain = (code: number, k = 0): SockFilter => ({ code, jt: 0, jf: 0, k });
const arithmetic = [0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0xa4] as const;

/** One instruction that is no jump and no return; scratch words only as `written` says. */
function step(r: Random, written: Set<number>, offsets: readonly number[]): SockFilter {
  const known = [...written];
  switch (r.below(12)) {
    case 0:
    case 1:
    case 2:
      return plain(0x20, r.pick(offsets));
    case 3:
      return plain(r.pick([0x00, 0x01]), constant(r));
    case 4:
      return plain(r.pick([0x80, 0x81]));
    case 5:
      return plain(r.pick([0x07, 0x87]));
    case 6: {
      const slot = r.below(16);
      written.add(slot);
      return plain(r.pick([0x02, 0x03]), slot);
    }
    case 7:
      return known.length === 0 ? plain(0x84) : plain(r.pick([0x60, 0x61]), r.pick(known));
    case 8:
      return plain(0x84);
    case 9:
      return plain(r.pick(arithmetic) | 0x08);
    default: {
      const code = r.pick(arithmetic);
      const k = code === 0x64 || code === 0x74 ? r.below(32) : code === 0x34 ? constant(r) || 7 : constant(r);
      return plain(code, k);
    }
  }
}

/**
 * A program the kernel takes: straight runs of steps between forward jumps, each ending in a return.
 *
 * Most returns are ERRNO with the low bits of A, so that any wrong value shows.
 *
 * @param offsets - fields of seccomp_data it may load
 */
export function randomProgram(r: Random, offsets: readonly number[]): Program {
  const program: SockFilter[] = [];
  const slots = new Set<number>();
  for (let i = r.below(4); i > 0; i--) {
    const slot = r.below(16);
    slots.add(slot);
    program.push(plain(0x20, r.pick(offsets)), plain(0x02, slot));
  }
  const blocks = 1 + r.below(6);
  for (let block = 0; block < blocks; block++) {
    const written = new Set(slots);
    for (let i = r.below(8); i > 0; i--) program.push(step(r, written, offsets));
    if (r.below(5) === 0) {
      program.push(plain(0x06, (0x00050000 | (1 + r.below(4000))) >>> 0));
    } else {
      // The jump is to either end of the block's return, so both ways go on.
      const code = r.pick([0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d]);
      const way = block === blocks - 1 ? r.below(2) : r.pick([0, 1, 3]);
      const ways = r.below(2) === 0 ? { jt: way, jf: 0 } : { jt: 0, jf: way };
      if (r.below(3) === 0) program.push(plain(0x05, r.below(2)));
      program.push({ code, ...ways, k: constant(r) });
      program.push(plain(0x54, 0x0fff), plain(0x44, 0x00050000), plain(0x16));
    }
  }
  return program;
}

/** Numbers no kernel has a call for, and calls without effect: getppid, getuid, getgid, gettid. */
const harmless = [110, 102, 104, 186, 1000, 5000, 0x3fffffff];

export function randomData(r: Random): SeccompData {
  const half = (): bigint => BigInt(constant(r));
  return {
    nr: r.pick(harmless),
    arch: AUDIT_ARCH_X86_64,
    instructionPointer: (half() << 32n) | half(),
    args: Array.from({ length: 6 }, () => (r.below(2) === 0 ? half() : (half() << 32n) | half())),
  };
}
