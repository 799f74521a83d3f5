import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  capabilities,
  capabilitiesOfMask,
  capabilitySets,
  findCapability,
} from '../../src/abi/capabilities.ts';
import { skipUnless } from '../oracle/libraries.ts';

const header = '/usr/include/linux/capability.h';
const containersConf = '/usr/share/containers/containers.conf';

describe('capabilities', () => {
  it('numbers them by place', () => {
    expect(capabilities).toHaveLength(41);
    expect([capabilities[0], capabilities[21], capabilities[40]]).toEqual([
      'CAP_CHOWN',
      'CAP_SYS_ADMIN',
      'CAP_CHECKPOINT_RESTORE',
    ]);
  });

  it.each([
    ['CAP_BPF', 'CAP_BPF'],
    ['bpf', 'CAP_BPF'],
    ['cap_sys_admin', 'CAP_SYS_ADMIN'],
    ['Net_Raw', 'CAP_NET_RAW'],
    ['CAP_CAP_BPF', undefined],
    ['CAP_', undefined],
    ['', undefined],
    ['ALL', undefined],
  ])('finds %j as %s', (spelling, name) => {
    expect(findCapability(spelling)).toBe(name);
  });

  it.each([
    // CapBnd of ordinary containers: docker run, podman run, as /proc/self/status shows it there.
    ['docker', 0xa80425fbn],
    ['podman', 0x800405fbn],
    ['all', 0x1ffffffffffn],
    ['none', 0n],
  ] as const)('the set %s is the mask %s', (set, mask) => {
    expect(capabilitiesOfMask(mask)).toEqual(capabilitySets[set]);
  });

  it('leaves bits without a name out', () => {
    expect(capabilitiesOfMask((1n << 63n) | (1n << 41n) | 1n)).toEqual(['CAP_CHOWN']);
  });
});

describe.skipIf(skipUnless(existsSync(header)))(
  'capabilities and linux/capability.h (linux-libc-dev)',
  () => {
    it('has every name with its number', () => {
      const defines = [...readFileSync(header, 'utf8').matchAll(/^#define (CAP_\w+)\s+(\d+)$/gm)];
      expect(defines.length).toBe(capabilities.length);
      for (const [, name = '', nr] of defines) expect(capabilities[Number(nr)]).toBe(name);
    });
  },
);

describe.skipIf(skipUnless(existsSync(containersConf)))(
  'capabilitySets and the installed containers.conf',
  () => {
    it('podman is its default_capabilities', () => {
      const list =
        /^#?\s*default_capabilities = \[([^\]]*)\]/m.exec(readFileSync(containersConf, 'utf8'))?.[1] ?? '';
      const names = [...list.matchAll(/"(\w+)"/g)].map((match) => findCapability(match[1] ?? ''));
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names)).toEqual(new Set(capabilitySets.podman));
    });
  },
);
