import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

const crun = { options: { runtimes: ['crun'] } };

export const cases: RuleCases = {
  flagged: [
    {
      name: 'clone3 denied by name',
      text: profile([rule('clone3', 'ERRNO', [], ', "errnoRet": 1')], 'SCMP_ACT_ALLOW'),
      at: ['2:14'],
      messages: [/^clone3 gets ERRNO EPERM \(1\), not ENOSYS/],
    },
    {
      name: 'what the default denies under crun',
      text: profile([rule('clone faccessat', 'ALLOW')]),
      ...crun,
      at: ['1:19'],
      messages: [/^clone3 and faccessat2 get/],
    },
    {
      name: 'a default that kills',
      text: profile([rule('clone', 'ALLOW')], 'SCMP_ACT_KILL_PROCESS'),
      ...crun,
      at: ['1:19'],
      messages: [/KILL_PROCESS/],
    },
    {
      name: 'a call below the largest that is named, under runc',
      text: profile([rule('clone fchmodat2', 'ALLOW')]),
      at: ['1:19'],
      messages: [/^clone3 gets/],
    },
    {
      name: "x86's ENOSYS on MIPS, where it is another error",
      text: profile([rule('clone3', 'ERRNO', [], ', "errnoRet": 38')], 'SCMP_ACT_ALLOW'),
      options: {
        hosts: [{ arch: 'mipsel64', kernel: { kernel: 6, major: 18 }, capabilities: [] }],
        runtimes: ['crun'],
      },
      at: ['2:14'],
      messages: [/^clone3 gets ERRNO EL2NSYNC \(38\), not ENOSYS/],
      hints: [/"errnoRet": 89 \(ENOSYS\)/],
    },
  ],
  clean: [
    {
      name: 'a call that the runtime itself needs, of which cannot-start speaks',
      text: profile([rule('execve newfstatat fchmodat2', 'ALLOW')]),
    },
    {
      name: 'calls beyond the largest that is named, which runc answers ENOSYS',
      text: profile([rule('clone faccessat', 'ALLOW')]),
    },
    {
      name: 'ENOSYS by name',
      text: profile([rule('clone3', 'ERRNO', [], ', "errnoRet": 38')], 'SCMP_ACT_ALLOW'),
    },
    {
      name: 'ENOSYS by default',
      text: profile([rule('clone', 'ALLOW')], 'SCMP_ACT_ERRNO', '"defaultErrnoRet": 38, '),
      ...crun,
    },
    {
      name: 'ENOSYS as MIPS numbers it',
      text: profile([rule('clone3', 'ERRNO', [], ', "errnoRet": 89')], 'SCMP_ACT_ALLOW'),
      options: {
        hosts: [{ arch: 'mipsel64', kernel: { kernel: 6, major: 18 }, capabilities: [] }],
        runtimes: ['crun'],
      },
    },
    { name: 'a profile that denies the older call too', text: profile([rule('read', 'ALLOW')]), ...crun },
  ],
};
