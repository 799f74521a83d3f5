/**
 * What a program of the builtin compiler is for: few instructions, few of them executed by the kernel when it is attached,
 * and short ways for calls that are denied or whose arguments are asked. Instructions are counted, no time is measured;
 * libseccomp's own program of the same policy is the measure.
 */
import { describe, expect, it } from 'vitest';
import { architectures } from '../../../src/abi/architectures.ts';
import { capabilitySets } from '../../../src/abi/capabilities.ts';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import type { Program } from '../../../src/bpf/program.ts';
import { createWindowFinder } from '../../../src/compile/builtin/bit-windows.ts';
import { callShares } from '../../../src/compile/builtin/call-shares.generated.ts';
import { weighCalls } from '../../../src/compile/builtin/call-weights.ts';
import { compilePolicy } from '../../../src/compile/compile-policy.ts';
import { decideProgram } from '../../../src/decision/decide-program.ts';
import { builtinProfiles } from '../../../src/oci/builtin/index.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../../src/policy/lower-profile.ts';
import { newestTable } from '../../../src/policy/newest-table.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { fetchedLibraries } from '../../oracle/libraries.ts';
import { samples } from '../../support/samples.ts';
import { randomPolicy } from './random-policies.ts';
import { buildProgram, type Expanded, faultOf } from './support.ts';

function defaultPolicy(engine: 'docker' | 'podman', runtime: string, archs?: readonly string[]): Policy {
  const host = {
    arch: 'x86_64',
    kernel: { kernel: 6, major: 1 },
    capabilities: capabilitySets[engine],
  } as const;
  const { seccomp } = resolveProfile(builtinProfiles[`${engine}-default`](), host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  const listed = archs === undefined ? seccomp : { ...seccomp, architectures: archs };
  return lowerProfile(listed, { runtime, arch: host.arch, kernel: host.kernel, table: newestTable }).policy;
}

const expand = (policy: Policy): Expanded => ({ policy, expanded: expandPolicy(policy, newestTable) });
const counts = new Map(Object.entries(callShares));
const alone = ['SCMP_ARCH_X86_64'];

describe('windows of bits', () => {
  // The prototype took 176 and 62; libseccomp 2.5.4 takes 1,260 and 424.
  it.each([
    ['three architectures', undefined, 40, 170],
    ['x86_64 alone', alone, 64, 60],
  ] as const)("make Docker's default for %s no longer than asked", (_, archs, partedTwice, most) => {
    for (const runtime of ['runc', 'crun']) {
      const work = expand(defaultPolicy('docker', runtime, archs));
      const weights = weighCalls(work.policy.architectures, counts);
      const windows = createWindowFinder(partedTwice);
      const made = buildProgram(work, { weights, windows });
      expect(faultOf(work, made)).toBeUndefined();
      expect(made.program.length).toBeLessThanOrEqual(most);
    }
  });

  it('mean what random policies say, and save instructions', () => {
    // A small limit: the search would take most of the time.
    const windows = createWindowFinder(12);
    let saved = 0;
    for (let index = 0; index < samples(240); index++) {
      const work = randomPolicy(5, index);
      const made = buildProgram(work, { windows });
      expect(faultOf(work, made), `policy ${index}`).toBeUndefined();
      saved += buildProgram(work).program.length - made.program.length;
    }
    expect(saved).toBeGreaterThan(0);
  });
});

interface Walk {
  readonly steps: number;
  /** `undefined`: the way depends on an argument. */
  readonly word: number | undefined;
}

/**
 * Executes a program for a number, as the kernel does when it looks for calls that are always allowed (Linux 6.18
 * kernel/seccomp.c, seccomp_is_const_allow): up to the return, or the first look at an argument.
 */
function follow(program: Program, arch: number, nr: number): Walk {
  let accumulator = 0;
  let steps = 0;
  for (let at = 0; ; at++) {
    const { code, jt, jf, k } = program[at] ?? { code: 6, jt: 0, jf: 0, k: 0 };
    steps++;
    if (code === 0x06) return { steps, word: k };
    if (code === 0x20 && k > 4) return { steps, word: undefined };
    if (code === 0x20) accumulator = k === 0 ? nr : arch;
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x05) at += k;
    else {
      const holds = {
        21: accumulator === k,
        37: accumulator > k,
        53: accumulator >= k,
        69: (accumulator & k) !== 0,
      }[code];
      if (holds === undefined) return { steps, word: undefined };
      at += holds ? jt : jf;
    }
  }
}

/** The kernel asks about this many numbers of each of its two architectures (Linux 6.18, NR_syscalls on x86). */
const NUMBERS = 470;
const ALLOW = 0x7fff_0000;

function measure(program: Program) {
  const walks = (['x86_64', 'x86'] as const).map((arch) =>
    Array.from({ length: NUMBERS }, (_, nr) => follow(program, architectures[arch].auditArch, nr)),
  );
  const [native = []] = walks;
  const mean = (chosen: readonly Walk[]): number =>
    chosen.reduce((sum, { steps }) => sum + steps, 0) / chosen.length;
  return {
    emulated: walks.flat().reduce((sum, { steps }) => sum + steps, 0),
    denied: mean(native.filter(({ word }) => word !== undefined && word !== ALLOW)),
    checked: mean(native.filter(({ word }) => word === undefined)),
    numberOfChecked: native.filter(({ word }) => word === undefined).length,
  };
}

const library = fetchedLibraries().at(-1);
describe.skipIf(library === undefined)(
  `beside libseccomp's tree${library === undefined ? ' [skipped, needs npm run fetch]' : ''}`,
  () => {
    it.each([
      ['docker', 'made now', 176],
      ['docker', 'shipped', 168],
      ['podman', 'made now', 188],
      ['podman', 'shipped', 184],
    ] as const)(
      'the default of %s is attached and asked with little work: %s',
      async (engine, which, most) => {
        const policy = defaultPolicy(engine, 'runc');
        const tree = await compilePolicy(policy, { table: newestTable, library: library?.path ?? '' });
        const own = await compilePolicy(policy, {
          ...{ backend: 'builtin', table: newestTable },
          ...(which === 'shipped' ? {} : { callCounts: counts }),
        });
        expect(own.proof).toMatchObject({ equal: true, compared: which === 'shipped' ? 'release' : 'now' });
        expect(own.program.length).toBeLessThanOrEqual(most);
        const [ours, theirs] = [measure(own.program), measure(tree.program)];
        expect(theirs.emulated).toBeGreaterThan(10_000);
        expect(ours.emulated / theirs.emulated).toBeLessThanOrEqual(0.55);
        expect(ours.denied / theirs.denied).toBeLessThanOrEqual(0.6);
        expect(ours.checked / theirs.checked).toBeLessThanOrEqual(0.6);
        expect(ours.numberOfChecked).toBe(theirs.numberOfChecked);
        expect(
          follow(own.program, architectures.x86_64.auditArch, directSyscallNumber('read', 'x86_64') ?? -1)
            .word,
        ).toBe(ALLOW);
      },
    );
  },
);

it('takes few steps and nodes to build and to prove, since a command does both once, in code that is not optimized', () => {
  const work = expand(defaultPolicy('docker', 'runc'));
  const made = buildProgram(work, { weights: weighCalls(work.policy.architectures, counts) });
  const { space, meant, program, endian } = made;
  expect(decideProgram(space, program, endian)).toBe(meant);
  // 12,300 and 5,900 where each test of a number without its bit was a step of its own.
  expect(space.work.steps).toBeLessThan(9000);
  expect(space.count).toBeLessThan(2000);
});
