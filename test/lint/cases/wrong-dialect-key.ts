import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'conditions in a bundle',
      text: `{"ociVersion": "1.0.0", "linux": {"seccomp": ${profile([rule('bpf', 'ALLOW', [], ', "includes": {"caps": ["CAP_BPF"]}')])}}}`,
      at: ['2:50'],
    },
  ],
  clean: [
    {
      name: 'conditions in a profile of Docker',
      text: profile([rule('bpf', 'ALLOW', [], ', "includes": {"caps": ["CAP_BPF"]}')]),
    },
  ],
};
