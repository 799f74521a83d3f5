import type { RuleCases } from '../cases.ts';

const rings = `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["io_uring_setup"], "action": "SCMP_ACT_ALLOW"}
]}`;

export const cases: RuleCases = {
  flagged: [
    {
      name: 'names in an allow-list',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["read", "bpf", "ptrace"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['2:22', '2:29'],
      messages: [/^bpf is allowed: it loads programs/, /^ptrace is allowed/],
    },
    {
      name: 'a deny-list, once, if default-allow is less grave',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_ERRNO"}]}`,
      at: ['1:19'],
      messages: [
        /^the default action lets \d+ dangerous calls through that no rule denies: perf_event_open, /,
      ],
    },
    {
      name: 'families of sockets, and namespaces by clone',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_EQ"}]},
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['2:14', '3:14'],
      messages: [/^socket with AF_VSOCK/, /^clone with CLONE_NEWUSER/],
    },
    {
      name: 'two families of sockets that one rule opens, once, and each that has a rule of its own',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 37, "op": "SCMP_CMP_GT"}]},
  {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 21522, "op": "SCMP_CMP_EQ"}]},
  {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 21532, "op": "SCMP_CMP_EQ"}]}
]}`,
      at: ['2:14', '3:14', '4:14'],
      messages: [
        /^socket with AF_ALG and AF_VSOCK is allowed: AF_ALG opens [^;]*; AF_VSOCK talks to /,
        /^ioctl with TIOCSTI is allowed: it types/,
        /^ioctl with TIOCLINUX is allowed: it pastes/,
      ],
      hints: [
        /^do not allow AF_ALG and AF_VSOCK unless the program needs them: .*CVE-2026-31431\); .*\(vsock\(7\)\)$/,
        /^do not allow TIOCSTI unless the program needs it: /,
        /^do not allow TIOCLINUX unless the program needs it: /,
      ],
    },
    {
      name: 'rings, if io-uring-bypass does not run',
      text: rings,
      options: { levels: { 'io-uring-bypass': 'off' } },
      at: ['2:14'],
      messages: [/^io_uring_setup is allowed/],
    },
    {
      name: 'rings, if they bypass nothing',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["bpf"], "action": "SCMP_ACT_ERRNO"}
]}`,
      at: ['1:19'],
      // One more than beside io-uring-bypass.
      messages: [/lets 61 dangerous calls through/],
    },
    {
      name: 'a list of denied ioctls without TIOCSTI',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 21532, "op": "SCMP_CMP_NE"}]}
]}`,
      at: ['2:14'],
      messages: [/^ioctl with TIOCSTI/],
    },
    {
      name: 'a capability that the engine does not read',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}}
]}`,
      options: { engine: 'containerd' },
      at: ['2:14'],
    },
  ],
  clean: [
    {
      name: 'a deny-list of which default-allow speaks',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_ERRNO"}]}`,
      options: { levels: { 'default-allow': 'error' } },
    },
    { name: 'rings of which io-uring-bypass speaks', text: rings },
    {
      name: 'a call that goes with its capability',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}}
]}`,
      options: {
        hosts: [{ arch: 'x86_64', kernel: { kernel: 6, major: 18 }, capabilities: ['CAP_BPF'] }],
      },
    },
    {
      name: 'conditions that leave the dangerous values out, and an ioctl without any',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
   "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 38, "op": "SCMP_CMP_LT"}]},
  {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW"}
]}`,
    },
  ],
};
