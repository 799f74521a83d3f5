/**
 * The kernel finds every call that a program of the builtin compiler always allows, so that it does not run the program for
 * it: followed here as Linux 6.18 kernel/seccomp.c seccomp_is_const_allow describes it.
 */
import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/abi/actions.ts';
import { type ArchName, architectures } from '../../../src/abi/architectures.ts';
import type { Program } from '../../../src/bpf/program.ts';
import { weighCalls } from '../../../src/compile/builtin/call-weights.ts';
import { withBits } from '../../../src/decision/cofactor.ts';
import { FIELD_ARCH, FIELD_NR } from '../../../src/decision/diagram-variables.ts';
import { isLeaf, type Node, outcomeAt, type Space } from '../../../src/decision/space.ts';
import { isThorough } from '../../support/samples.ts';
import { fixtureProfiles, policyOf } from './fixture-policies.ts';
import { buildProgram } from './support.ts';

/** Numbers that the kernel tries: all of its table, and some more. */
const NUMBERS = Array.from({ length: 480 }, (_, nr) => nr);

/** Whether the kernel finds that a call is always allowed, from its number and architecture alone. */
function isFound(program: Program, nr: number, arch: number): boolean {
  let a = 0;
  for (let pc = 0; ; pc++) {
    const { code, jt, jf, k } = program[pc] ?? { code: 0, jt: 0, jf: 0, k: 0 };
    if (code === 0x20) {
      if (k !== 0 && k !== 4) return false;
      a = k === 0 ? nr : arch;
    } else if (code === 0x06) return k === actions.allow.word;
    else if (code === 0x05) pc += k;
    else if (code === 0x15) pc += a === k ? jt : jf;
    else if (code === 0x35) pc += a >= k ? jt : jf;
    else if (code === 0x25) pc += a > k ? jt : jf;
    else if (code === 0x45) pc += (a & k) !== 0 ? jt : jf;
    else if (code === 0x54) a = (a & k) >>> 0;
    else return false;
  }
}

function isAlwaysAllowed(space: Space, meant: Node, nr: number, arch: number): boolean {
  const ofArch = withBits(space, meant, FIELD_ARCH, 0xffff_ffff, arch);
  const node = withBits(space, ofArch, FIELD_NR, 0xffff_ffff, nr);
  if (!isLeaf(space, node)) return false;
  const outcome = outcomeAt(space, node);
  return outcome.kind === 'word' && outcome.word === actions.allow.word;
}

/** One of each kind of machine; two with a second architecture that the kernel looks at as well. */
const machines: readonly (readonly [ArchName, readonly ArchName[]])[] = [
  ['x86_64', ['x86_64', 'x86']],
  ['aarch64', ['aarch64', 'arm']],
  ['s390x', ['s390x']],
  ['riscv64', ['riscv64']],
];

describe.each(fixtureProfiles)('always allowed by %s', (_, profile) => {
  it.each(isThorough ? machines : machines.slice(0, 1))('on %s: found by the kernel', (arch, looked) => {
    for (const runtime of ['runc', 'crun']) {
      const work = policyOf(profile, arch, runtime);
      if (work === undefined) continue;
      const weights = weighCalls(work.policy.architectures, undefined);
      const { space, meant, program } = buildProgram(work, { weights });
      for (const { auditArch } of looked.map((each) => architectures[each])) {
        const wrong = NUMBERS.filter(
          (nr) => isFound(program, nr, auditArch) !== isAlwaysAllowed(space, meant, nr, auditArch),
        );
        expect(wrong).toEqual([]);
      }
    }
  });
});
