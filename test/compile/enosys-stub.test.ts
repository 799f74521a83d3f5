/**
 * The stub's equality with runc's is tested in test/oracle; here is what runc cannot be made to show.
 */
import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { buildEnosysStub } from '../../src/compile/enosys-stub.ts';
import type { EnosysSection } from '../../src/policy/policy.ts';

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
      const stub = buildEnosysStub([...sections.values()]);
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
});
