import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { allArchitectures } from '../../src/abi/architectures.ts';
import { auditArchByName, auditArchName, auditArchNames } from '../../src/abi/audit-arch.ts';
import { describeWith } from '../oracle/support/require.ts';

describe('auditArchName', () => {
  it('knows the word of every architecture', () => {
    const nameless = allArchitectures.filter(({ auditArch }) => auditArchName(auditArch) === undefined);
    expect(nameless.map(({ name }) => name)).toEqual([]);
    expect(auditArchName(0x40000003)).toBe('AUDIT_ARCH_I386');
  });
});

describeWith(['cc'], 'the words of linux/audit.h', () => {
  it('are those of the header', () => {
    const lines = auditArchNames.map((name) => `#ifdef ${name}\n${name} = ${name}\n#endif`);
    const source = `#include <linux/audit.h>\n#include <linux/elf-em.h>\n${lines
      .map((line) => line.replace(/^(AUDIT\w+) = /m, (_, name: string) => `"${name}" = `))
      .join('\n')}\n`;
    const { stdout } = spawnSync('cc', ['-E', '-P', '-'], { input: source, encoding: 'utf8' });
    const found = [...stdout.matchAll(/^"(\w+)" = (.*)$/gm)];
    expect(found.length).toBeGreaterThan(40);
    for (const [, name = '', expression = ''] of found) {
      const bits = [...expression.matchAll(/0x[0-9a-fA-F]+|\d+/g)].map(([digits]) => Number(digits));
      expect(auditArchByName(name), name).toBe(bits.reduce((word, bit) => (word | bit) >>> 0, 0));
    }
  });
});
