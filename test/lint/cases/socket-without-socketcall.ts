import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'on MIPS, whose ENOSYS has another number',
      text: profile([rule('socketcall', 'ALLOW'), rule('socket', 'ALLOW', [arg(0, 'LT', 40)])]),
      options: {
        hosts: [{ arch: 'mipsel', kernel: { kernel: 6, major: 18 }, capabilities: [] }],
        runtimes: ['crun'],
      },
      at: ['2:14'],
      hints: [/"errnoRet": 89 \(ENOSYS\)/],
    },
    {
      name: "Docker's default: socket by domain, socketcall without",
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["socketcall"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_LT"}]}
]}`,
      at: ['2:14'],
      messages: [/^on x86 socketcall lets socket through/],
    },
    {
      name: 'a rule with a comparison, which is lost on the way to socketcall',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_LT"}]}
]}`,
      at: ['2:14'],
    },
    {
      name: 'ipc and a denied call of it',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["ipc"], "action": "SCMP_ACT_ALLOW"},
  {"names": ["shmget"], "action": "SCMP_ACT_ERRNO"}
]}`,
      at: ['2:14'],
      messages: [/^on x86 ipc lets shmget through/],
    },
  ],
  clean: [
    {
      name: 'what the hint says: another answer than the default one',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["socketcall"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_LT"}]}
]}`,
    },
    {
      name: 'the same for ipc, where the default answer is ENOSYS',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["ipc"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
  {"names": ["shmget"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 4096, "op": "SCMP_CMP_LT"}]}
]}`,
    },
    {
      name: 'an architecture without multiplexer',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_LT"}]}
]}`,
    },
    {
      name: 'a call that is open both ways',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["socket", "socketcall"], "action": "SCMP_ACT_ALLOW"}
]}`,
    },
    {
      name: 'a deny-list: libseccomp denies the call in the multiplexer as well',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
  {"names": ["socket"], "action": "SCMP_ACT_ERRNO"}
]}`,
    },
  ],
};
