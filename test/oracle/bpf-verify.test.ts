/** findProgramProblems against the kernel: accepted, or refused with EINVAL. */
import { describe, expect, it } from 'vitest';
import { decodeProgram, encodeProgram, type Program, type SockFilter } from '../../src/bpf/program.ts';
import { findProgramProblems, type ProgramProblemCode } from '../../src/bpf/program-problems.ts';
import { builtinProfiles } from '../../src/index.ts';
import { type Random, random, randomProgram } from '../bpf/support/random.ts';
import { kernelAccepts } from './support/batch.ts';
import { compileSeccomp, resolved } from './support/ours.ts';
import { describeWith } from './support/require.ts';

const EINVAL = 22;
const MUTATIONS = 6000;
const offsets = Array.from({ length: 16 }, (_, i) => 4 * i);
const edges = [0, 1, 15, 16, 17, 31, 32, 60, 61, 63, 64, 65, 0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff];

function mutate(r: Random, program: Program): Program {
  const copy = [...program];
  for (let i = 1 + r.below(2); i > 0; i--) {
    const at = r.below(4) === 0 ? copy.length - 1 : r.below(copy.length);
    const old = copy[at] ?? { code: 6, jt: 0, jf: 0, k: 0 };
    switch (r.below(8)) {
      case 0:
        copy[at] = { ...old, code: r.below(0x10000) };
        break;
      case 1:
      case 2:
        copy[at] = { ...old, code: r.below(0x100) };
        break;
      case 3:
        copy[at] = { ...old, jt: r.below(256) };
        break;
      case 4:
        copy[at] = { ...old, jf: r.below(256) };
        break;
      case 5:
        copy[at] = { ...old, k: r.pick(edges) };
        break;
      case 6:
        if (copy.length > 1) copy.splice(at, 1);
        break;
      default:
        copy.splice(at, 0, {
          code: r.pick([0x02, 0x03, 0x60, 0x61, 0x64, 0x34, 0x74]),
          jt: 0,
          jf: 0,
          k: r.below(33),
        });
    }
  }
  return copy;
}

function compare(programs: readonly Program[]): { accepted: number; codes: Map<ProgramProblemCode, number> } {
  const kernel = kernelAccepts(programs.map((program) => encodeProgram(program, 'little')));
  const codes = new Map<ProgramProblemCode, number>();
  let accepted = 0;
  for (const [i, program] of programs.entries()) {
    const problems = findProgramProblems(program);
    const expected = problems.length === 0 ? 0 : EINVAL;
    if (kernel[i] !== expected) {
      expect({ kernel: kernel[i], problems, program }).toEqual({ kernel: expected, problems, program });
    }
    if (problems.length === 0) accepted += 1;
    // Only a problem that stands alone shows that the kernel minds it.
    const [only] = problems;
    if (only !== undefined && problems.length === 1) codes.set(only.code, (codes.get(only.code) ?? 0) + 1);
  }
  return { accepted, codes };
}

const ret = (k = 0x7fff0000): SockFilter => ({ code: 0x06, jt: 0, jf: 0, k });

describeWith(['x86_64', 'cc'], 'findProgramProblems agrees with the kernel', () => {
  it(`on ${MUTATIONS} mutated programs`, async () => {
    const bytes = await compileSeccomp(resolved(builtinProfiles['docker-default']()), {
      runtime: 'crun',
      library: 'libseccomp.so.2',
    });
    const docker = decodeProgram(bytes, 'little');
    const r = random(6);
    const programs = Array.from({ length: MUTATIONS }, () =>
      mutate(r, r.below(10) === 0 ? docker : randomProgram(r, offsets)),
    );
    const { accepted, codes } = compare(programs);
    expect(accepted).toBeGreaterThan(MUTATIONS / 10);
    expect(MUTATIONS - accepted).toBeGreaterThan(MUTATIONS / 10);
    expect([...codes.keys()].sort()).toEqual([
      'division-by-zero',
      'jump-out-of-range',
      'last-not-return',
      'load-out-of-bounds',
      'load-unaligned',
      'not-allowed-in-seccomp',
      'scratch-out-of-range',
      'scratch-read-before-write',
      'shift-too-far',
      'unknown-opcode',
    ]);
  });

  it('on every code field, in the middle and at the end', () => {
    const codes = [
      ...Array(0x400).keys(),
      ...Array.from({ length: 500 }, (_, i) => (i * 131 + 0x400) & 0xffff),
    ];
    compare(codes.map((code) => [{ code, jt: 0, jf: 0, k: 0 }, ret()]));
    compare(codes.map((code) => [{ code: 0x02, jt: 0, jf: 0, k: 4 }, { code, jt: 0, jf: 0, k: 4 }, ret()]));
    const { accepted } = compare(codes.map((code) => [ret(), { code, jt: 0, jf: 0, k: 0 }]));
    expect(accepted).toBe(2);
  });

  it('on lengths', () => {
    const lengths = [0, 1, 2, 4095, 4096, 4097, 8192];
    const programs = lengths.map((length) => new Array<SockFilter>(length).fill(ret()));
    const { accepted, codes } = compare(programs);
    expect(accepted).toBe(4);
    expect(Object.fromEntries(codes)).toEqual({ empty: 1, 'too-long': 2 });
  });

  it('on jumps at the edge of the program and of 32 bits', () => {
    const ks = [0, 1, 2, 3, 0x7fffffff, 0xfffffffe, 0xffffffff];
    compare(ks.map((k) => [{ code: 0x05, jt: 9, jf: 9, k }, ret(), ret()]));
    const ways = [0, 1, 2, 3, 255];
    compare(ways.flatMap((jt) => ways.map((jf) => [{ code: 0x1d, jt, jf, k: 5 }, ret(), ret()])));
  });

  it('on scratch words that only some paths write', () => {
    const jump = { code: 0x15, jt: 1, jf: 0, k: 0 };
    const store = { code: 0x02, jt: 0, jf: 0, k: 3 };
    const read = { code: 0x61, jt: 0, jf: 0, k: 3 };
    const { accepted } = compare([
      [jump, store, read, ret()],
      [store, jump, store, read, ret()],
      [jump, read, store, ret()],
      [ret(), read, ret()],
      [{ code: 0x05, jt: 0, jf: 0, k: 1 }, read, ret()],
      [read, ret()],
    ]);
    expect(accepted).toBe(2);
  });
});

describe('findProgramProblems', () => {
  it('reports every problem, in order', () => {
    const problems = findProgramProblems([
      { code: 0xffff, jt: 0, jf: 0, k: 0 },
      { code: 0x20, jt: 0, jf: 0, k: 6 },
      { code: 0x15, jt: 9, jf: 0, k: 0 },
      { code: 0x04, jt: 0, jf: 0, k: 0 },
    ]);
    expect(problems.map(({ code, index }) => [index, code])).toEqual([
      [0, 'unknown-opcode'],
      [1, 'load-unaligned'],
      [2, 'jump-out-of-range'],
      [3, 'last-not-return'],
    ]);
  });
});
