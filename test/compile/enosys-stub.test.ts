/**
 * The stub's equality with runc's is tested in test/oracle; here is what runc cannot be made to show.
 */
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/abi/actions.ts';
import { type ArchName, allArchitectures, architectures } from '../../src/abi/architectures.ts';
import { BPF_RET_K } from '../../src/bpf/program.ts';
import { buildEnosysStub } from '../../src/compile/enosys-stub.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { createSpace } from '../../src/decision/space.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import type { EnosysSection, Policy } from '../../src/policy/policy.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';

describe('buildEnosysStub', () => {
  it.each(['little', 'big'] as const)(
    'needs no long jump for all %s endian architectures at once',
    (endian) => {
      const sections = new Map<number, EnosysSection>();
      for (const { name, auditArch, endian: order } of allArchitectures) {
        if (order !== endian) continue;
        const limits = [...(sections.get(auditArch)?.limits ?? []), { arch: name, maxNr: 400 }];
        sections.set(auditArch, { auditArch, limits });
      }
      const stub = buildEnosysStub([...sections.values()], actions.errno.word | 38);
      expect(stub.length).toBeLessThanOrEqual(66);
      for (const [at, { code, jt, jf, k }] of stub.entries()) {
        // The kernel takes u8 distances; all must land inside the stub or on the filter's first instruction.
        const targets = code === 0x05 ? [k] : [jt, jf];
        for (const distance of targets) {
          expect(distance).toBeLessThanOrEqual(255);
          expect(at + 1 + distance).toBeLessThanOrEqual(stub.length);
        }
      }
    },
  );

  // No table has such numbers, but a stub may: at the last one nothing is left that it answers.
  it.each([
    ['arm', 38],
    ['x86_64', 38],
    ['x32', 38],
    ['s390x', 38],
    ['mips64', 89],
    ['mipsel', 89],
  ] as const)('does at the ends of numbers what is said of %s, with errno %i', (arch, errno) => {
    for (const maxNr of [0, 0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, 0xbfff_ffff, 0xffff_fffe, 0xffff_ffff]) {
      const sections = [{ auditArch: architectures[arch].auditArch, limits: [{ arch, maxNr }] }];
      const space = createSpace();
      const policy = allowing(arch, sections);
      const said = decidePolicy(space, policy, expandPolicy(policy, newestTable));
      const filter = { code: BPF_RET_K, jt: 0, jf: 0, k: actions.allow.word };
      const { endian } = architectures[arch];
      const done = decideProgram(
        space,
        [...buildEnosysStub(sections, actions.errno.word | errno), filter],
        endian,
      );
      expect(said === done, `${arch} ${maxNr.toString(16)}`).toBe(true);
    }
  });
});

function allowing(arch: ArchName, enosysStub: readonly EnosysSection[]): Policy {
  const { word } = actions.allow;
  return {
    ...{
      runtime: parseRuntime('plain'),
      architectures: [arch],
      rules: [],
      enosysStub,
      flags: [],
      optimize: 1,
    },
    ...{ defaultAction: word, badArchAction: word },
  };
}
