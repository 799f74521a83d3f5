import type { RuleCases } from '../cases.ts';

const filter = (rules: string): string =>
  `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "syscalls": [
  ${rules}
]}`;

export const cases: RuleCases = {
  flagged: [
    {
      name: "runc's stub, which answers ENOSYS to the number of socketcall",
      text: filter('{"names": ["read", "socket"], "action": "SCMP_ACT_ALLOW"}'),
      at: ['2:22'],
      messages: [/^socket is allowed, but programs of x86 get no sockets/],
    },
  ],
  clean: [
    {
      name: 'a rule that came over to socketcall',
      text: filter('{"names": ["exit_group", "socket"], "action": "SCMP_ACT_ALLOW"}'),
    },
    {
      name: 'crun, which has no stub',
      text: filter('{"names": ["read", "socket"], "action": "SCMP_ACT_ALLOW"}'),
      options: { runtimes: ['crun'] },
    },
    {
      name: 'socketcall that is denied on purpose',
      text: filter(
        '{"names": ["socketcall"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}, {"names": ["read", "socket"], "action": "SCMP_ACT_ALLOW"}',
      ),
    },
    {
      name: 'no 32-bit programs',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ALLOW"}]}',
    },
  ],
};
