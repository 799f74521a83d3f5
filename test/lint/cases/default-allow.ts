import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'SCMP_ACT_ALLOW, with the dangers that it opens on any host',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_ERRNO"}]}`,
      options: {
        hosts: (['aarch64', 'x86_64'] as const).map((arch) => ({
          arch,
          kernel: { kernel: 6, major: 18 },
          capabilities: [],
        })),
      },
      at: ['1:19'],
      messages: [
        /get through; it lets \d+ dangerous calls through that no rule denies: perf_event_open, .* and \d+ more \(oci-seccomp report shows all\)$/,
      ],
      hints: [/deny by default .*, or at least deny the dangerous calls by name$/],
    },
    {
      name: 'SCMP_ACT_LOG in a bundle',
      text: '{"ociVersion": "1.0.0", "linux": {"seccomp":\n  {"defaultAction": "SCMP_ACT_LOG"}}}',
      at: ['2:21'],
    },
  ],
  clean: [
    { name: 'a deny by default', text: '{"defaultAction": "SCMP_ACT_ERRNO"}' },
    { name: 'a supervisor by default', text: '{"defaultAction": "SCMP_ACT_TRACE"}' },
  ],
};
