import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a misspelt name',
      text: profile([rule('read opneat', 'ALLOW')]),
      at: ['2:22'],
      messages: [/opneat/],
    },
    {
      name: 'a function of the C library',
      text: profile([rule('execvp', 'ERRNO')], 'SCMP_ACT_ALLOW'),
      at: ['2:14'],
      messages: [/function of the C library/],
    },
    { name: 'a name with the prefix of a header', text: profile([rule('__NR_read', 'ALLOW')]), at: ['2:14'] },
    {
      name: 'a word that is near nothing',
      text: profile([rule('frobnicate_everything', 'ALLOW')]),
      at: ['2:14'],
    },
  ],
  clean: [
    {
      name: 'calls of any architecture',
      text: profile([rule('read arm_fadvise64_64 s390_pci_mmio_read', 'ALLOW')]),
    },
  ],
};
