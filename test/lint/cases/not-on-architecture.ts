import type { RuleCases } from '../cases.ts';
import { profile, rule, withX86 } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'open on aarch64',
      text: profile([rule('open', 'ERRNO')], 'SCMP_ACT_ALLOW', '"architectures": ["SCMP_ARCH_AARCH64"], '),
      options: { hosts: [{ arch: 'aarch64', kernel: { kernel: 6, major: 1 }, capabilities: [] }] },
      at: ['2:3'],
      messages: [/open exists on no architecture/],
    },
    {
      name: 'two calls of s390 on x86_64',
      text: profile(
        [rule('read', 'ALLOW'), rule('s390_pci_mmio_read s390_pci_mmio_write', 'ALLOW')],
        'SCMP_ACT_ERRNO',
        withX86,
      ),
      at: ['3:3'],
    },
    {
      name: 'a profile for any machine, looked at for another',
      text: profile([rule('s390_pci_mmio_read', 'ALLOW')]),
      at: ['2:3'],
      messages: [/decides nothing on the hosts that lint looked at: x86_64 has no s390_pci_mmio_read/],
    },
  ],
  clean: [
    {
      name: 'a call of a sub-architecture',
      text: profile([rule('chown32', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86),
    },
    {
      name: 'a name among others that are there',
      text: profile([rule('read s390_pci_mmio_read', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86),
    },
    {
      name: 'a profile for any machine that was looked at for that one',
      text: profile([rule('s390_pci_mmio_read', 'ALLOW')]),
      options: { hosts: [{ arch: 's390x', kernel: { kernel: 6, major: 1 }, capabilities: [] }] },
    },
    {
      name: 'a rule for another machine',
      text: profile(
        [rule('s390_pci_mmio_read', 'ALLOW', [], ', "includes": {"arches": ["s390x"]}')],
        'SCMP_ACT_ERRNO',
        '"archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []}], ',
      ),
    },
    { name: 'a call within socketcall', text: profile([rule('accept', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86) },
  ],
};
